import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { DerivedFiles } from '../../common/files/derived-files';
import { formatEntryPath, type EntryPath } from '../../common/files/entry-name';
import { RunFolders } from '../../common/files/run-folders';
import type { OpenFile, SafeDirectory } from '../../common/files/safe-directory';
import { PictureStore, type Picture } from '../images/picture-store';

const LONGEST_EDGE = 2000;
const PREFIX = 'picture-';

/** Pictures of results, rendered once per version of a file and kept among the control files of the run, with which they go. */
@Injectable()
export class ImageViews {
  constructor(
    private readonly folders: RunFolders,
    private readonly pictures: PictureStore,
    private readonly derived: DerivedFiles,
    private readonly config: AppConfig,
  ) {}

  /**
   * @param results folder of the run's results; `path` lies below it.
   * @returns the picture, open; the caller closes it. Null when there is none to be had.
   */
  async view(runId: number, results: SafeDirectory, path: EntryPath, labels: boolean): Promise<Picture | null> {
    const source = await results.openFile(path);
    try {
      const cache = await this.folders.cache(runId);
      const [hash, key] = namesOf(path, source, labels);
      const known = await this.pictures.find(cache, key);
      if (known !== undefined) return known;
      const isOutdated = (name: string) => name.startsWith(`${hash}-`) && !name.startsWith(key);
      await this.derived.keepWithin(cache, { prefix: PREFIX, bytes: this.config.settings.MAX_VIEWS, isOutdated });
      return await this.pictures.take(cache, key, source, { most: LONGEST_EDGE, labels, lane: 'view' });
    } finally {
      await source.handle.close();
    }
  }
}

/** `picture-<hash of the path and the way of rendering>`, and the same with `-<size>-<time>`: another version has another name. */
function namesOf(path: EntryPath, { size, mtimeMs }: OpenFile, labels: boolean): [hash: string, key: string] {
  const hash = createHash('sha256')
    .update(`${formatEntryPath(path)}\n${labels}`)
    .digest('hex')
    .slice(0, 32);
  return [`${PREFIX}${hash}`, `${PREFIX}${hash}-${size}-${Math.round(mtimeMs)}`];
}
