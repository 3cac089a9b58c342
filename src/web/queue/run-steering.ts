import { Injectable } from '@nestjs/common';
import { Poke } from '../../common/queue/poke.service';
import { QueueStore, type DeclareLostOutcome, type FrontOutcome } from '../../common/queue/queue-store';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { storedText } from '../../locales/text';

/** What an administrator decides about one run. */
@Injectable()
export class RunSteering {
  constructor(
    private readonly store: QueueStore,
    private readonly poke: Poke,
  ) {}

  /** On their word a run whose state is unknown is lost. Its place becomes free, which is wrong where its program goes on. */
  async declareLost(person: User, run: Run): Promise<DeclareLostOutcome> {
    const note = storedText('queue.declaredLostBy', { name: person.displayName, evidence: run.note ?? '' });
    const outcome = await this.store.declareLost(run.id, note);
    void this.poke.pokeRunners();
    return outcome;
  }

  async toFront({ id }: Run): Promise<FrontOutcome> {
    const outcome = await this.store.toFront(id);
    void this.poke.pokeRunners();
    return outcome;
  }
}
