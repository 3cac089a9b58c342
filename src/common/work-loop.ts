import type { Logger } from '@nestjs/common';

/** Tells of what stands in the way of work that is repeated until it gets through: once when it begins, and once when it is over. */
export class Outage {
  private reason = '';

  /** @param what is kept from going on, as a word for the log: `Mail`. */
  constructor(
    private readonly logger: Logger,
    private readonly what: string,
  ) {}

  begin(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason !== this.reason) this.logger.warn(`${this.what}: nothing goes on for now: ${reason}`);
    this.reason = reason;
  }

  end(): void {
    if (this.reason !== '') this.logger.log(`${this.what}: it goes on again.`);
    this.reason = '';
  }
}

/** @param mayGoOn is asked between its pieces; false ends the round early. @returns true where more may be waiting already. */
export type Round = (mayGoOn: () => boolean) => Promise<boolean>;

/** Does rounds of work from the start of a process to its end. One that fails (the database is away) is repeated at the next look. */
export class WorkLoop {
  private isStopping = false;
  private isWoken = false;
  private endPause: () => void = () => undefined;
  private ended: Promise<void> = Promise.resolve();

  /** @param lookEveryMs longest time between two rounds. */
  constructor(
    private readonly round: Round,
    private readonly lookEveryMs: number,
    private readonly outage: Outage,
  ) {}

  start(): void {
    this.ended = this.run();
  }

  /** There may be something to do. Costs nothing and never fails. */
  wake(): void {
    this.isWoken = true;
    this.endPause();
  }

  /** Lets the piece under way be finished, for a while. */
  async stop(withinMs: number): Promise<void> {
    this.isStopping = true;
    this.endPause();
    await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, withinMs).unref())]);
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      this.isWoken = false;
      const isMore = await this.attempt();
      if (!isMore && !this.isWoken && !this.isStopping) await this.untilWoken();
    }
  }

  private async attempt(): Promise<boolean> {
    try {
      const isMore = await this.round(() => !this.isStopping);
      this.outage.end();
      return isMore;
    } catch (error) {
      // What is cut off by the end of the process is no outage.
      if (!this.isStopping) this.outage.begin(error);
      return false;
    }
  }

  private untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.lookEveryMs);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
