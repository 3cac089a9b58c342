import { Injectable } from '@nestjs/common';
import { QueueStore, type HeldRun } from '../common/queue/queue-store';
import { Carrier } from './carrier';
import { Patience, type Trouble } from './patience';
import { Recovery } from './recovery';
import { Sealing } from './sealing';
import { stopOrderOf, TrackedRuns, type TrackedRun } from './tracked-runs';

/** The look at all held runs: stops what is to be stopped, lets go of what was taken over by others, takes over what was abandoned. */
@Injectable()
export class Rounds {
  /** Of runs that could not be taken over, until that works or they are held no more. */
  private readonly troubles = new Map<number, Trouble>();

  constructor(
    private readonly store: QueueStore,
    private readonly runs: TrackedRuns,
    private readonly recovery: Recovery,
    private readonly carrier: Carrier,
    private readonly sealing: Sealing,
    private readonly patience: Patience,
  ) {}

  /** Whether this process has runs, which may have been taken from it and be held by nobody. */
  get areOfUse(): boolean {
    return this.runs.size > 0;
  }

  async make(): Promise<void> {
    const before = this.runs.all();
    const all = await this.store.held();
    const held = new Set(all.map(({ run }) => run.id));
    this.forgetAllBut(held);
    // Declared lost by a person. What is being started or settled learns by itself that it is held no more.
    for (const tracked of before) if (isLookedAfter(tracked) && !held.has(tracked.run.id)) tracked.drop();
    for (const one of all) {
      const tracked = this.runs.find(one.run.id);
      if (tracked) await this.compare(tracked, one);
      else await this.adopt(one);
    }
  }

  private async compare(tracked: TrackedRun, { run }: HeldRun): Promise<void> {
    // Another owner; or a database that was put back, in which we own nothing.
    if (run.fence !== tracked.run.fence) return tracked.drop();
    // The database forgot that it permitted what we follow; the next round takes it up as it stands then.
    const { execution } = tracked;
    if (run.state === 'starting' && execution && (await this.sealing.discover(tracked.lease, execution.handle))) return tracked.drop();
    const order = stopOrderOf(run);
    if (order) tracked.orderStop(order);
  }

  /** One run that resists must not keep the others from being taken over. */
  private async adopt(held: HeldRun): Promise<void> {
    const { id } = held.run;
    try {
      const run = await this.recovery.adopt(held);
      if (run) this.carrier.resume(run, ({ dropped }) => this.patience.insist(() => this.recovery.recover(run), dropped));
      this.endTrouble(id);
    } catch (error) {
      const trouble = this.troubles.get(id) ?? this.patience.newTrouble();
      this.troubles.set(id, trouble);
      trouble.report(error);
    }
  }

  private forgetAllBut(held: ReadonlySet<number>): void {
    for (const id of this.troubles.keys()) if (!held.has(id)) this.endTrouble(id);
  }

  private endTrouble(id: number): void {
    this.troubles.get(id)?.end();
    this.troubles.delete(id);
  }
}

function isLookedAfter({ phase }: TrackedRun): boolean {
  return phase === 'followed' || phase === 'recovered';
}
