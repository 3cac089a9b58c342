import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';

const PAUSE_MS = { first: 100, most: 2000 };

/** Something that fails until it works, or until nobody tries it any more. */
export interface Trouble {
  /** It failed. What it failed of first is what it is called until its end, since one trouble may show itself in turn in many ways. */
  report(error: unknown): void;
  /** It works, or is given up; harmless where nothing has failed. */
  end(): void;
}

/**
 * What the runner does while the database, or a disk, is away: it goes on asking. Programs are never touched for it, and the log gets
 * one line at the beginning of each trouble and one at its end, however many runs have it.
 */
@Injectable()
export class Patience {
  private readonly logger = new Logger('Runner');
  /** What fails at present, and how many times over. */
  private readonly present = new Map<string, number>();

  /** How many different troubles there are at present. */
  get troubles(): number {
    return this.present.size;
  }

  /**
   * Repeats a step until it succeeds.
   * @throws the reason of `signal` once that fires.
   */
  async insist<Result>(step: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const trouble = this.newTrouble();
    try {
      for (let pause = PAUSE_MS.first; ; pause = Math.min(2 * pause, PAUSE_MS.most)) {
        signal?.throwIfAborted();
        try {
          return await step();
        } catch (error) {
          trouble.report(error);
        }
        // Several runners that lost one database must not come back to it in step.
        await sleep(pause * (0.5 + Math.random()), undefined, { signal });
      }
    } finally {
      trouble.end();
    }
  }

  /** For what is tried again by other means than `insist`. Whoever asks for it ends it. */
  newTrouble(): Trouble {
    let cause: string | null = null;
    return {
      report: (error) => {
        if (cause !== null) return;
        cause = causeOf(error);
        this.begin(cause);
      },
      end: () => {
        if (cause !== null) this.end(cause);
        cause = null;
      },
    };
  }

  private begin(cause: string): void {
    const count = this.present.get(cause) ?? 0;
    this.present.set(cause, count + 1);
    if (count === 0) this.logger.warn(`Something fails and is tried again; programs go on: ${cause}`);
  }

  private end(cause: string): void {
    const count = this.present.get(cause) ?? 0;
    if (count > 1) return void this.present.set(cause, count - 1);
    this.present.delete(cause);
    this.logger.log(`It does not fail any more: ${cause}`);
  }
}

/** A refused connection has a code and no message. */
function causeOf(error: unknown): string {
  return error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code || error.name : String(error);
}
