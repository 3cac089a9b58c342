import { Injectable } from '@nestjs/common';
import { Poke } from '../../common/queue/poke.service';
import { QueueStore, type CancelOutcome } from '../../common/queue/queue-store';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { storedText } from '../../locales/text';

/** Ends runs for somebody who may, and writes down who it was. */
@Injectable()
export class RunCancelling {
  constructor(
    private readonly store: QueueStore,
    private readonly poke: Poke,
  ) {}

  async cancel(person: User, run: Pick<Run, 'id' | 'ownerId'>): Promise<CancelOutcome> {
    const outcome = await this.store.requestCancel(run.id, this.noteOf(person, run));
    void this.poke.pokeRunners();
    return outcome;
  }

  /**
   * Several that were asked for together; what has ended stays as it is.
   * @param live of theirs that are not over.
   */
  async cancelAll(person: User, asked: { ownerId: string }, live: readonly Run[]): Promise<void> {
    const note = this.noteOf(person, asked);
    // The last one first: a place that becomes free must not be taken by a run that goes next.
    for (const run of live.toSorted((one, other) => other.id - one.id)) await this.store.requestCancel(run.id, note);
    void this.poke.pokeRunners();
  }

  /** Owners of projects end what others asked for in them. */
  private noteOf(person: User, { ownerId }: { ownerId: string }): string {
    const isOwnDoing = !person.isAdmin || ownerId === person.id;
    return storedText(isOwnDoing ? 'queue.cancelledBy' : 'queue.cancelledByAdministrator', { name: person.displayName });
  }
}
