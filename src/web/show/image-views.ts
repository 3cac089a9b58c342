import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { versionedName } from '../../common/files/derived-files';
import { formatEntryPath, type EntryPath } from '../../common/files/entry-name';
import { RunFolders } from '../../common/files/run-folders';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { PictureStore, type Picture } from '../images/picture-store';

const LONGEST_EDGE = 2000;
const PREFIX = 'picture-';

/** Pictures of results, rendered once per version of a file and kept among the control files of the run, with which they go. */
@Injectable()
export class ImageViews {
  constructor(
    private readonly folders: RunFolders,
    private readonly pictures: PictureStore,
    private readonly config: AppConfig,
  ) {}

  /**
   * @param results folder of the run's results; `path` lies below it.
   * @returns the picture, open; the caller closes it. Null when there is none to be had.
   */
  async view(runId: number, results: SafeDirectory, path: EntryPath, labels: boolean): Promise<Picture | null> {
    const source = await results.openFile(path);
    try {
      const { name, isOutdated } = versionedName(PREFIX, `${formatEntryPath(path)}\n${labels}`, source);
      const bounds = { prefix: PREFIX, bytes: this.config.settings.MAX_VIEWS, isOutdated };
      const task = { most: LONGEST_EDGE, labels, lane: 'view' } as const;
      return await this.pictures.take(await this.folders.cache(runId), name, source, task, bounds);
    } finally {
      await source.handle.close();
    }
  }
}
