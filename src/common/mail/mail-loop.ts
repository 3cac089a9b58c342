import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Outage, WorkLoop } from '../work-loop';
import { MailDispatcher } from './mail-dispatcher';

const LOOK_EVERY_MS = 60_000;
const LAST_MAIL_WITHIN_MS = 5_000;

/**
 * Does the mail work of a process: when woken (a runner sees with each of its looks whether there is any), and once a minute. Nothing else
 * of the process waits for mail.
 */
@Injectable()
export class MailLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;

  constructor(dispatcher: MailDispatcher) {
    const round = async (mayGoOn: () => boolean) => {
      await dispatcher.work(mayGoOn);
      return false;
    };
    this.loop = new WorkLoop(round, LOOK_EVERY_MS, new Outage(new Logger('Mail'), 'Mail'));
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Something has just happened that may ask for a mail. Costs nothing and never fails. */
  wake(): void {
    this.loop.wake();
  }

  /** Lets the mail under way be finished, for a while; what is not sent then is due again later. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop(LAST_MAIL_WITHIN_MS);
  }
}
