/** Between two questions whether the engine is there. */
const EVERY_MS = 5000;

/** One call that is watched over. */
export interface PulseWatch {
  /** Fires when the engine does not answer any more. */
  signal: AbortSignal;
  end(): void;
}

/**
 * Watches over calls that take long, such as the wait for the end of a container: a host that vanished says nothing, ever, and neither does
 * a program that runs. While there are such calls, one short question every few seconds tells the two apart; when it gets no answer, all of
 * them are given up.
 */
export class EnginePulse {
  private readonly watched = new Set<AbortController>();
  private timer: NodeJS.Timeout | null = null;

  /** @param ask rejects when the engine does not answer in time. */
  constructor(private readonly ask: () => Promise<unknown>) {}

  watch(): PulseWatch {
    const call = new AbortController();
    this.watched.add(call);
    this.goOn();
    return { signal: call.signal, end: () => void this.watched.delete(call) };
  }

  private goOn(): void {
    if (this.watched.size === 0) return;
    this.timer ??= setTimeout(() => void this.beat(), EVERY_MS).unref();
  }

  private async beat(): Promise<void> {
    // What begins after the question was asked may have found an engine that is back.
    const asked = [...this.watched];
    try {
      await this.ask();
    } catch {
      for (const call of asked) call.abort();
    }
    this.timer = null;
    this.goOn();
  }
}
