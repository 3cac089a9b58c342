import { Injectable } from '@nestjs/common';
import { QueueStore, type Glance } from '../common/queue/queue-store';
import { Errands } from './errands';
import { Heartbeat } from './heartbeat';
import { Intake } from './intake';
import { Rounds } from './rounds';
import { RunnerSelf } from './runner-self';
import type { WakeReason } from './wake-up';

/** While places become free all the time the queue is still asked what else is new. */
const GLANCE_EVERY_MS = 500;

/** One look at the queue, as cheap as it can be: a single indexed question when there is nothing to do. */
@Injectable()
export class Lookout {
  private roundMs = Number.NEGATIVE_INFINITY;
  private glanceMs = Number.NEGATIVE_INFINITY;
  /** Whether there may be a held run that is to be looked after. */
  private isHeld = true;

  constructor(
    private readonly store: QueueStore,
    private readonly self: RunnerSelf,
    private readonly intake: Intake,
    private readonly rounds: Rounds,
    private readonly heartbeat: Heartbeat,
    private readonly errands: Errands,
  ) {}

  async look(reason: WakeReason): Promise<void> {
    try {
      await this.lookOnce(reason);
    } catch (error) {
      // A claim whose answer was lost may have made runs ours: find them at the next look.
      this.roundMs = Number.NEGATIVE_INFINITY;
      this.isHeld = true;
      throw error;
    }
  }

  /** The look at all held runs, which finds those of this runner that nobody follows. */
  async makeRound(): Promise<void> {
    await this.rounds.make();
    this.roundMs = performance.now();
  }

  private async lookOnce(reason: WakeReason): Promise<void> {
    // In one line with the claims: a round between a claim and its bookkeeping would take that run for abandoned.
    const isDue = this.isHeld || this.rounds.areOfUse;
    if (isDue && performance.now() - this.roundMs >= this.self.beatMs) await this.makeRound();
    // Something has probably changed: claim first, and ask afterwards.
    const hasAsked = reason !== 'time' && (await this.intake.fill());
    if (reason === 'freed' && hasAsked && performance.now() - this.glanceMs < GLANCE_EVERY_MS) return;
    const glance = await this.store.glance(this.self.name);
    this.glanceMs = performance.now();
    await this.heed(glance, hasAsked);
    if (reason === 'time') this.errands.wakeMails(glance);
  }

  private async heed(glance: Glance, hasAsked: boolean): Promise<void> {
    this.isHeld = glance.held;
    this.heartbeat.learn(glance);
    if (glance.stopping) await this.rounds.make();
    if (glance.due) await this.errands.release();
    if (glance.due || (glance.waiting && !hasAsked)) await this.intake.fill();
  }
}
