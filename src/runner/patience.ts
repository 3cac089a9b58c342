import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';

const PAUSE_MS = { first: 100, most: 2000 };

/**
 * What the runner does while the database, or a disk, is away: it goes on asking. Programs are never touched for it, and the log gets
 * one line at the beginning of the trouble and one at its end.
 */
@Injectable()
export class Patience {
  private readonly logger = new Logger('Runner');
  private trouble: string | null = null;

  /**
   * Repeats a step until it succeeds.
   * @throws the reason of `signal` once that fires.
   */
  async insist<Result>(step: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    for (let pause = PAUSE_MS.first; ; pause = Math.min(2 * pause, PAUSE_MS.most)) {
      signal?.throwIfAborted();
      try {
        const result = await step();
        this.recovered();
        return result;
      } catch (error) {
        this.report(error);
      }
      // Several runners that lost one database must not come back to it in step.
      await sleep(pause * (0.5 + Math.random()), undefined, { signal });
    }
  }

  /** Writes trouble to the log, once for as long as it stays the same. */
  report(error: unknown): void {
    const trouble = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code || error.name : String(error);
    if (trouble === this.trouble) return;
    if (this.trouble === null) this.logger.warn(`Cannot write down what happens (${trouble}). Programs go on; it is tried again.`);
    else this.logger.debug(`Still cannot (${trouble}).`);
    this.trouble = trouble;
  }

  recovered(): void {
    if (this.trouble !== null) this.logger.log('What happens is written down again.');
    this.trouble = null;
  }
}
