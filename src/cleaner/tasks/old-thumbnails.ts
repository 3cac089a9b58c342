import { Injectable } from '@nestjs/common';
import { showEntryName } from '../../common/files/entry-name';
import type { Entry } from '../../common/files/listing';
import { ThumbnailFiles } from '../../common/files/thumbnail-files';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { Chore, DAY_MS, type Waste } from '../chore';
import { entriesOf, entryWaste } from '../folder-waste';

const KEPT_DAYS = 30;
/** Of all projects together; beyond that the oldest go. */
const MOST_BYTES = 2_000_000_000;

/** Small pictures of people's images that nobody needs: of projects that are gone, those made long ago, and the oldest of too many. */
@Injectable()
export class OldThumbnails extends Chore {
  readonly name = 'small pictures';
  /** Tests have little patience. */
  mostBytes = MOST_BYTES;

  constructor(
    private readonly thumbnails: ThumbnailFiles,
    private readonly projects: ProjectsRepository,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const all = this.thumbnails.all();
    const waste: Waste[] = [];
    const pictures: { project: Buffer; entry: Entry }[] = [];
    for (const project of await entriesOf(all)) {
      const isKnown = (await this.projects.findById(project.name.toString())) !== null;
      if (!isKnown) waste.push(entryWaste(`pictures of project ${showEntryName(project.name)}, which is gone`, all, [project.name]));
      else for (const entry of await entriesOf(all, [project.name])) pictures.push({ project: project.name, entry });
    }
    pictures.sort((one, other) => other.entry.touchedMs - one.entry.touchedMs);
    let bytes = 0;
    for (const { project, entry } of pictures) {
      bytes += entry.size;
      if (entry.touchedMs >= nowMs - KEPT_DAYS * DAY_MS && bytes <= this.mostBytes) continue;
      waste.push(entryWaste(`picture ${showEntryName(entry.name)} of project ${showEntryName(project)}`, all, [project, entry.name]));
    }
    return waste;
  }
}
