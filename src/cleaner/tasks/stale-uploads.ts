import { Injectable } from '@nestjs/common';
import { inParts } from '../../common/database/in-parts';
import { AppConfig } from '../../common/config/app-config';
import { showEntryName } from '../../common/files/entry-name';
import type { Entry } from '../../common/files/listing';
import { ProjectFiles } from '../../common/files/project-files';
import { TrashRepository } from '../../common/trash/trash.repository';
import { UploadsRepository } from '../../common/uploads/uploads.repository';
import { Chore, DAY_MS, type Waste } from '../../common/cleaning/chore';
import { entriesOf, entryWaste } from '../../common/cleaning/folder-waste';

/**
 * Forms that were broken off, and what is left of interrupted deletions: all that lies untouched in a staging folder for a day. Uploads that
 * can go on are left to `ExpiredUploads`, and what was deleted and can be brought back to `OldTrash`; without a row (a database that was put
 * back) it goes as well, the latter after TRASH_DAYS.
 */
@Injectable()
export class StaleUploads extends Chore {
  readonly name = 'stale uploads';

  constructor(
    private readonly config: AppConfig,
    private readonly files: ProjectFiles,
    private readonly trash: TrashRepository,
    private readonly uploads: UploadsRepository,
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
    const names = entries.map(({ name }) => name);
    const deletions = await known(
      names,
      (name) => this.files.deletionOf(name),
      (ids) => this.trash.known(ids),
    );
    const uploads = await known(
      names,
      (name) => this.files.reservationOf(name),
      (ids) => this.uploads.open(ids),
    );
    return entries.filter(({ name, touchedMs }) => {
      const deletion = this.files.deletionOf(name);
      if (deletion !== null) return !deletions.has(deletion) && touchedMs < nowMs - this.config.settings.TRASH_DAYS * DAY_MS;
      return !uploads.has(this.files.reservationOf(name) ?? '') && touchedMs < nowMs - DAY_MS;
    });
  }
}

/** Those of the ids in these names that have a row. */
async function known(
  names: readonly Buffer[],
  idOf: (name: Buffer) => string | null,
  withRow: (ids: readonly string[]) => Promise<Set<string>>,
): Promise<Set<string>> {
  const ids = names.map(idOf).filter((id) => id !== null);
  return new Set(await inParts(ids, async (part) => [...(await withRow(part))]));
}
