import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { showEntryName } from '../../common/files/entry-name';
import type { Entry } from '../../common/files/listing';
import { ProjectFiles } from '../../common/files/project-files';
import { TrashRepository } from '../../common/trash/trash.repository';
import { Chore, DAY_MS, type Waste } from '../chore';
import { entriesOf, entryWaste } from '../folder-waste';

const MOST_AT_ONCE = 500;

/**
 * Uploads that were broken off, and what is left of interrupted deletions: all that lies untouched in a staging folder for a day. What was
 * deleted and can be brought back is left to `OldTrash`; without a row (a database that was put back) it goes after the same days.
 */
@Injectable()
export class StaleUploads extends Chore {
  readonly name = 'stale uploads';

  constructor(
    private readonly config: AppConfig,
    private readonly files: ProjectFiles,
    private readonly trash: TrashRepository,
  ) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    const all = this.files.all();
    for (const owner of await entriesOf(all)) {
      if (owner.kind !== 'folder') continue;
      const staging = (await entriesOf(all, [owner.name])).find((entry) => this.files.isStaging(entry.name) && entry.kind === 'folder');
      if (!staging) continue;
      for (const entry of await this.stale(await entriesOf(all, [owner.name, staging.name]), nowMs)) {
        yield entryWaste(`unfinished or deleted files ${showEntryName(entry.name)}`, all, [owner.name, staging.name, entry.name]);
      }
    }
  }

  private async stale(entries: readonly Entry[], nowMs: number): Promise<Entry[]> {
    const known = await this.knownDeletions(entries);
    return entries.filter(({ name, touchedMs }) => {
      const deletion = this.files.deletionOf(name);
      if (deletion === null) return touchedMs < nowMs - DAY_MS;
      return !known.has(deletion) && touchedMs < nowMs - this.config.settings.TRASH_DAYS * DAY_MS;
    });
  }

  private async knownDeletions(entries: readonly Entry[]): Promise<Set<string>> {
    const ids = entries.map(({ name }) => this.files.deletionOf(name)).filter((id) => id !== null);
    const known = new Set<string>();
    for (let index = 0; index < ids.length; index += MOST_AT_ONCE) {
      for (const id of await this.trash.known(ids.slice(index, index + MOST_AT_ONCE))) known.add(id);
    }
    return known;
  }
}
