import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../errors';
import type { Entry } from '../files/listing';
import { ProjectFiles } from '../files/project-files';
import type { SafeDirectory } from '../files/safe-directory';
import { HomesRepository } from '../users/homes.repository';
import type { Amounts } from './space.repository';

const MOST_STAGED = 200_000;

/** What lies in the staging folders of an owner. What belongs to a reservation has its id in its name (`ProjectFiles.stagingName`). */
@Injectable()
export class StagedFiles {
  constructor(
    private readonly files: ProjectFiles,
    private readonly homes: HomesRepository,
  ) {}

  /** What work under way has written so far, by the id of its reservation; without those that have written nothing. */
  async amountsOf(ownerId: string, reservationIds: ReadonlySet<string>): Promise<Map<string, Amounts>> {
    const sums = new Map<string, Amounts>();
    for (const homeId of await this.homes.homesOf(ownerId)) await this.addUp(homeId, reservationIds, sums);
    return sums;
  }

  /** Everything in the staging folder of a home; nothing while there is no such folder. */
  async list(homeId: string): Promise<{ directory: SafeDirectory; entries: Entry[] }> {
    const directory = this.files.stagingOf(homeId);
    return { directory, entries: await entriesIfThere(directory) };
  }

  private async addUp(homeId: string, reservationIds: ReadonlySet<string>, sums: Map<string, Amounts>): Promise<void> {
    const { directory, entries } = await this.list(homeId);
    for (const { name } of entries) {
      const id = name
        .toString('latin1')
        .split('.')
        .find((part) => reservationIds.has(part));
      if (id === undefined) continue;
      const { bytes, files } = await measureIfThere(directory, name);
      const sum = sums.get(id) ?? { bytes: 0, files: 0 };
      sums.set(id, { bytes: sum.bytes + bytes, files: sum.files + files });
    }
  }
}

/** Everything directly in a folder; nothing when it is not there. */
export async function entriesIfThere(directory: SafeDirectory): Promise<Entry[]> {
  try {
    return (await directory.list([], { limit: MOST_STAGED })).entries;
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}

/** Regular files at and below an entry; nothing when it has gone meanwhile. */
async function measureIfThere(directory: SafeDirectory, name: Buffer): Promise<Amounts> {
  try {
    const { bytes, files } = await directory.measure([name]);
    return { bytes, files };
  } catch (error) {
    if (error instanceof NotFoundError) return { bytes: 0, files: 0 };
    throw error;
  }
}
