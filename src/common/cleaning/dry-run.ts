import { Injectable } from '@nestjs/common';
import { QueueStore } from '../queue/queue-store';
import type { Amount, Chore, Waste } from './chore';

/** One thing that a cleaning would remove. */
export interface Foreseen {
  chore: Chore;
  waste: Waste;
  /** When it goes at the earliest, milliseconds since 1970: the next cleaning after that takes it. */
  dueMs: number;
  /** Null where there was no time to measure it. */
  amount: Amount | null;
}

export interface LookAhead {
  /** How far; 0: what a cleaning would remove now. */
  aheadMs?: number;
  /** How long things may be measured; what is found later comes without its size. */
  measureForMs?: number;
}

/** Finds what cleanings would remove, and removes nothing: for `--dry-run`, for the page of the administrator and for its command alike. */
@Injectable()
export class DryRun {
  constructor(private readonly queue: QueueStore) {}

  async *list(chores: readonly Chore[], { aheadMs = 0, measureForMs = Infinity }: LookAhead = {}): AsyncGenerator<Foreseen> {
    const nowMs = await this.queue.nowMs();
    const endMs = performance.now() + measureForMs;
    for (const chore of chores) {
      for await (const waste of await chore.find(nowMs + aheadMs)) {
        const amount = performance.now() < endMs ? await waste.measure() : null;
        yield { chore, waste, dueMs: waste.dueMs ?? nowMs, amount };
      }
    }
  }
}
