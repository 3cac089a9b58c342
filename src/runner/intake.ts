import { Injectable } from '@nestjs/common';
import { QueueStore } from '../common/queue/queue-store';
import { Carrier } from './carrier';
import { Heartbeat } from './heartbeat';
import { Reluctance } from './reluctance';
import { RunnerSelf } from './runner-self';
import { TrackedRuns } from './tracked-runs';

/** Claims waiting runs for the places that are free, while this runner is in a state to carry them. */
@Injectable()
export class Intake {
  constructor(
    private readonly store: QueueStore,
    private readonly self: RunnerSelf,
    private readonly heartbeat: Heartbeat,
    private readonly reluctance: Reluctance,
    private readonly runs: TrackedRuns,
    private readonly carrier: Carrier,
  ) {}

  /**
   * Claims until no place is free or nothing is left to claim.
   * @returns whether it asked the queue for all that it could take.
   * @throws the database's error; what it claimed then is found again.
   */
  async fill(): Promise<boolean> {
    let hasAsked = false;
    while (await this.mayClaim()) {
      const { places } = this;
      const claimed = await this.store.claim(this.self.takesNow, places, await this.self.limits());
      for (const run of claimed) this.carrier.start(run);
      hasAsked = true;
      if (claimed.length < places) break;
    }
    return hasAsked;
  }

  private get places(): number {
    return this.self.slots + this.self.remoteSlots - this.runs.size;
  }

  private async mayClaim(): Promise<boolean> {
    if (this.places <= 0 || !this.heartbeat.mayClaim) return false;
    const reason = await this.reluctance.reason();
    this.heartbeat.tell(reason);
    return reason === null;
  }
}
