import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, Not, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { OwnerTransactions } from '../database/owner-transactions';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import type { WrittenMail } from '../mail/run-mails';
import { UNDO_MS } from '../undo-time';
import { Schedule } from './schedule.entity';

export type NewSchedule = Omit<Schedule, 'pausedMs' | 'toldMs' | 'createdMs' | 'deletedMs'>;
/** What its page changes. */
export type ScheduleChange = Partial<Pick<Schedule, 'name' | 'cron' | 'timeZone' | 'skipsRunning' | 'entries' | 'nextMs'>>;

/** Numbers in one IN list. */
const MOST_AT_ONCE = 500;

/** The rows of schedules. */
@Injectable()
export class SchedulesRepository {
  private readonly now: string;

  constructor(
    @InjectRepository(Schedule) private readonly schedules: Repository<Schedule>,
    private readonly transactions: OwnerTransactions,
  ) {
    this.now = NOW_MS[dialectOf(schedules.manager.connection.options)];
  }

  async add(schedule: NewSchedule): Promise<void> {
    const values = { ...schedule, pausedMs: null, toldMs: null, deletedMs: null, createdMs: () => this.now };
    await repeatWhileBusy(() =>
      this.schedules
        .createQueryBuilder()
        .insert()
        .values(values as object)
        .execute(),
    );
  }

  find(projectId: string, id: string): Promise<Schedule | null> {
    return this.schedules.findOneBy({ projectId, id, deletedMs: IsNull() });
  }

  /** Those that were deleted as well. */
  findByIds(ids: readonly string[]): Promise<Schedule[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.schedules.findBy({ id: In([...ids]) });
  }

  /** The next first; paused ones last. */
  async ofProject(projectId: string): Promise<Schedule[]> {
    return inOrder(await this.schedules.findBy({ projectId, deletedMs: IsNull() }));
  }

  /** Likewise. */
  async ofOwner(ownerId: string): Promise<Schedule[]> {
    return inOrder(await this.schedules.findBy({ ownerId, deletedMs: IsNull() }));
  }

  /** All that will start, the next first. */
  coming(limit: number): Promise<Schedule[]> {
    return this.schedules.find({ where: { nextMs: Not(IsNull()) }, order: { nextMs: 'ASC', id: 'ASC' }, take: limit });
  }

  /** Those of a person that will start, the next first. @param whose `mine`: made by the person; `all`: also those in projects of theirs. */
  comingFor(personId: string, whose: 'mine' | 'all', limit: number): Promise<Schedule[]> {
    const inOwn = whose === 'all' ? ' OR schedule.project_id IN (SELECT id FROM projects WHERE owner_id = :personId)' : '';
    return this.schedules
      .createQueryBuilder('schedule')
      .where('schedule.next_ms IS NOT NULL')
      .andWhere(`(schedule.owner_id = :personId${inOwn})`, { personId })
      .orderBy('schedule.next_ms')
      .addOrderBy('schedule.id')
      .take(limit)
      .getMany();
  }

  countOfOwner(ownerId: string): Promise<number> {
    return this.schedules.countBy({ ownerId, deletedMs: IsNull() });
  }

  /** Those whose time has come, the longest waiting first. */
  due(limit: number): Promise<Schedule[]> {
    return this.schedules
      .createQueryBuilder('schedule')
      .where(`schedule.next_ms <= ${this.now}`)
      .orderBy('schedule.next_ms')
      .addOrderBy('schedule.id')
      .take(limit)
      .getMany();
  }

  async change(id: string, change: ScheduleChange): Promise<void> {
    await repeatWhileBusy(() => this.schedules.update({ id, deletedMs: IsNull() }, change as object));
  }

  /** Sets the next time, unless somebody else has set it meanwhile, or changed, paused or deleted the schedule. */
  async advance({ id, nextMs }: Pick<Schedule, 'id' | 'nextMs'>, next: number | null): Promise<void> {
    if (nextMs !== null) await repeatWhileBusy(() => this.schedules.update({ id, nextMs }, { nextMs: next }));
  }

