import { Injectable } from '@nestjs/common';
import { showEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import { Chore, DAY_MS, type Waste } from '../chore';
import { entriesOf, entryWaste } from '../folder-waste';

/** Uploads that were broken off and deleted files past their undo: all that lies untouched in a staging folder for a day. */
@Injectable()
export class StaleUploads extends Chore {
  readonly name = 'stale uploads';

  constructor(private readonly files: ProjectFiles) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    const all = this.files.all();
    for (const owner of await entriesOf(all)) {
      if (owner.kind !== 'folder') continue;
      const staging = (await entriesOf(all, [owner.name])).find((entry) => this.files.isStaging(entry.name) && entry.kind === 'folder');
      if (!staging) continue;
      for (const entry of await entriesOf(all, [owner.name, staging.name])) {
        if (entry.touchedMs >= nowMs - DAY_MS) continue;
        yield entryWaste(`unfinished or deleted files ${showEntryName(entry.name)}`, all, [owner.name, staging.name, entry.name]);
      }
    }
  }
}
