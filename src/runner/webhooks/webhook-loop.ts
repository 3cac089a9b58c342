import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { WebhookDispatcher } from './webhook-dispatcher';

const LOOK_EVERY_MS = 2000;
const LAST_WITHIN_MS = 5000;

/** Sends messages to webhooks from the start of a process to its end. A round that fails (the database is away) is repeated at the next look. */
@Injectable()
export class WebhookLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Webhooks');
  private isStopping = false;
  private endPause: () => void = () => undefined;
  private ended: Promise<void> = Promise.resolve();
  private trouble = '';

  constructor(private readonly dispatcher: WebhookDispatcher) {}

  onApplicationBootstrap(): void {
    this.ended = this.loop();
  }

  /** Lets the messages under way be finished, for a while; what is not sent then is due again later. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.endPause();
    await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, LAST_WITHIN_MS).unref())]);
  }

  private async loop(): Promise<void> {
    while (!this.isStopping) {
      const count = await this.round();
      if (count === 0 && !this.isStopping) await this.pause();
    }
  }

  private async round(): Promise<number> {
    try {
      const count = await this.dispatcher.work(() => !this.isStopping);
      if (this.trouble !== '') this.logger.log('Webhooks work again.');
      this.trouble = '';
      return count;
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (trouble !== this.trouble && !this.isStopping) this.logger.warn(`Webhooks wait: ${trouble}`);
      this.trouble = trouble;
      return 0;
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
