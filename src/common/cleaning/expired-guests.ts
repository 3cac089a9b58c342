import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { ProjectFiles } from '../files/project-files';
import { RunsRepository } from '../queue/runs.repository';
import type { User } from '../users/user.entity';
import { Chore, DAY_MS, sum, type Amount, type Waste } from './chore';
import { sizeOf } from './folder-waste';
import { GuestsRepository } from './guests.repository';
import { RunRemoval } from './run-removal';
import { text } from '../../locales/text';

const MOST_GUESTS = 10_000;
const MOST_RUNS = 100_000;

/** Spaces of guests who have not been here for GUEST_DAYS, with projects, files and runs, kept or not; never one with a run that waits or runs. */
@Injectable()
export class ExpiredGuests extends Chore {
  readonly name = 'guest spaces';

  constructor(
    private readonly config: AppConfig,
    private readonly guests: GuestsRepository,
    private readonly runs: RunsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly removal: RunRemoval,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const beforeMs = nowMs - this.config.settings.GUEST_DAYS * DAY_MS;
    return (await this.guests.findExpired(beforeMs, MOST_GUESTS)).map((guest) => ({
      dueMs: guest.lastSeenMs + this.config.settings.GUEST_DAYS * DAY_MS,
      ownerId: guest.id,
      what: `space of ${guest.displayName}, last here ${new Date(guest.lastSeenMs).toISOString().slice(0, 10)}`,
      inWords: () => text('operations.goesGuest', { name: guest.displayName }),
      measure: () => this.measure(guest),
      remove: () => this.remove(guest, beforeMs),
    }));
  }

  private async measure({ id }: User): Promise<Amount> {
    const outside = await Promise.all((await this.runsOf(id)).map((run) => this.removal.measureOutsideProject(run)));
    return sum([...outside, await sizeOf(this.projectFiles.all(), [Buffer.from(id)])]);
  }

  /** The key first, so that nobody can be in the space; then files, then rows: what a crash leaves is found again by its user row. */
  private async remove({ id }: User, beforeMs: number): Promise<Amount> {
    if (!(await this.guests.lockOut(id, beforeMs))) return sum([]);
    const freed: Amount[] = [];
    for (const run of await this.runsOf(id)) freed.push(await this.removal.remove(run, true));
    freed.push(await this.projectFiles.all().remove([Buffer.from(id)]));
    await this.guests.forget(id);
    return sum(freed);
  }

  private async runsOf(ownerId: string) {
    return (await this.runs.listFinished({ ownerId, limit: MOST_RUNS })).runs;
  }
}
