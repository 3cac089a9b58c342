import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Carrier } from './carrier';
import { Heartbeat } from './heartbeat';
import { Lookout } from './lookout';
import { Patience } from './patience';
import { RunnerSelf } from './runner-self';
import { WakeUp } from './wake-up';

/** Without a poke the queue is looked at this often. */
const LOOK_EVERY_MS = 1000;

/**
 * The daemon: looks at the queue when poked and once a second, until it is told to stop. Stopping it never stops a program: they go
 * on, and the next runner follows them.
 */
@Injectable()
export class RunnerService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Runner');
  private readonly replacement = Promise.withResolvers<void>();
  private closing = false;
  private ended: Promise<void> | null = null;

  constructor(
    private readonly self: RunnerSelf,
    private readonly heartbeat: Heartbeat,
    private readonly lookout: Lookout,
    private readonly carrier: Carrier,
    private readonly wakeUp: WakeUp,
    private readonly patience: Patience,
  ) {}

  /** Resolves when another process has taken the name: nothing is left for this one to do. */
  get replaced(): Promise<void> {
    return this.replacement.promise;
  }

  /** Resolves once this runner is in the list of runners and looks at the queue. */
  async start(): Promise<void> {
    this.self.pokeAddress = await this.wakeUp.listen();
    await this.heartbeat.start(() => this.replacement.resolve());
    this.logger.log(`Runner ${this.self.name} takes up to ${this.self.slots} at a time.`);
    this.ended = this.loop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    this.wakeUp.close();
    if (!this.ended) return;
    await this.ended;
    const left = await this.carrier.close();
    await this.heartbeat.stop().catch((error: unknown) => this.patience.report(error));
    this.logger.log(left === 0 ? 'Stopped.' : `Stopped. Programs that go on: ${left}. The next start of a runner follows them.`);
  }

  private async loop(): Promise<void> {
    let woken = true;
    while (!this.closing && !this.heartbeat.isReplaced) {
      try {
        await this.lookout.look(woken);
        this.patience.recovered();
      } catch (error) {
        this.patience.report(error);
      }
      woken = await this.wakeUp.pause(LOOK_EVERY_MS);
    }
  }
}
