import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Outage, WorkLoop } from '../../common/work-loop';
import { WebhookDispatcher } from './webhook-dispatcher';

const LOOK_EVERY_MS = 2000;
const LAST_WITHIN_MS = 5000;

/** Sends messages to webhooks for as long as the process lives. */
@Injectable()
export class WebhookLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;

  constructor(dispatcher: WebhookDispatcher) {
    const round = async (mayGoOn: () => boolean) => (await dispatcher.work(mayGoOn)) > 0;
    this.loop = new WorkLoop(round, LOOK_EVERY_MS, new Outage(new Logger('Webhooks'), 'Webhooks'));
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Lets the messages under way be finished, for a while; what is not sent then is due again later. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop(LAST_WITHIN_MS);
  }
}
