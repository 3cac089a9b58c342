import { Injectable } from '@nestjs/common';
import { QueueStore, type HeldRun } from '../common/queue/queue-store';
import { Carrier } from './carrier';
import { Patience } from './patience';
import { Recovery } from './recovery';
import { stopOrderOf, TrackedRuns, type TrackedRun } from './tracked-runs';

/** The look at all held runs: stops what is to be stopped, lets go of what was taken over by others, takes over what was abandoned. */
@Injectable()
export class Rounds {
  constructor(
    private readonly store: QueueStore,
    private readonly runs: TrackedRuns,
    private readonly recovery: Recovery,
    private readonly carrier: Carrier,
    private readonly patience: Patience,
  ) {}

  async make(): Promise<void> {
    for (const held of await this.store.held()) {
      const tracked = this.runs.find(held.run.id);
      if (tracked) compare(tracked, held);
      else await this.adopt(held);
    }
  }

  /** One run that resists must not keep the others from being taken over. */
  private async adopt(held: HeldRun): Promise<void> {
    try {
      const adopted = await this.recovery.adopt(held);
      if (adopted) this.carrier.resume(adopted.run, adopted.work);
    } catch (error) {
      this.patience.report(error);
    }
  }
}

function compare(tracked: TrackedRun, { run }: HeldRun): void {
  if (run.fence > tracked.run.fence) return tracked.drop();
  const order = stopOrderOf(run);
  if (order) tracked.orderStop(order);
}
