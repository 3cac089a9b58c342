import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { RunsRepository } from '../queue/runs.repository';
import type { User } from '../users/user.entity';
import { AccountPlaces } from './account-places';
import { Chore, DAY_MS, sum, type Amount, type Waste } from './chore';
import { LeavingRepository } from './leaving.repository';
import { RunRemoval } from './run-removal';
import { text } from '../../locales/text';

const MOST_ACCOUNTS = 1000;
const MOST_RUNS = 100_000;

/** Accounts whose people asked for their end TRASH_DAYS ago, with all that is theirs; never one with a run that waits or goes on. */
@Injectable()
export class LeavingAccounts extends Chore {
  readonly name = 'accounts that people left';

  constructor(
    private readonly config: AppConfig,
    private readonly leaving: LeavingRepository,
    private readonly runs: RunsRepository,
    private readonly places: AccountPlaces,
    private readonly removal: RunRemoval,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const beforeMs = nowMs - this.config.settings.TRASH_DAYS * DAY_MS;
    return (await this.leaving.find(beforeMs, MOST_ACCOUNTS)).map((person) => ({
      dueMs: (person.leavingMs ?? 0) + this.config.settings.TRASH_DAYS * DAY_MS,
      ownerId: person.id,
      what: `account ${person.id} with all that is in it`,
      inWords: () => text('operations.goesAccount', { name: person.displayName }),
      measure: () => this.measure(person),
      remove: () => this.remove(person, beforeMs),
    }));
  }

  private async measure(person: User): Promise<Amount> {
    const outside = await Promise.all((await this.runsOf(person.id)).map((run) => this.removal.measureOutsideProject(run)));
    return sum([...outside, await this.places.measure(person)]);
  }

  /** The mark first, then files, then rows: what a crash leaves is found again by its row. */
  private async remove(person: User, beforeMs: number): Promise<Amount> {
    if (!(await this.leaving.lockOut(person.id, beforeMs))) return sum([]);
    const freed: Amount[] = [];
    for (const run of await this.runsOf(person.id)) freed.push(await this.removal.remove(run, true));
    freed.push(await this.places.remove(person));
    await this.leaving.forget(person);
    return sum(freed);
  }

  /** What they asked for in projects of others belongs to those. */
  private async runsOf(ownerId: string) {
    const { runs } = await this.runs.listFinished({ ownerId, limit: MOST_RUNS });
    const elsewhere = await this.leaving.ofOthers([...new Set(runs.map(({ projectId }) => projectId))], ownerId);
    return runs.filter(({ projectId }) => !elsewhere.has(projectId));
  }
}
