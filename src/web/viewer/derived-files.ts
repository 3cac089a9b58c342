import { createHash, randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { ConflictError, NotFoundError } from '../../common/errors';
import { RunFolders } from '../../common/files/run-folders';
import type { Entry, OpenFile, SafeDirectory } from '../../common/files/safe-directory';

/** A file of a run that something is made of. */
export interface Original extends OpenFile {
  /** Which file it is, among all that views of the run may show. */
  name: string;
}

const PREFIX = 'tiles-';
const MOST_LISTED = 10_000;

interface Making {
  done: Promise<void>;
  /** Where it grows. */
  folder: SafeDirectory;
  temporary: Buffer;
}

/**
 * What is made of the images of runs for the viewer: files among the control files of a run, with which they go. Each is made once per
 * version of its original; an empty one says that there is nothing to be had.
 */
@Injectable()
export class DerivedFiles {
  private readonly making = new Map<string, Making>();

  constructor(
    private readonly folders: RunFolders,
    private readonly config: AppConfig,
  ) {}

  /** @param way how it is made: other ways make other files. @returns null where there is nothing to be had. The caller closes it. */
  async take(runId: number, original: Original, way: string, make: (output: FileHandle) => Promise<boolean>): Promise<OpenFile | null> {
    const found = await this.find(runId, original, way);
    if (found !== undefined) return found;
    await this.start(runId, original, way, make);
    return (await this.find(runId, original, way)) ?? null;
  }

  /** @returns undefined when it was not made yet. */
  async find(runId: number, original: Original, way: string): Promise<OpenFile | null | undefined> {
    try {
      const file = await (await this.folders.views(runId)).openFile([keyOf(original, way)]);
      if (file.size > 0) return file;
      await file.handle.close();
      return null;
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** Makes it, unless that is under way already; then both wait for the same. */
  start(runId: number, original: Original, way: string, make: (output: FileHandle) => Promise<boolean>): Promise<void> {
    const place = `${runId}/${keyOf(original, way).toString()}`;
    const running = this.making.get(place);
    if (running) return running.done;
    const temporary = Buffer.from(`${randomUUID()}.part`);
    const folder = this.folders.of(runId).inside([Buffer.from('views')]);
    const done = this.make({ runId, temporary, key: keyOf(original, way) }, make).finally(() => this.making.delete(place));
    this.making.set(place, { done, folder, temporary });
    return done;
  }

  /** A file while it grows; null where none does. The caller closes it. */
  async growing(runId: number, original: Original, way: string): Promise<OpenFile | null> {
    const making = this.making.get(`${runId}/${keyOf(original, way).toString()}`);
    if (!making) return null;
    try {
      return await making.folder.openFile([making.temporary]);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  private async make(
    { runId, temporary, key }: { runId: number; temporary: Buffer; key: Buffer },
    make: (output: FileHandle) => Promise<boolean>,
  ): Promise<void> {
    const folder = await this.folders.views(runId);
    await (await folder.createFile([temporary])).close();
    const { handle } = await folder.openToWrite([temporary]);
    try {
      if (!(await make(handle))) await handle.truncate(0);
    } catch (error) {
      await folder.remove([temporary]);
      throw error;
    } finally {
      await handle.close();
    }
    await folder.move([temporary], [key]).catch((error: unknown) => {
      // Another web process was quicker.
      if (!(error instanceof ConflictError)) throw error;
      return folder.remove([temporary]).then(() => undefined);
    });
    await this.forget(folder, key);
  }

  /** Removes what was made of older versions, and then the oldest until the rest is small enough. */
  private async forget(folder: SafeDirectory, key: Buffer): Promise<void> {
    const { entries } = await folder.list([], { limit: MOST_LISTED });
    const ours = entries.filter(({ name }) => name.toString().startsWith(PREFIX)).sort((one, other) => other.mtimeMs - one.mtimeMs);
    const isOlderVersion = ({ name }: Entry) => originOf(name) === originOf(key) && !name.equals(key);
    let bytes = 0;
    for (const entry of ours) {
      bytes += entry.size;
      const isTooMuch = bytes > this.config.settings.MAX_VIEWS && !entry.name.equals(key);
      if (isTooMuch || isOlderVersion(entry)) await folder.remove([entry.name]);
    }
  }
}

/** `tiles-<hash of the file and the way>-<size>-<time>`: another version of the file has another name. */
function keyOf({ name, size, mtimeMs }: Original, way: string): Buffer {
  const hash = createHash('sha256').update(`${name}\n${way}`).digest('hex').slice(0, 32);
  return Buffer.from(`${PREFIX}${hash}-${size}-${Math.round(mtimeMs)}`);
}

function originOf(name: Buffer): string {
  return name.toString().slice(0, PREFIX.length + 32);
}
