import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { likeWords } from '../database/search-words';
import type { Asker } from './asker';
import { ProjectMember, type ProjectRole } from './project-member.entity';

const ORDERS = {
  changed: 'p.changed_ms DESC, p.id',
  name: 'LOWER(p.name), p.id',
  created: 'p.created_ms DESC, p.id',
} as const;

/** Which projects of others somebody wants to see. */
export interface SharedFilter {
  /** Each has to be in the name of the project or of its owner. */
  words: readonly string[];
  /** `changed`: last changed first; `created`: newest first. */
  order: keyof typeof ORDERS;
}

/** A project of somebody else that was shared with the reader by name. */
export interface SharedProject {
  id: string;
  name: string;
  changedMs: number;
  /** Display name. */
  ownerName: string;
  role: ProjectRole;
}

/** Where a part of a list that begins with what was changed last has ended. */
export interface ListPosition {
  changedMs: number;
  id: string;
}

interface Part {
  sql: string;
  values: (string | number)[];
}

/**
 * The projects that are shared with somebody, a page at a time. Rows of an address are not looked at: see `Memberships.claimed`. Of an
 * account whose end was asked for nothing is listed.
 */
@Injectable()
export class SharedProjectsRepository {
  constructor(@InjectRepository(ProjectMember) private readonly members: Repository<ProjectMember>) {}

  async count(asker: Asker, words: readonly string[] = []): Promise<number> {
    const { sql, values } = among(asker, words);
    const [row] = await this.members.query<{ count: number | string }[]>(`SELECT COUNT(*) AS count ${sql}`, values);
    return Number(row?.count ?? 0);
  }

  /** @param from how many to pass over. */
  page(asker: Asker, { words, order }: SharedFilter, from: number, most: number): Promise<SharedProject[]> {
    return this.read(among(asker, words), order, `LIMIT ${Math.trunc(most)} OFFSET ${Math.trunc(from)}`);
  }

  /** Last changed first. @param last of those before; null: from the beginning. */
  after(asker: Asker, words: readonly string[], last: ListPosition | null, most: number): Promise<SharedProject[]> {
    const { sql, values } = among(asker, words);
    const rest = last
      ? {
          sql: `${sql} AND (p.changed_ms < ? OR (p.changed_ms = ? AND p.id > ?))`,
          values: [...values, last.changedMs, last.changedMs, last.id],
        }
      : { sql, values };
    return this.read(rest, 'changed', `LIMIT ${Math.trunc(most)}`);
  }

  private async read({ sql, values }: Part, order: keyof typeof ORDERS, limit: string): Promise<SharedProject[]> {
    // Names of owners are looked up for what is shown, and not for all that is put in order.
    const rows = await this.members.query<Record<'id' | 'name' | 'owner_name' | 'changed_ms' | 'may_run', string | number>[]>(
      `SELECT p.id AS id, p.name AS name, p.changed_ms AS changed_ms, u.display_name AS owner_name, p.may_run AS may_run FROM (
         SELECT p.id, p.name, p.created_ms, p.changed_ms, p.owner_id, s.may_run ${sql} ORDER BY ${ORDERS[order]} ${limit}) p
       CROSS JOIN users u ON u.id = p.owner_id ORDER BY ${ORDERS[order]}`,
      values,
    );
    return rows.map(({ id, name, owner_name, changed_ms, may_run }) => ({
      id: String(id),
      name: String(name),
      changedMs: Number(changed_ms),
      ownerName: String(owner_name),
      role: Number(may_run) === 1 ? 'run' : 'read',
    }));
  }
}

/** The order of the tables stands: SQLite knows of none how long it is, and would begin with all projects or all people. */
function among({ id, groupIds }: Asker, words: readonly string[]): Part {
  const groups = [...groupIds];
  const called = words.map(() => `AND (LOWER(p.name) LIKE ? ESCAPE '!' OR LOWER(owner.display_name) LIKE ? ESCAPE '!')`);
  return {
    sql: `
      FROM (${membersOf(groups.length)}) s CROSS JOIN projects p ON p.id = s.project_id
      ${words.length > 0 ? 'CROSS JOIN users owner ON owner.id = p.owner_id' : ''}
      WHERE p.owner_id <> ? AND p.owner_id NOT IN (SELECT l.id FROM users l WHERE l.leaving_ms IS NOT NULL) ${called.join(' ')}`,
    values: [id, ...groups, id, ...words.flatMap((word) => [likeWords(word), likeWords(word)])],
  };
}

/** Each project once. Whoever is in no group is in each by one row, and to put thousands together costs as much as to find them. */
function membersOf(groups: number): string {
  const rows = `FROM project_members m WHERE (m.kind = 'person' AND m.subject = ?)`;
  const mayRun = `CASE WHEN m.role = 'run' THEN 1 ELSE 0 END`;
  if (groups === 0) return `SELECT m.project_id, ${mayRun} AS may_run ${rows}`;
  const ofGroups = `OR (m.kind = 'group' AND m.subject IN (${Array.from({ length: groups }, () => '?').join(', ')}))`;
  return `SELECT m.project_id, MAX(${mayRun}) AS may_run ${rows} ${ofGroups} GROUP BY m.project_id`;
}
