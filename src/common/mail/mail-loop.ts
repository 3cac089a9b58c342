import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { MailDispatcher } from './mail-dispatcher';

const LOOK_EVERY_MS = 60_000;
const LAST_MAIL_WITHIN_MS = 5_000;

/**
 * Does the mail work of a process from its start to its end: when woken (a runner sees with each of its looks whether there is any), and
 * once a minute. A round that fails (the database is
 * away) is repeated at the next look; nothing else of the process waits for mail.
 */
@Injectable()
export class MailLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Mail');
  private isStopping = false;
  private isWoken = false;
  private endPause: () => void = () => undefined;
  private ended: Promise<void> = Promise.resolve();
  private trouble = '';

  constructor(private readonly dispatcher: MailDispatcher) {}

  onApplicationBootstrap(): void {
    this.ended = this.loop();
  }

  /** Something has just happened that may ask for a mail. Costs nothing and never fails. */
  wake(): void {
    this.isWoken = true;
    this.endPause();
  }

  /** Lets the mail under way be finished, for a while; what is not sent then is due again later. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.endPause();
    await Promise.race([this.ended, pause(LAST_MAIL_WITHIN_MS)]);
  }

  private async loop(): Promise<void> {
    while (!this.isStopping) {
      this.isWoken = false;
      await this.round();
      if (!this.isWoken && !this.isStopping) await this.untilWoken();
    }
  }

  private async round(): Promise<void> {
    try {
      await this.dispatcher.work(() => !this.isStopping);
      if (this.trouble !== '') this.logger.log('Mail works again.');
      this.trouble = '';
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (trouble !== this.trouble && !this.isStopping) this.logger.warn(`Mail waits: ${trouble}`);
      this.trouble = trouble;
    }
  }

  private untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
