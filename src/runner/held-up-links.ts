import { pauseAfter } from '../common/retry-pause';

interface HeldUp {
  tries: number;
  againMs: number;
}

/** Which waiting runs could not be decided about, and when each is tried again: 10 seconds later, then 20, then 40, up to an hour. */
export class HeldUpLinks {
  private readonly heldUp = new Map<number, HeldUp>();
  private readonly underWay = new Set<number>();

  /** Works that were late and are not over. */
  get hanging(): number {
    return this.underWay.size;
  }

  /** @param nowMs of a clock that only goes on. */
  mayTry(runId: number, nowMs: number): boolean {
    return !this.underWay.has(runId) && (this.heldUp.get(runId)?.againMs ?? 0) <= nowMs;
  }

  fail(runId: number, nowMs: number): void {
    const tries = (this.heldUp.get(runId)?.tries ?? 0) + 1;
    this.heldUp.set(runId, { tries, againMs: nowMs + pauseAfter(tries) * 1000 });
  }

  /** Forgets all that wait no more. */
  keepOnly(runIds: ReadonlySet<number>): void {
    for (const runId of this.heldUp.keys()) if (!runIds.has(runId)) this.heldUp.delete(runId);
  }

  /**
   * Waits for work for a while; what is late goes on by itself, and is not begun a second time as long as it does.
   * @throws what `late` makes.
   */
  async within<Value>(runId: number, ms: number, work: Promise<Value>, late: () => Error): Promise<Value> {
    this.underWay.add(runId);
    const ended = work.finally(() => this.underWay.delete(runId));
    const { promise: isLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(late()), ms);
    try {
      return await Promise.race([ended, isLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
