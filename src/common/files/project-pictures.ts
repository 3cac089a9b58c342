import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { Cache } from './derived-files';
import { SafeDirectory } from './safe-directory';

/** What is made of the images of projects: small pictures of them, and tiles for those that somebody looks at closely. */
export type PictureKind = 'thumbnails' | 'tiles';

/** Where it is kept: `DATA_DIR/cache/<kind>/<project>/`. All of it can be made again. */
@Injectable()
export class ProjectPictures {
  constructor(private readonly config: AppConfig) {}

  /** One folder per project; it need not exist. */
  all(kind: PictureKind): SafeDirectory {
    return SafeDirectory.open(this.config.cacheRoot).inside([Buffer.from(kind)]);
  }

  /** Of a project; its folder is made if it is missing. */
  async of(projectId: string, kind: PictureKind): Promise<Cache> {
    const folder = this.all(kind).inside([Buffer.from(projectId)]);
    await SafeDirectory.ensure(this.config.cacheRoot);
    await folder.ensureFolder([]);
    return { place: `${kind} ${projectId}`, folder };
  }
}
