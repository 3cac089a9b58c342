import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository, SelectQueryBuilder } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { AuditEntry, type AuditObjectKind, type AuditOutcome } from './audit-entry.entity';

export type NewAuditEntry = Omit<AuditEntry, 'id' | 'atMs'>;

/** Which entries are wanted; absent: all. */
export interface AuditFilter {
  /** Id of somebody, or the whole name of an actor. */
  actor?: { id: string } | { name: string };
  /** A whole action, or with a dot at its end all that begin so: `project.`. */
  action?: string;
  object?: { kind: AuditObjectKind; id?: string };
  outcome?: AuditOutcome;
  sinceMs?: number;
  /** Before this moment. */
  untilMs?: number;
}

const MOST_DELETED_AT_ONCE = 1000;

/** The table `audit`. All lists go by the number of the row, newest first. */
@Injectable()
export class AuditRepository {
  private readonly now: string;
  /** Before a column by whose index the rows would not come in their order: SQLite would sort all of them for one page. */
  private readonly unsorted: string;

  constructor(@InjectRepository(AuditEntry) private readonly entries: Repository<AuditEntry>) {
    const dialect = dialectOf(entries.manager.connection.options);
    this.now = NOW_MS[dialect];
    this.unsorted = dialect === 'sqlite' ? '+' : '';
  }

  async add(entries: readonly NewAuditEntry[]): Promise<void> {
    const values = entries.map((entry) => ({ ...entry, atMs: () => this.now }));
    await repeatWhileBusy(() => this.entries.createQueryBuilder().insert().values(values).updateEntity(false).execute());
  }

  /** @param beforeId entries older than this one; null: from the newest. */
  async list(filter: AuditFilter, beforeId: number | null, limit: number): Promise<AuditEntry[]> {
    const query = await this.matching(filter);
    if (!query) return [];
    if (beforeId !== null) query.andWhere('entry.id < :beforeId', { beforeId });
    return query.orderBy('entry.id', 'DESC').limit(limit).getMany();
  }

  /** The page of newer entries that ends where this one begins, newest first. */
  async listNewer(filter: AuditFilter, afterId: number, limit: number): Promise<AuditEntry[]> {
    const query = await this.matching(filter);
    if (!query) return [];
    const oldestFirst = await query.andWhere('entry.id > :afterId', { afterId }).orderBy('entry.id', 'ASC').limit(limit).getMany();
    return oldestFirst.toReversed();
  }

  /** The name of somebody whose account is gone. What was done stays. */
  async blank(personId: string): Promise<void> {
    await repeatWhileBusy(() => this.entries.update({ actorId: personId }, { actorName: '' }));
    await repeatWhileBusy(() => this.entries.update({ objectKind: 'person', objectId: personId }, { objectName: '' }));
  }

  /** People whose account is gone, and whose names still stand here. */
  async findGone(most: number): Promise<string[]> {
    const gone = (column: string, name: string, more: string) =>
      `SELECT DISTINCT ${column} AS id FROM audit WHERE ${column} IS NOT NULL AND ${name} <> '' ${more}
       AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = audit.${column})`;
    const rows = await this.entries.query<{ id: string }[]>(
      `${gone('actor_id', 'actor_name', '')} UNION ${gone('object_id', 'object_name', "AND object_kind = 'person'")} LIMIT ${most}`,
    );
    return rows.map(({ id }) => id);
  }

  /** Addresses that were typed to log in, or behind a command, and that no account has any more. */
  async blankTyped(): Promise<void> {
    await repeatWhileBusy(() =>
      this.entries.query(
        `UPDATE audit SET object_name = '' WHERE object_name <> ''
         AND ((action = 'account.log-in' AND outcome = 'refused')
           OR (object_kind = 'person' AND object_id IS NULL AND object_name LIKE '%@%'))
         AND NOT EXISTS (SELECT 1 FROM users u WHERE u.email = LOWER(object_name))`,
      ),
    );
  }

  async countBefore(beforeMs: number): Promise<number> {
    return this.entries.createQueryBuilder('entry').where('entry.at_ms < :beforeMs', { beforeMs }).getCount();
  }

  /** In batches, so that nobody waits for a long statement. */
  async deleteBefore(beforeMs: number): Promise<void> {
    for (;;) {
      const old = await this.entries
        .createQueryBuilder('entry')
        .select('entry.id')
        .where('entry.at_ms < :beforeMs', { beforeMs })
        .orderBy('entry.at_ms')
        .limit(MOST_DELETED_AT_ONCE)
        .getMany();
      if (old.length === 0) return;
      await repeatWhileBusy(() => this.entries.delete(old.map(({ id }) => id)));
    }
  }

  /** Times are turned into numbers of rows first: then every list follows one index. @returns null for nothing at all. */
  private async matching({
    actor,
    action,
    object,
    outcome,
    sinceMs,
    untilMs,
  }: AuditFilter): Promise<SelectQueryBuilder<AuditEntry> | null> {
    const query = this.entries.createQueryBuilder('entry').where('1 = 1');
    if (actor && 'id' in actor) query.andWhere('entry.actor_id = :actorId', { actorId: actor.id });
    else if (actor) query.andWhere('entry.actor_name = :actorName', { actorName: actor.name });
    if (action?.endsWith('.'))
      query.andWhere(`${this.unsorted}entry.action > :from AND ${this.unsorted}entry.action < :to`, {
        from: action,
        to: `${action.slice(0, -1)}/`,
      });
    else if (action !== undefined) query.andWhere('entry.action = :action', { action });
    if (object) query.andWhere(`${object.id === undefined ? this.unsorted : ''}entry.object_kind = :kind`, { kind: object.kind });
    if (object?.id !== undefined) query.andWhere('entry.object_id = :objectId', { objectId: object.id });
    // Nearly all was done, and few are left where anything else is asked for too: only then its own index is the best.
    const isRare = outcome !== 'done' && !actor && (action?.endsWith('.') ?? true) && object?.id === undefined;
    if (outcome) query.andWhere(`${isRare ? '' : this.unsorted}entry.outcome = :outcome`, { outcome });
    const fromId = sinceMs === undefined ? null : await this.firstFrom(sinceMs);
    const toId = untilMs === undefined ? null : await this.firstFrom(untilMs);
    if (sinceMs !== undefined && fromId === null) return null;
    if (fromId !== null) query.andWhere('entry.id >= :fromId', { fromId });
    if (toId !== null) query.andWhere('entry.id < :toId', { toId });
    return query;
  }

  /** The first row of a moment or later. */
  private async firstFrom(atMs: number): Promise<number | null> {
    const first = await this.entries
      .createQueryBuilder('entry')
      .where('entry.at_ms >= :atMs', { atMs })
      .orderBy('entry.at_ms')
      .addOrderBy('entry.id')
      .limit(1)
      .getOne();
    return first?.id ?? null;
  }
}
