import { Injectable } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import { QueueStore } from '../common/queue/queue-store';
import { Intake } from './intake';
import { Rounds } from './rounds';
import { RunnerSelf } from './runner-self';

/** One look at the queue, as cheap as it can be: a single indexed question when there is nothing to do. */
@Injectable()
export class Lookout {
  private roundMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: QueueStore,
    private readonly self: RunnerSelf,
    private readonly intake: Intake,
    private readonly rounds: Rounds,
    private readonly config: AppConfig,
  ) {}

  /** @param expectant something has probably changed, so claim first and ask afterwards. */
  async look(expectant: boolean): Promise<void> {
    try {
      await this.lookOnce(expectant);
    } catch (error) {
      // A claim whose answer was lost may have made runs ours: find them at the next look.
      this.roundMs = Number.NEGATIVE_INFINITY;
      throw error;
    }
  }

  private async lookOnce(expectant: boolean): Promise<void> {
    // In one line with the claims: a round between a claim and its bookkeeping would take that run for abandoned.
    if (performance.now() - this.roundMs >= this.config.settings.RUNNER_BEAT * 1000) await this.makeRound();
    if (expectant) await this.intake.fill();
    const { waiting, stopping } = await this.store.glance(this.self.name);
    if (stopping) await this.rounds.make();
    if (!waiting) return;
    await this.store.releaseDue();
    await this.intake.fill();
  }

  private async makeRound(): Promise<void> {
    await this.rounds.make();
    this.roundMs = performance.now();
  }
}
