import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, parseEntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import { ProjectPictures } from '../../common/files/project-pictures';
import { InboxLinks } from '../../common/inbox/inbox-links';
import type { Project } from '../../common/projects/project.entity';
import { cacheOnce, type Original, type Shelf, type SourceAddress } from './shelf';

/** Opens the images of projects, those in the inbox that a link stands for included. */
@Injectable()
export class ProjectImages {
  constructor(
    private readonly files: ProjectFiles,
    private readonly links: InboxLinks,
    private readonly pictures: ProjectPictures,
    private readonly config: AppConfig,
  ) {}

  shelf(project: Project): Shelf {
    return {
      open: (address) => this.open(project, address),
      root: this.config.cacheRoot,
      cache: cacheOnce(() => this.pictures.of(project.id, 'tiles')),
      base: `/projects/${project.id}`,
    };
  }

  private async open(project: Project, address: SourceAddress): Promise<Original> {
    if (address.kind !== 'files') throw new NotFoundError('errors.notFound');
    const path = parseEntryPath(address.path);
    const place = await this.links.follow(project, this.files.of(project), path);
    return { ...(await place.directory.openFile(place.path)), name: `files/${formatEntryPath(path)}` };
  }
}
