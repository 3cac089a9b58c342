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
}

/** The memory of this process about executions that it watches. */
@Injectable()
export class Watches {
  private readonly watches = new WeakMap<Execution, Watch>();

  of(execution: Execution): Watch {
    const watch = this.watches.get(execution) ?? { told: null, recordedMs: null, goneMs: null, overMs: null, unseenMs: null };
    this.watches.set(execution, watch);
    return watch;
  }
}
