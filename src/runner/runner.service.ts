import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Carrier } from './carrier';
import { Heartbeat } from './heartbeat';
import { Lookout } from './lookout';
import { Patience, type Trouble } from './patience';
import { RunnerSelf } from './runner-self';
import { WakeUp, type WakeReason } from './wake-up';

/**
 * Without a poke the queue is looked at this often: about once a second, and so that with the beats, each of which is a look as well, a
 * runner asks the database for less than one statement a second while there is nothing to do.
 */
const LOOK_EVERY_MS = 1100;

/**
 * The daemon: looks at the queue when poked and once a second, until it is told to stop. Stopping it never stops a program: they go
 * on, and the next runner follows them. A runner that is drained stops by itself when nothing is left to follow.
 */
@Injectable()
export class RunnerService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Runner');
  private readonly replacement = Promise.withResolvers<void>();
  private readonly drainage = Promise.withResolvers<void>();
  private closing = false;
  private ended: Promise<void> | null = null;
  private readonly blindness: Trouble;

  constructor(
    private readonly self: RunnerSelf,
    private readonly heartbeat: Heartbeat,
    private readonly lookout: Lookout,
    private readonly carrier: Carrier,
    private readonly wakeUp: WakeUp,
    patience: Patience,
  ) {
    this.blindness = patience.newTrouble();
  }

  /** Resolves when another process has taken the name: nothing is left for this one to do. */
  get replaced(): Promise<void> {
    return this.replacement.promise;
  }

  /** Resolves when this runner was told to take no more and the last of its runs is over. */
  get drained(): Promise<void> {
    return this.drainage.promise;
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
    await this.heartbeat.stop().catch((error: unknown) => this.logger.warn(`The queue could not be told of the stop: ${String(error)}`));
    this.logger.log(left === 0 ? 'Stopped.' : `Stopped. Programs that go on: ${left}. The next start of a runner follows them.`);
  }

  private async loop(): Promise<void> {
    let reason: WakeReason = 'poked';
    while (!this.closing && !this.heartbeat.isReplaced) {
      try {
        await this.lookout.look(reason);
        this.blindness.end();
        if (await this.isDrained()) return this.drainage.resolve();
      } catch (error) {
        this.blindness.report(error);
      }
      reason = await this.wakeUp.pause(LOOK_EVERY_MS);
    }
  }

  private async isDrained(): Promise<boolean> {
    if (this.heartbeat.mode !== 'draining' || !this.carrier.isIdle) return false;
    // A run whose thread was lost is still ours, and a round takes it up again.
    await this.lookout.makeRound();
    return this.carrier.isIdle;
  }
}
