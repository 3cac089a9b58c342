import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { showEntryName } from '../../common/files/entry-name';
import type { Entry } from '../../common/files/listing';
import { ProjectPictures, type PictureKind } from '../../common/files/project-pictures';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { Chore, DAY_MS, type Waste } from '../../common/cleaning/chore';
import { entriesOf, entryWaste } from '../../common/cleaning/folder-waste';

const KEPT_DAYS = 30;
const MOST_THUMBNAIL_BYTES = 2_000_000_000;

/** Pictures and tiles of people's images that nobody needs: of projects that are gone, those made long ago, and the oldest of too many. */
@Injectable()
export class OldThumbnails extends Chore {
  readonly name = 'small pictures';
  /** Of all projects together; beyond that the oldest go. Tests have little patience. */
  readonly mostBytes: Record<PictureKind, number>;

  constructor(
    private readonly pictures: ProjectPictures,
    private readonly projects: ProjectsRepository,
    { settings }: AppConfig,
  ) {
    super();
    this.mostBytes = { thumbnails: MOST_THUMBNAIL_BYTES, tiles: settings.MAX_VIEWS };
  }

  async find(nowMs: number): Promise<Waste[]> {
    return [...(await this.findOf('thumbnails', nowMs)), ...(await this.findOf('tiles', nowMs))];
  }

  private async findOf(kind: PictureKind, nowMs: number): Promise<Waste[]> {
    const all = this.pictures.all(kind);
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
      if (entry.touchedMs >= nowMs - KEPT_DAYS * DAY_MS && bytes <= this.mostBytes[kind]) continue;
      waste.push(entryWaste(`picture ${showEntryName(entry.name)} of project ${showEntryName(project)}`, all, [project, entry.name]));
    }
    return waste;
  }
}
