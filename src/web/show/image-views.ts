import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { formatEntryPath, type EntryPath } from '../../common/files/entry-name';
import { RunFolders } from '../../common/files/run-folders';
import type { OpenFile, SafeDirectory } from '../../common/files/safe-directory';
import { PictureStore, type Picture } from '../images/picture-store';

const LONGEST_EDGE = 2000;

/** Pictures of results, rendered once per version of a file and kept among the control files of the run, with which they go. */
@Injectable()
export class ImageViews {
  constructor(
    private readonly folders: RunFolders,
    private readonly pictures: PictureStore,
  ) {}

  /**
   * @param results folder of the run's results; `path` lies below it.
   * @returns the picture, open; the caller closes it. Null when there is none to be had.
   */
  async view(runId: number, results: SafeDirectory, path: EntryPath, labels: boolean): Promise<Picture | null> {
    const source = await results.openFile(path);
    try {
      const cache = await this.folders.views(runId);
      const key = keyOf(path, source, labels);
      const known = await this.pictures.find(cache, key);
      if (known !== undefined) return known;
      await forgetOlder(cache, key);
      return await this.pictures.take(`run ${runId}`, cache, key, source, { most: LONGEST_EDGE, labels, lane: 'view' });
    } finally {
      await source.handle.close();
    }
  }
}

/** `<hash of the path and the way of rendering>-<size>-<time>`: another version of the file has another name. */
function keyOf(path: EntryPath, { size, mtimeMs }: OpenFile, labels: boolean): string {
  const hash = createHash('sha256')
    .update(`${formatEntryPath(path)}\n${labels}`)
    .digest('hex')
    .slice(0, 32);
  return `${hash}-${size}-${Math.round(mtimeMs)}`;
}

async function forgetOlder(cache: SafeDirectory, key: string): Promise<void> {
  const [hash = ''] = key.split('-', 1);
  const { entries } = await cache.list([], { limit: 2000 });
  for (const { name } of entries) {
    if (name.toString().startsWith(`${hash}-`) && name.toString() !== key) await cache.remove([name]);
  }
}
