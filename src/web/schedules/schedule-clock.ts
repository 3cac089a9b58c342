import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { QueueStore } from '../../common/queue/queue-store';
import { countTimes, lastTime, nextTime } from '../../common/schedules/cron';
import type { Schedule } from '../../common/schedules/schedule.entity';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import { ScheduleTicksRepository, type TickClaim } from '../../common/schedules/schedule-ticks.repository';
import { Outage } from '../../common/work-loop';
import { MOST_MISSED } from './schedule-line';
import { ScheduledStarts } from './scheduled-starts';
import { StuckSchedules } from './stuck-schedules';

const LOOK_EVERY_MS = 2000;
const AT_ONCE = 50;
/** A process that has taken a time and started nothing for so long is dead, or as good as that. */
const STALE_SECONDS = 60;

/**
 * Starts what is due. Every web process looks; the row of a time, which only one of them can write, says whose it is. Of the times that
 * nobody was there for the last one is made up for, once; those before it are noted as missed.
 */
@Injectable()
export class ScheduleClock implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Schedules');
  private underWay: Promise<void> | null = null;
  private readonly outage = new Outage(this.logger, 'Schedules');
  private isStopping = false;

  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly ticks: ScheduleTicksRepository,
    private readonly starts: ScheduledStarts,
    private readonly stuck: StuckSchedules,
    private readonly store: QueueStore,
  ) {}

  /** One look after the other, never two at the same time. */
  @Interval(LOOK_EVERY_MS)
  look(): Promise<void> {
    this.underWay ??= this.round().finally(() => (this.underWay = null));
    return this.underWay;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.underWay;
  }

  private async round(): Promise<void> {
    if (this.isStopping) return;
    try {
      for (const schedule of await this.schedules.due(AT_ONCE))
        if (!this.isStopping) await this.attempt(schedule, () => this.serve(schedule));
      await this.resumeStale();
      this.outage.end();
    } catch (error) {
      if (!this.isStopping) this.outage.begin(error);
    }
  }

  /** The row comes before the next time: whoever dies in between leaves one that others find, and no time twice. */
  private async serve(schedule: Schedule): Promise<void> {
    const { id, cron, timeZone, nextMs } = schedule;
    if (nextMs === null) return;
    const nowMs = await this.store.nowMs();
    const lastMs = lastTime(cron, timeZone, nextMs, nowMs);
    const missed = countTimes(cron, timeZone, nextMs, lastMs, MOST_MISSED + 1);
    if (missed > 0) await this.ticks.noteMissed(id, nextMs, missed);
    const claim = await this.ticks.claim(id, lastMs);
    await this.schedules.advance(schedule, nextTime(cron, timeZone, Math.max(nowMs, lastMs)));
    if (claim) await this.startOne(schedule, claim);
  }

  private async resumeStale(): Promise<void> {
    const stale = await this.ticks.stale(STALE_SECONDS, AT_ONCE);
    if (stale.length === 0) return;
    const known = new Map((await this.schedules.findByIds(stale.map(({ scheduleId }) => scheduleId))).map((one) => [one.id, one]));
    for (const tick of stale) {
      const schedule = known.get(tick.scheduleId);
      const claim = schedule && !this.isStopping ? await this.ticks.takeOver(tick) : null;
      if (schedule && claim) await this.attempt(schedule, () => this.startOne(schedule, claim));
    }
  }

  private async startOne(schedule: Schedule, claim: TickClaim): Promise<void> {
    const outcome = await this.starts.start(schedule, claim);
    if ('runId' in outcome) {
      await this.ticks.noteStart(claim, outcome.runId);
      await this.schedules.untell(schedule.id);
      return;
    }
    if (await this.ticks.noteSkip(claim, outcome.reason)) await this.stuck.tell(schedule, claim.tickMs, outcome.reason);
  }

  /** What fails for one schedule, without being a reason to pass its time over, is tried again and holds up no other. */
  private async attempt(schedule: Schedule, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.error(`Schedule ${schedule.id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
}
