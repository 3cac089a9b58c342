import { Injectable } from '@nestjs/common';
import { Poke } from '../../common/queue/poke.service';
import { QueueStore, type DeclareLostOutcome } from '../../common/queue/queue-store';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { storedText } from '../../locales/text';

/** Takes the word of an administrator that a run whose state is unknown is lost. */
@Injectable()
export class RunLoss {
  constructor(
    private readonly store: QueueStore,
    private readonly poke: Poke,
  ) {}

  /** Its place becomes free, which is wrong where its program goes on. */
  async declare(person: User, run: Run): Promise<DeclareLostOutcome> {
    const note = storedText('queue.declaredLostBy', { name: person.displayName, evidence: run.note ?? '' });
    const outcome = await this.store.declareLost(run.id, note);
    void this.poke.pokeRunners();
    return outcome;
  }
}
