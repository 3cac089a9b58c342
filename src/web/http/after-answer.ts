import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';

/**
 * Work of which nobody waits for the end: the answer goes out before it begins, so that the time of the answer tells nothing about it. A
 * stop of the process waits for what is under way.
 */
@Injectable()
export class AfterAnswer implements BeforeApplicationShutdown {
  private readonly logger = new Logger('AfterAnswer');
  private readonly underWay = new Set<Promise<void>>();

  /** @param what for the log, when it fails. */
  start(what: string, work: () => Promise<void>): void {
    const running = new Promise<void>((resolve) => setImmediate(resolve))
      .then(work)
      .catch((error: unknown) => this.logger.error(`${what}: ${error instanceof Error ? error.stack : String(error)}`))
      .finally(() => this.underWay.delete(running));
    this.underWay.add(running);
  }

  /** When all is done that is under way. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.settled();
  }
}
