import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { withLogFields } from '../common/log-fields';
import { MailLoop } from '../common/mail/mail-loop';
import type { Run } from '../common/queue/run.entity';
import { Follower } from './follower';
import { Launcher } from './launcher';
import { ProgressReader } from './progress-reader';
import { stopOrderOf, TrackedRun, TrackedRuns, type Work } from './tracked-runs';
import { WakeUp } from './wake-up';

/** After this machine could not start something: claiming at once again would only use up the tries of the next run. */
const REST_MS = 3000;
/** Mails about many short runs are written together. */
const MAIL_WITHIN_MS = 250;
/** What is being started or written down gets this long when the runner stops. */
const CLOSE_WITHIN_MS = 10_000;

/** Carries each run from its claim or take-over to its end, all of them side by side. */
@Injectable()
export class Carrier {
  private readonly logger = new Logger('Runner');
  private troubledMs = Number.NEGATIVE_INFINITY;
  private closing = false;
  /** Programs that were let go while this runner was being stopped. */
  private startedLate = 0;
  private mailTimer: NodeJS.Timeout | null = null;

  constructor(
    private readonly launcher: Launcher,
    private readonly follower: Follower,
    private readonly progress: ProgressReader,
    private readonly runs: TrackedRuns,
    private readonly mails: MailLoop,
    private readonly wakeUp: WakeUp,
  ) {}

  /** Whether there is no run that this runner carries. */
  get isIdle(): boolean {
    return this.runs.size === 0;
  }

  /** Whether the last start failed just now for a reason that lies in this machine. */
  get isResting(): boolean {
    return performance.now() - this.troubledMs < REST_MS;
  }

  /** A run that was claimed. */
  start(run: Run): void {
    const tracked = new TrackedRun(run);
    this.runs.add(tracked, this.carryNamed(tracked, null));
  }

  /** A run that was started before, by whomever. @param recover finds out what to follow. */
  resume(run: Run, recover: (tracked: TrackedRun) => Promise<Work | 'over'>): void {
    const tracked = new TrackedRun(run);
    tracked.phase = 'recovered';
    tracked.doubted = run.state === 'unknown';
    const order = stopOrderOf(run);
    if (order) tracked.orderStop(order);
    this.runs.add(tracked, this.carryNamed(tracked, recover));
  }

  /** Lets go of programs that go on, and waits for what is being started or written down. @returns how many programs go on. */
  async close(): Promise<number> {
    this.closing = true;
    const followed = this.runs.all().filter(({ phase }) => phase === 'followed');
    for (const tracked of this.runs.all()) if (tracked.phase === 'followed' || tracked.phase === 'recovered') tracked.drop();
    const patience = new AbortController();
    await Promise.race([this.runs.settled(), sleep(CLOSE_WITHIN_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    for (const tracked of this.runs.all()) tracked.drop();
    return followed.length + this.startedLate;
  }

  /** All that is logged meanwhile is about this run. */
  private carryNamed(tracked: TrackedRun, recover: ((tracked: TrackedRun) => Promise<Work | 'over'>) | null): Promise<void> {
    return withLogFields(
      () => ({ run: tracked.run.id }),
      () => this.carry(tracked, recover),
    );
  }

  private async carry(tracked: TrackedRun, recover: ((tracked: TrackedRun) => Promise<Work | 'over'>) | null): Promise<void> {
    try {
      const work = await (recover ? recover(tracked) : this.launcher.launch(tracked));
      if (work === 'troubled') this.troubledMs = performance.now();
      if (typeof work === 'string') return;
      if (this.closing) return void (this.startedLate += recover ? 0 : 1);
      const outcome = await this.follow(tracked, work);
      // What never began because its runner died says nothing against this machine.
      if (outcome === 'troubled' && !recover) this.troubledMs = performance.now();
    } catch (error) {
      if (tracked.dropped.aborted) return;
      // It stays ours in the queue, so the next round over all held runs takes it up again.
      this.logger.error(`Lost the thread of run ${tracked.run.id}`, error instanceof Error ? error.stack : String(error));
    } finally {
      this.askForMails();
      this.wakeUp.placeFreed();
    }
  }

  private async follow(tracked: TrackedRun, work: Work): Promise<'over' | 'troubled'> {
    tracked.phase = 'followed';
    tracked.execution = work.execution;
    this.askForMails();
    void this.progress.follow(tracked, work, tracked.dropped);
    return this.follower.follow(tracked, work);
  }

  private askForMails(): void {
    this.mailTimer ??= setTimeout(() => {
      this.mailTimer = null;
      this.mails.wake();
    }, MAIL_WITHIN_MS).unref();
  }
}
