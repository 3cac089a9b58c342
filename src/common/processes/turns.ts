import { UnavailableError } from '../errors';

/** Lets so many work at the same time; the others wait for their turn, or leave. */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  /** @param free places. @param mostWaiting above this newcomers are turned away. */
  constructor(
    private free: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws UnavailableError when too many wait already; the reason of `signal` for one who left while waiting. */
  async take<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    await this.turn(signal);
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      // Whoever gives up its turn hands it to the next.
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  private async turn(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.free > 0) {
      this.free -= 1;
      return;
    }
    if (this.waiting.length >= this.mostWaiting) throw new UnavailableError('errors.unavailable');
    await new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(begin), 1);
        reject(signal?.reason as Error);
      };
      this.waiting.push(begin);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
