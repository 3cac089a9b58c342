import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../../common/errors';
import { formatEntryPath, type EntryPath } from '../../common/files/entry-name';
import { RunFolders } from '../../common/files/run-folders';
import type { OpenFile, SafeDirectory } from '../../common/files/safe-directory';
import { ImageRenderer } from './image-renderer';

export interface ImageView {
  file: OpenFile;
  contentType: 'image/png' | 'image/jpeg';
}

const LONGEST_EDGE = 2000;

/**
 * Browser-safe pictures of results, rendered once per version of a file and kept among the control files of
 * the run, with which they go. An empty file there says that the image gave no picture, so that a hostile one is tried only once.
 */
@Injectable()
export class ImageViews {
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly folders: RunFolders,
    private readonly renderer: ImageRenderer,
  ) {}

  /**
   * @param results folder of the run's results; `path` lies below it.
   * @returns the picture, open; the caller closes it. Null when there is none to be had.
   */
  async view(runId: number, results: SafeDirectory, path: EntryPath, labels: boolean): Promise<ImageView | null> {
    const source = await results.openFile(path);
    try {
      const cache = await this.folders.views(runId);
      const key = keyOf(path, source, labels);
      const stored = await openStored(cache, key);
      if (stored) return await toView(stored);
      await this.renderOnce(`${runId}/${key}`, () => this.store(cache, key, source, labels));
      const fresh = await openStored(cache, key);
      return fresh && (await toView(fresh));
    } finally {
      await source.handle.close();
    }
  }

  private renderOnce(key: string, work: () => Promise<void>): Promise<void> {
    const running = this.running.get(key);
    if (running) return running;
    const started = work().finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }

  private async store(cache: SafeDirectory, key: string, source: OpenFile, labels: boolean): Promise<void> {
    const temporary = [Buffer.from(`${randomUUID()}.part`)];
    const target = await cache.createFile(temporary);
    try {
      const done = await this.renderer.render(source.handle.fd, target.fd, { most: LONGEST_EDGE, labels });
      if (!done) await target.truncate(0);
    } catch (error) {
      await cache.remove(temporary);
      throw error;
    } finally {
      await target.close();
    }
    await forgetOlder(cache, key);
    await cache.move(temporary, [Buffer.from(key)]).catch((error: unknown) => {
      // Another web process was quicker.
      if (!(error instanceof ConflictError)) throw error;
      return cache.remove(temporary).then(() => undefined);
    });
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

async function openStored(cache: SafeDirectory, key: string): Promise<OpenFile | null> {
  try {
    return await cache.openFile([Buffer.from(key)]);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

async function toView(file: OpenFile): Promise<ImageView | null> {
  const head = Buffer.alloc(2);
  await file.handle.read(head, 0, 2, 0);
  if (file.size > 0) return { file, contentType: head[0] === 0xff && head[1] === 0xd8 ? 'image/jpeg' : 'image/png' };
  await file.handle.close();
  return null;
}
