import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Quota, type QuotaSubject } from './quota.entity';

/** The limits that a quota may name. */
export const QUOTA_NAMES = ['bytes', 'files', 'uploadBytes', 'projects', 'runsAtOnce', 'waiting'] as const;
export type QuotaName = (typeof QUOTA_NAMES)[number];
/** Null: as without; 0: no limit. */
export type QuotaValues = Record<QuotaName, number | null>;

/** Somebody to whom one limit applies that is not the site's. */
export interface Exception {
  userId: string;
  value: number;
}

const COLUMNS: Record<QuotaName, string> = {
  bytes: 'bytes',
  files: 'files',
  uploadBytes: 'upload_bytes',
  projects: 'projects',
  runsAtOnce: 'runs_at_once',
  waiting: 'waiting',
};

/** Of people and groups that are gone. */
const USELESS = `(subject = 'person' AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = quotas.subject_id))
  OR (subject = 'group' AND NOT EXISTS (SELECT 1 FROM \`groups\` g WHERE g.id = quotas.subject_id))`;

/** No limit is the largest. @returns null where nothing is said. */
export function largest(values: readonly (number | null)[]): number | null {
  const said = values.filter((value) => value !== null);
  if (said.length === 0) return null;
  return said.includes(0) ? 0 : Math.max(...said);
}

/** The table `quotas`. */
@Injectable()
export class QuotasRepository {
  private readonly now: string;

  constructor(@InjectRepository(Quota) private readonly quotas: Repository<Quota>) {
    this.now = NOW_MS[dialectOf(quotas.manager.connection.options)];
  }

  find(subject: QuotaSubject, subjectId: string): Promise<Quota | null> {
    return this.quotas.findOneBy({ subject, subjectId });
  }

  /** Of the person, and of the groups that they are in. */
  allFor(userId: string): Promise<Quota[]> {
    return this.quotas
      .createQueryBuilder('quota')
      .where(`(quota.subject = 'person' AND quota.subject_id = :userId)`, { userId })
      .orWhere(`(quota.subject = 'group' AND quota.subject_id IN (SELECT m.group_id FROM group_members m WHERE m.user_id = :userId))`)
      .getMany();
  }

  /** Everybody to whom another limit applies than the site's: by their own row, else by the largest of their groups. */
  async exceptionsTo(name: QuotaName): Promise<Exception[]> {
    const column = COLUMNS[name];
    const rows = await this.quotas.query<{ user_id: string; value: number | string; own: number | string }[]>(
      `SELECT subject_id AS user_id, ${column} AS value, 1 AS own FROM quotas WHERE subject = 'person' AND ${column} IS NOT NULL
       UNION ALL
       SELECT m.user_id, q.${column}, 0 FROM quotas q JOIN group_members m ON m.group_id = q.subject_id
       WHERE q.subject = 'group' AND q.${column} IS NOT NULL`,
    );
    const said = new Map<string, { own: number | null; ofGroups: number[] }>();
    for (const { user_id, value, own } of rows) {
      const known = said.get(user_id) ?? { own: null, ofGroups: [] };
      said.set(user_id, known);
      if (Number(own) === 1) known.own = Number(value);
      else known.ofGroups.push(Number(value));
    }
    return [...said].map(([userId, { own, ofGroups }]) => ({ userId, value: own ?? largest(ofGroups) ?? 0 }));
  }

  /** Those of these people who are guests. */
  async guestsAmong(userIds: readonly string[]): Promise<string[]> {
    if (userIds.length === 0) return [];
    const rows = await this.quotas.query<{ id: string }[]>(
      `SELECT id FROM users WHERE kind = 'guest' AND id IN (${userIds.map(() => '?').join(', ')})`,
      [...userIds],
    );
    return rows.map(({ id }) => id);
  }

  /** Writes all of them; a row that says nothing goes. */
  async write(subject: QuotaSubject, subjectId: string, values: QuotaValues): Promise<void> {
    if (QUOTA_NAMES.every((name) => values[name] === null)) return this.forget(subject, subjectId);
    const row = { subject, subjectId, ...values, changedMs: () => this.now };
    const columns = [...QUOTA_NAMES.map((name) => COLUMNS[name]), 'changed_ms'];
    await repeatWhileBusy(() =>
      this.quotas.createQueryBuilder().insert().values(row).orUpdate(columns, ['subject', 'subject_id']).updateEntity(false).execute(),
    );
  }

  async countUseless(): Promise<number> {
    const [row] = await this.quotas.query<{ count: number | string }[]>(`SELECT COUNT(*) AS count FROM quotas WHERE ${USELESS}`);
    return Number(row?.count ?? 0);
  }

  async deleteUseless(): Promise<void> {
    await repeatWhileBusy(() => this.quotas.query(`DELETE FROM quotas WHERE ${USELESS}`));
  }

  async forget(subject: QuotaSubject, subjectId: string): Promise<void> {
    await repeatWhileBusy(() => this.quotas.delete({ subject, subjectId }));
  }
}
