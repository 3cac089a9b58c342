import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, LessThan, Not, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { inParts } from '../database/in-parts';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { keepSentences } from '../kept-sentences';
import { LIVE_STATES } from '../queue/run-state';
import { words } from '../queue/queue-sql';
import { ScheduleTick, type Reason } from './schedule.entity';

/** A time that one process has taken. */
export type TickClaim = Pick<ScheduleTick, 'scheduleId' | 'tickMs' | 'claim'>;

const MOST_WHY = 1000;

/** What became of the times of schedules: one row a time, which whoever writes it first has taken. */
@Injectable()
export class ScheduleTicksRepository {
  private readonly now: string;
  private readonly ignore: string;

  constructor(@InjectRepository(ScheduleTick) private readonly ticks: Repository<ScheduleTick>) {
    const dialect = dialectOf(ticks.manager.connection.options);
    this.now = NOW_MS[dialect];
    this.ignore = dialect === 'sqlite' ? 'OR IGNORE' : 'IGNORE';
  }

  /** Takes a time. @returns null where another process was quicker. */
  async claim(scheduleId: string, tickMs: number): Promise<TickClaim | null> {
    const claim = randomUUID();
    await this.insert(scheduleId, tickMs, claim, 'claimed', 0);
    return (await this.ticks.existsBy({ scheduleId, tickMs, claim })) ? { scheduleId, tickMs, claim } : null;
  }

  /** Notes that nobody was there from this time on; harmless where it stands there. */
  async noteMissed(scheduleId: string, tickMs: number, missed: number): Promise<void> {
    await this.insert(scheduleId, tickMs, randomUUID(), 'missed', missed);
  }

  /** Times that somebody took so long ago that the process must have died, or is stuck. */
  stale(seconds: number, limit: number): Promise<ScheduleTick[]> {
    return this.ticks
      .createQueryBuilder('tick')
      .where("tick.outcome = 'claimed'")
      .andWhere(`tick.at_ms < ${this.now} - ${seconds * 1000}`)
      .orderBy('tick.at_ms')
      .take(limit)
      .getMany();
  }

  /** Takes it over. @returns null where another process was quicker, or it was done after all. */
  async takeOver({ scheduleId, tickMs, claim: before }: TickClaim): Promise<TickClaim | null> {
    const claim = randomUUID();
    const where = { scheduleId, tickMs, claim: before, outcome: 'claimed' as const };
    await repeatWhileBusy(() => this.ticks.update(where, { claim, atMs: () => this.now }));
    return (await this.ticks.existsBy({ scheduleId, tickMs, claim })) ? { scheduleId, tickMs, claim } : null;
  }

  /** A run that was started was started, whoever has the time by now. */
  async noteStart({ scheduleId, tickMs }: TickClaim, runId: number): Promise<void> {
    await repeatWhileBusy(() => this.ticks.update({ scheduleId, tickMs }, { outcome: 'started', runId, why: '' }));
  }

  /** @returns whether the time was still this process's. */
  async noteSkip({ scheduleId, tickMs, claim }: TickClaim, reason: Reason): Promise<boolean> {
    const why = keepSentences([reason], MOST_WHY);
    const where = { scheduleId, tickMs, claim, outcome: 'claimed' as const };
    const { affected } = await repeatWhileBusy(() => this.ticks.update(where, { outcome: 'skipped', why }));
    return (affected ?? 0) > 0;
  }

  /** The latest first. */
  history(scheduleId: string, limit: number): Promise<ScheduleTick[]> {
    return this.ticks.find({ where: { scheduleId, outcome: Not('claimed') }, order: { tickMs: 'DESC' }, take: limit });
  }

  /** The latest of each of these. */
  async latestOf(scheduleIds: readonly string[]): Promise<Map<string, ScheduleTick>> {
    const latest = `SELECT MAX(other.tick_ms) FROM schedule_ticks other WHERE other.schedule_id = tick.schedule_id AND other.outcome <> 'claimed'`;
    const found = await inParts(scheduleIds, (part) =>
      this.ticks
        .createQueryBuilder('tick')
        .where({ scheduleId: In(part) })
        .andWhere(`tick.tick_ms = (${latest})`)
        .getMany(),
    );
    return new Map(found.map((tick) => [tick.scheduleId, tick]));
  }

  /** Those by which some of these runs were started. */
  ofRuns(runIds: readonly number[]): Promise<ScheduleTick[]> {
    return inParts(runIds, (part) => this.ticks.findBy({ runId: In(part) }));
  }

  /** The number of a run of this schedule that is not over; null for none. */
  async liveRun(scheduleId: string): Promise<number | null> {
    const [row] = await this.ticks.query<{ id: number | string }[]>(
      `SELECT q.id AS id FROM schedule_ticks t JOIN queue q ON q.id = t.run_id
       WHERE t.schedule_id = ? AND q.state IN (${words(LIVE_STATES)}) ORDER BY q.id DESC LIMIT 1`,
      [scheduleId],
    );
    return row ? Number(row.id) : null;
  }

  /** Those of the past, and those of schedules that are gone. */
  async countOld(beforeMs: number): Promise<number> {
    const [old, lost] = await Promise.all([this.ticks.countBy({ tickMs: LessThan(beforeMs) }), this.lost().getCount()]);
    return old + lost;
  }

  async deleteOld(beforeMs: number): Promise<void> {
    await repeatWhileBusy(() => this.ticks.delete({ tickMs: LessThan(beforeMs) }));
    await repeatWhileBusy(() => this.ticks.createQueryBuilder().delete().where(WITHOUT_SCHEDULE).execute());
  }

  private lost() {
    return this.ticks.createQueryBuilder('schedule_ticks').where(WITHOUT_SCHEDULE);
  }

  private async insert(scheduleId: string, tickMs: number, claim: string, outcome: string, missed: number): Promise<void> {
    const insert = `INSERT ${this.ignore} INTO schedule_ticks (schedule_id, tick_ms, claim, outcome, at_ms, run_id, missed, why)
      VALUES (?, ?, ?, ?, ${this.now}, NULL, ?, '')`;
    await repeatWhileBusy(() => this.ticks.query(insert, [scheduleId, Math.trunc(tickMs), claim, outcome, missed]));
  }
}

const WITHOUT_SCHEDULE = 'NOT EXISTS (SELECT 1 FROM schedules WHERE schedules.id = schedule_ticks.schedule_id)';
