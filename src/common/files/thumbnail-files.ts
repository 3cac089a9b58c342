import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { SafeDirectory } from './safe-directory';

/** Where small pictures of people's images are kept: `DATA_DIR/cache/thumbnails/<project>/`. All of it can be made again. */
@Injectable()
export class ThumbnailFiles {
  constructor(private readonly config: AppConfig) {}

  /** One folder per project; it need not exist. */
  all(): SafeDirectory {
    return SafeDirectory.open(this.config.cacheRoot).inside([Buffer.from('thumbnails')]);
  }

  /** The folder of a project, made if it is missing. */
  async of(projectId: string): Promise<SafeDirectory> {
    const folder = this.all().inside([Buffer.from(projectId)]);
    await SafeDirectory.ensure(this.config.cacheRoot);
    await folder.ensureFolder([]);
    return folder;
  }
}
