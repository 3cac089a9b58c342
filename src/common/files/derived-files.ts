import { createHash, randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../errors';
import type { OpenFile, SafeDirectory } from './safe-directory';

/** A folder of files that can be made again. */
export interface Cache {
  /** Tells it from others in this process. */
  place: string;
  folder: SafeDirectory;
}

export interface Bounds {
  /** Which entries of the folder they are for. */
  prefix: string;
  bytes: number;
  files?: number;
  /** What was made of other versions of the same file, which goes in any case. */
  isOutdated: (name: string) => boolean;
}

interface Making {
  done: Promise<unknown>;
  temporary: Buffer;
}

/** The name of what is made of one version of a file. */
export interface VersionedName {
  name: string;
  /** Tells what was made in the same way of other versions of the file. */
  isOutdated: Bounds['isOutdated'];
}

const UNFINISHED = '.part';
const DAY_MS = 86_400_000;
const MOST_LISTED = 10_000;

/** What is made of people's files, and can be made again: pictures, tiles, indexes of tables. Each is there whole or not at all. */
@Injectable()
export class DerivedFiles {
  private readonly making = new Map<string, Making>();

  /** @returns null when it was not made yet, or was removed to make room. The caller closes it. */
  open({ folder }: Cache, name: string): Promise<OpenFile | null> {
    return openOrNull(folder, Buffer.from(name));
  }

  /** Makes it, unless that is under way already; then all wait for the same. @param bounds within which the folder is held, once it is made. */
  make<Value>(cache: Cache, name: string, fill: (target: FileHandle) => Promise<Value>, bounds?: Bounds): Promise<Value> {
    const place = `${cache.place}/${name}`;
    const running = this.making.get(place);
    if (running) return running.done as Promise<Value>;
    const temporary = Buffer.from(`${name}.${randomUUID()}${UNFINISHED}`);
    const work = async (): Promise<Value> => {
      const value = await write(cache.folder, temporary, Buffer.from(name), fill);
      if (bounds) await this.keepWithin(cache, bounds, name);
      return value;
    };
    const done = work().finally(() => this.making.delete(place));
    this.making.set(place, { done, temporary });
    return done;
  }

  /** As `make`; an empty file says that there is nothing to be had, so that a hostile original is tried only once. */
  async makeOrNothing(cache: Cache, name: string, fill: (target: FileHandle) => Promise<boolean>, bounds?: Bounds): Promise<void> {
    const fillOrEmpty = async (target: FileHandle): Promise<void> => {
      if (!(await fill(target))) await target.truncate(0);
    };
    await this.make(cache, name, fillOrEmpty, bounds);
  }

  /** @returns null when there is nothing to be had; undefined when it was not made yet. The caller closes it. */
  async openOrNothing(cache: Cache, name: string): Promise<OpenFile | null | undefined> {
    const file = await this.open(cache, name);
    if (!file) return undefined;
    if (file.size > 0) return file;
    await file.handle.close();
    return null;
  }

  /** A file while it grows; null where none does. The caller closes it. */
  async growing({ place, folder }: Cache, name: string): Promise<OpenFile | null> {
    const making = this.making.get(`${place}/${name}`);
    return making ? openOrNull(folder, making.temporary) : null;
  }

  /** Removes what is outdated, and of the rest the oldest until it is within bounds. @param spared stays. */
  async keepWithin(
    { folder }: Cache,
    { prefix, bytes: mostBytes, files: mostFiles = Infinity, isOutdated }: Bounds,
    spared = '',
  ): Promise<void> {
    const { entries } = await folder.list([], { limit: MOST_LISTED });
    const ours = entries
      .map((entry) => ({ ...entry, text: entry.name.toString() }))
      .filter(({ text }) => text.startsWith(prefix))
      // What is being made may wait for its turn; what nobody finished in a day was left by a process that died.
      .filter(({ text, mtimeMs }) => !text.endsWith(UNFINISHED) || mtimeMs < Date.now() - DAY_MS)
      .toSorted((one, other) => other.mtimeMs - one.mtimeMs);
    let bytes = 0;
    let files = 0;
    for (const { name, text, size } of ours) {
      const isWaste = isOutdated(text) || text.endsWith(UNFINISHED);
      const isOver = !isWaste && ((bytes += size) > mostBytes || ++files > mostFiles);
      if (text !== spared && (isOver || isWaste)) await folder.remove([name]);
    }
  }
}

/** `<prefix><hash>-<size>-<time>`. @param what which file it is, and how it is made: all else has another hash. */
export function versionedName(prefix: string, what: string, { size, mtimeMs }: { size: number; mtimeMs: number }): VersionedName {
  const stem = `${prefix}${createHash('sha256').update(what).digest('hex').slice(0, 32)}`;
  const name = `${stem}-${size}-${Math.round(mtimeMs)}`;
  // What is being made has an ending.
  return { name, isOutdated: (other) => other.startsWith(`${stem}-`) && !other.startsWith(name) };
}

async function openOrNull(folder: SafeDirectory, name: Buffer): Promise<OpenFile | null> {
  try {
    return await folder.openFile([name]);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

async function write<Value>(
  folder: SafeDirectory,
  temporary: Buffer,
  name: Buffer,
  fill: (target: FileHandle) => Promise<Value>,
): Promise<Value> {
  await (await folder.createFile([temporary])).close();
  const { handle } = await folder.openToWrite([temporary]);
  try {
    const value = await fill(handle).finally(() => handle.close());
    await folder.move([temporary], [name]).catch((error: unknown) => {
      // Another web process was quicker.
      if (!(error instanceof ConflictError)) throw error;
    });
    return value;
  } finally {
    await folder.remove([temporary]);
  }
}
