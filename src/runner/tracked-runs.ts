import { Injectable } from '@nestjs/common';
import type { Manifest } from '../common/pipelines/manifest';
import type { Lease } from '../common/queue/queue-store';
import type { Run, StopReason } from '../common/queue/run.entity';
import type { Execution } from './executors/executor';

export interface StopOrder {
  reason: StopReason;
  /** The sentence of the run, such as who cancelled. */
  note: string | null;
}

/** What was started: what it is, where it is, and when its time is over (by `performance.now()`). */
export interface Work {
  manifest: Manifest;
  execution: Execution;
  deadlineMs: number;
}

/** Whether the row of a run asks for a stop. */
export function stopOrderOf({ state, stopReason, cancelRequestedMs, note }: Run): StopOrder | null {
  if (state === 'stopping') return { reason: stopReason ?? 'cancel', note };
  // The note of an unknown run is its evidence.
  return state === 'unknown' && cancelRequestedMs !== null ? { reason: 'cancel', note: null } : null;
}

/** A run that this process holds, from its claim or take-over until it is settled or somebody else's. */
export class TrackedRun {
  /**
   * `recovered`: it was taken over, and what became of it is not clear yet. `settling`: its end is being written down. A stop of the
   * runner waits for what is being started or settled.
   */
  phase: 'starting' | 'recovered' | 'followed' | 'settling' = 'starting';
  /** What is followed; null before. */
  execution: Execution | null = null;
  /** The run is shown as `unknown`. */
  doubted = false;
  /** What the pages say of the engine's own queue; null: nothing. */
  engineNote: string | null;
  /** The last look at the progress of a program that has ended, before its end is weighed; rejects never. */
  lastLook: (() => Promise<void>) | null = null;
  /** Under way once the program was asked to end. */
  stopping: Promise<void> | null = null;
  private readonly dropping = new AbortController();
  private readonly stopOrdered = new AbortController();
  private order: StopOrder | null = null;

  constructor(readonly run: Run) {
    this.engineNote = run.engineNote;
  }

  get lease(): Lease {
    return { runId: this.run.id, fence: this.run.fence };
  }

  /** Fires when this process has to let go of the run, at its end at the latest: all that is done beside the following ends with it. */
  get dropped(): AbortSignal {
    return this.dropping.signal;
  }

  /** Fires when the program is to be stopped. */
  get stopSignal(): AbortSignal {
    return this.stopOrdered.signal;
  }

  get stopOrder(): StopOrder | null {
    return this.order;
  }

  drop(): void {
    this.dropping.abort();
  }

  orderStop(order: StopOrder): void {
    this.order ??= order;
    this.stopOrdered.abort();
  }
}

/** All runs that this process holds. Their number is what takes places. */
@Injectable()
export class TrackedRuns {
  private readonly runs = new Map<number, { tracked: TrackedRun; done: Promise<void> }>();

  get size(): number {
    return this.runs.size;
  }

  find(runId: number): TrackedRun | undefined {
    return this.runs.get(runId)?.tracked;
  }

  /** Holds the run for as long as the work goes on. */
  add(tracked: TrackedRun, work: Promise<void>): void {
    const { id } = tracked.run;
    const done = work.finally(() => {
      tracked.drop();
      if (this.runs.get(id) === entry) this.runs.delete(id);
    });
    // The same run under an earlier fence is ours no more.
    this.runs.get(id)?.tracked.drop();
    const entry = { tracked, done };
    this.runs.set(id, entry);
  }

  all(): TrackedRun[] {
    return [...this.runs.values()].map(({ tracked }) => tracked);
  }

  /** Resolves when the work on all of them has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.runs.values()].map(({ done }) => done));
  }
}