  /** @returns false where it was paused already. */
  async pause(id: string): Promise<boolean> {
    const change = { pausedMs: () => this.now, nextMs: null };
    const { affected } = await repeatWhileBusy(() => this.schedules.update({ id, pausedMs: IsNull() }, change));
    return (affected ?? 0) > 0;
  }

  /** Goes on, with nothing that passed meanwhile. @returns false where it was not paused. */
  async resume(id: string, nextMs: number | null): Promise<boolean> {
    const change = { pausedMs: null, toldMs: null, nextMs };
    const { affected } = await repeatWhileBusy(() => this.schedules.update({ id, pausedMs: Not(IsNull()), deletedMs: IsNull() }, change));
    return (affected ?? 0) > 0;
  }

  /** With the end of an account: whoever comes back finds them paused. */
  async pauseAllOf(ownerId: string): Promise<void> {
    const where = { ownerId, nextMs: Not(IsNull()) };
    await repeatWhileBusy(() => this.schedules.update(where, { pausedMs: () => this.now, nextMs: null }));
  }

  existActiveOf(ownerId: string): Promise<boolean> {
    return this.schedules.existsBy({ ownerId, nextMs: Not(IsNull()) });
  }

  /** @returns whether there was one. */
  async delete(projectId: string, id: string): Promise<boolean> {
    const change = { deletedMs: () => this.now, nextMs: null };
    const { affected } = await repeatWhileBusy(() => this.schedules.update({ projectId, id, deletedMs: IsNull() }, change));
    return (affected ?? 0) > 0;
  }

  /** One that was deleted a short while ago; null where that was long ago. */
  async findDeleted(projectId: string, id: string): Promise<Schedule | null> {
    return this.schedules
      .createQueryBuilder('schedule')
      .where({ projectId, id })
      .andWhere(`schedule.deleted_ms > ${this.now} - ${UNDO_MS}`)
      .getOne();
  }

  /** @param nextMs null where it was paused. */
  async restore(id: string, nextMs: number | null): Promise<void> {
    await repeatWhileBusy(() => this.schedules.update({ id }, { deletedMs: null, nextMs }));
  }

  /** The mail and the mark that it was written, both or neither; nothing where somebody was told before. */
  async tell(
    { id, ownerId }: Pick<Schedule, 'id' | 'ownerId'>,
    recipient: string,
    { subject, textBody, htmlBody }: WrittenMail,
  ): Promise<void> {
    const isUntold = 'EXISTS (SELECT 1 FROM schedules WHERE id = :id AND told_ms IS NULL)';
    await this.transactions.run(
      ownerId,
      [
        `INSERT INTO mails (run_id, kind, attempt, recipient, subject, text_body, html_body, created_ms, next_try_ms, tries)
         SELECT NULL, 'schedule', 0, :recipient, :subject, :textBody, :htmlBody, ${this.now}, ${this.now}, 0 FROM users
         WHERE users.id = :ownerId AND ${isUntold}`,
        `UPDATE schedules SET told_ms = ${this.now} WHERE id = :id AND told_ms IS NULL`,
      ],
      { id, recipient, subject, textBody, htmlBody },
    );
  }

  /** After a start: should it ever not start again, that is told anew. */
  async untell(id: string): Promise<void> {
    await repeatWhileBusy(() => this.schedules.update({ id, toldMs: Not(IsNull()) }, { toldMs: null }));
  }

  /** Of people and projects that are gone, and those that were deleted. */
  async useless(): Promise<string[]> {
    const rows = await this.schedules.query<{ id: string }[]>(
      `SELECT s.id AS id FROM schedules s WHERE s.deleted_ms <= ${this.now} - ${UNDO_MS}
       OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id = s.owner_id) OR NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = s.project_id)`,
    );
    return rows.map(({ id }) => id);
  }

  async deleteAll(ids: readonly string[]): Promise<void> {
    for (let index = 0; index < ids.length; index += MOST_AT_ONCE) {
      await repeatWhileBusy(() => this.schedules.delete({ id: In(ids.slice(index, index + MOST_AT_ONCE)) }));
    }
  }
}

function inOrder(schedules: readonly Schedule[]): Schedule[] {
  return schedules.toSorted((one, other) => (one.nextMs ?? Infinity) - (other.nextMs ?? Infinity) || (one.name < other.name ? -1 : 1));
}
