import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import { QueueStore } from '../common/queue/queue-store';
import { text } from '../locales/text';
import { CrashPoints } from './crash-points';
import type { Observation } from './executors/executor';
import { Executors } from './executors/executors';
import { readBootId } from './executors/process-table';
import { keepDeadline } from './kept-deadline';
import { Patience } from './patience';
import { Settlement } from './settlement';
import type { TrackedRun, Work } from './tracked-runs';

/** Between two looks at something that is neither running nor over. */
const LOOK_MS = 250;
/** How long a program may take from "go" to its first sign, on a machine that is busy. */
const BEGIN_WITHIN_MS = 5000;
/** What looks orphaned may be in the act of ending. */
const ORPHANED_FOR_MS = 1000;
/** Longer timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Stays with a started run until it is settled: waits for its end, stops it when asked or overdue, says when it cannot be seen. */
@Injectable()
export class Follower {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly store: QueueStore,
    private readonly executors: Executors,
    private readonly settlement: Settlement,
    private readonly patience: Patience,
    private readonly config: AppConfig,
    private readonly crashPoints: CrashPoints,
  ) {}

  /**
   * @returns `troubled` when it never began, which lies in this machine.
   * @throws the reason of `tracked.dropped` once that fires; the program goes on.
   */
  async follow(tracked: TrackedRun, work: Work): Promise<'over' | 'troubled'> {
    this.noteDeadline(tracked, work);
    const kept = this.executors.of(work.execution.engine).keepLog(work.execution, tracked.dropped);
    // Its end is brought in once more when the run is settled.
    kept.catch((error: unknown) => this.logger.warn(`The log of run ${tracked.run.id} is not followed: ${String(error)}`));
    let kind: Observation['kind'] | null = null;
    let sinceMs = performance.now();
    for (;;) {
      const seen = await this.patience.insist(() => this.executors.of(work.execution.engine).observe(work.execution), tracked.dropped);
      if (seen.kind !== kind) sinceMs = performance.now();
      kind = seen.kind;
      if (await this.isOver(tracked, work, seen, performance.now() - sinceMs))
        return hasBegun(seen) || tracked.stopOrder ? 'over' : 'troubled';
      await this.stopIfDue(tracked, work, seen);
      await this.wait(tracked, work, seen);
    }
  }

  /** Whether this look ended our work on the run. @param forMs how long it has looked like this. */
  private async isOver(tracked: TrackedRun, work: Work, seen: Observation, forMs: number): Promise<boolean> {
    switch (seen.kind) {
      case 'ended':
      case 'dead':
        tracked.phase = 'settling';
        await this.settlement.settle(tracked, work, seen);
        return true;
      case 'never_began':
        return this.takeBack(tracked, work);
      case 'held':
        return forMs > BEGIN_WITHIN_MS && this.takeBack(tracked, work);
      case 'orphaned':
        return forMs > ORPHANED_FOR_MS && this.doubt(tracked, seen.evidence);
      case 'elsewhere':
        await this.doubt(tracked, seen.evidence);
        return true;
      case 'pending':
        await this.tellPending(tracked, seen.note);
        return this.regain(tracked);
      case 'running':
        await this.tellBegun(tracked, work);
        this.crashPoints.reached('whileRunning');
        return this.regain(tracked);
    }
  }

  /** Why the engine has not begun it. */
  private async tellPending(tracked: TrackedRun, note: string): Promise<void> {
    if (tracked.engineNote === note) return;
    await this.patience.insist(() => this.store.reportEngine(tracked.lease, note, null), tracked.dropped);
    tracked.engineNote = note;
  }

  /** What was pending runs now: its time limit counts from here. */
  private async tellBegun(tracked: TrackedRun, work: Work): Promise<void> {
    if (tracked.engineNote === null) return;
    const begunMs = await this.patience.insist(() => this.store.nowMs(), tracked.dropped);
    await this.patience.insist(() => this.store.reportEngine(tracked.lease, null, begunMs), tracked.dropped);
    tracked.engineNote = null;
    work.deadlineMs = performance.now() + tracked.run.timeLimitSeconds * 1000;
    this.noteDeadline(tracked, work);
  }

  /** Nothing waits for it: without it the clock of the database counts after a take-over. */
  private noteDeadline({ dropped }: TrackedRun, work: Work): void {
    const bootId = this.config.testBootId ?? readBootId();
    const keep = () => keepDeadline(work.execution.folder, bootId, work.deadlineMs - performance.now());
    this.patience.insist(keep, dropped).catch(() => undefined);
  }

  /** What has not begun is forbidden to begin, and goes back to the queue. */
  private async takeBack(tracked: TrackedRun, { execution }: Work): Promise<boolean> {
    const { lease, dropped, run } = tracked;
    if (!(await this.patience.insist(() => this.executors.of(execution.engine).seal(execution), dropped))) return false;
    this.crashPoints.reached('afterSeal');
    // What became of it is known again; from `unknown` no way leads back to the queue.
    if (await this.regain(tracked)) return true;
    this.logger.warn(`Run ${run.id} was authorised and never began; it goes back to the queue.`);
    await this.patience.insist(() => this.store.unstart(lease), dropped);
    return true;
  }

  private async doubt(tracked: TrackedRun, evidence: string): Promise<boolean> {
    if (tracked.doubted) return false;
    const isOurs = await this.patience.insist(() => this.store.doubt(tracked.lease, evidence), tracked.dropped);
    this.logger.warn(`Run ${tracked.run.id} is unknown: ${evidence}`);
    tracked.doubted = true;
    return !isOurs;
  }

  private async regain(tracked: TrackedRun): Promise<boolean> {
    if (!tracked.doubted) return false;
    tracked.doubted = false;
    return !(await this.patience.insist(() => this.store.regain(tracked.lease), tracked.dropped));
  }

  private async stopIfDue(tracked: TrackedRun, work: Work, seen: Observation): Promise<void> {
    if (tracked.stopping) return;
    if (!tracked.stopOrder && runsForSure(seen) && performance.now() >= work.deadlineMs) await this.orderTimeLimit(tracked);
    if (!tracked.stopOrder) return;
    this.logger.log(`Run ${tracked.run.id} is being stopped (${tracked.stopOrder.reason}).`);
    const grace = this.config.settings.STOP_GRACE * 1000;
    const stop = () => this.executors.of(work.execution.engine).stop(work.execution, grace);
    // While a program runs nothing else would wake us to try it again.
    tracked.stopping = this.patience.insist(stop, tracked.dropped).catch(() => undefined);
  }

  /** A cancel that came first keeps its reason; it reaches us by the queue. */
  private async orderTimeLimit(tracked: TrackedRun): Promise<void> {
    const note = text('queue.timeLimitReached');
    const stopped =
      tracked.doubted || (await this.patience.insist(() => this.store.stop(tracked.lease, 'time_limit', note), tracked.dropped));
    if (stopped) tracked.orderStop({ reason: 'time_limit', note });
  }

  private async wait(tracked: TrackedRun, work: Work, seen: Observation): Promise<void> {
    const pause = new AbortController();
    const signal = AbortSignal.any([tracked.dropped, pause.signal]);
    const still = (ms: number) => sleep(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined);
    const reasons: Promise<unknown>[] = [];
    const isLive = seen.kind === 'running' || seen.kind === 'held' || seen.kind === 'pending';
    if (isLive) reasons.push(this.executors.of(work.execution.engine).change(work.execution, signal));
    if (seen.kind !== 'running' && seen.kind !== 'pending') reasons.push(still(LOOK_MS));
    if (!tracked.stopping) {
      reasons.push(still(Math.max(LOOK_MS, work.deadlineMs - performance.now())), fired(tracked.stopSignal, signal));
    }
    await Promise.race(reasons);
    pause.abort();
    tracked.dropped.throwIfAborted();
  }
}

/**
 * Only what runs uses up its time: not what is held, or waits for its engine. Nor what an engine that does not answer has: it may be over for
 * long, and then its end is what counts.
 */
function runsForSure(seen: Observation): boolean {
  return seen.kind === 'running' || (seen.kind === 'orphaned' && !seen.unseen);
}

function hasBegun({ kind }: Observation): boolean {
  return kind !== 'held' && kind !== 'never_began';
}

/** Resolves when `event` fires. @param end removes the listener. */
function fired(event: AbortSignal, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (event.aborted) return resolve();
    event.addEventListener('abort', () => resolve(), { once: true, signal: end });
  });
}
