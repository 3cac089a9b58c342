import { Injectable } from '@nestjs/common';
import type { Execution, Observation } from '../executor';

/** What was seen of an execution before, and since when (by `performance.now()`). Lost with the process, which costs patience and nothing else. */
export interface Watch {
  /** The last answer of `observe`. */
  told: Observation | null;
  /** The exit record was first seen. */
  recordedMs: number | null;
  /** The job was first missing. */
  goneMs: number | null;
  /** The cluster first called the job over. */
  overMs: number | null;
  /** The cluster first said nothing of it that can be relied on. */
  unseenMs: number | null;
  usedMs: number;
}

const FORGET_MS = 60 * 60_000;

/** The memory of this process about executions that it watches. */
@Injectable()
export class Watches {
  private readonly watches = new Map<string, Watch>();

  of({ folder }: Pick<Execution, 'folder'>): Watch {
    const watch = this.watches.get(folder) ?? { told: null, recordedMs: null, goneMs: null, overMs: null, unseenMs: null, usedMs: 0 };
    watch.usedMs = performance.now();
    // In the order of use, so that those of runs which others took over are found at the beginning.
    this.watches.delete(folder);
    this.watches.set(folder, watch);
    for (const [oldest, { usedMs }] of this.watches) {
      if (performance.now() - usedMs < FORGET_MS) break;
      this.watches.delete(oldest);
    }
    return watch;
  }

  forget({ folder }: Pick<Execution, 'folder'>): void {
    this.watches.delete(folder);
  }
}
