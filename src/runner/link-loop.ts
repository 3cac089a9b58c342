import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Outage, WorkLoop } from '../common/work-loop';
import { Links } from './links';
import { WakeUp } from './wake-up';

const LOOK_EVERY_MS = 60_000;
const LAST_LINK_WITHIN_MS = 5000;

/**
 * Decides about runs that wait for another one: when woken (a runner sees with each of its looks whether there is any), and once a minute.
 * Beside the looks, because it reads folders, and a disk that hangs must keep nobody from claiming and cancelling.
 */
@Injectable()
export class LinkLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: WorkLoop;

  constructor(links: Links, wakeUp: WakeUp) {
    const round = async (mayGoOn: () => boolean) => {
      if (await links.settle(mayGoOn)) wakeUp.wake();
      return false;
    };
    this.loop = new WorkLoop(round, LOOK_EVERY_MS, new Outage(new Logger('Runner'), 'Chains'));
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Something that a run waits for may be over. Costs nothing and never fails. */
  wake(): void {
    this.loop.wake();
  }

  /** Lets the decision under way be finished, for a while; what is not decided then is decided at the next start, or by another runner. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop(LAST_LINK_WITHIN_MS);
  }
}
