import { randomUUID } from 'node:crypto';
import { opendir, rename, rmdir, unlink, type FileHandle } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { showEntryName, type EntryPath } from './entry-name';
import { at, itself, lstatAt, openFolderAt } from './directory-walk';

/** Regular files and their bytes. */
export interface Amount {
  files: number;
  bytes: number;
}

/** Folders held open at the same time. Deeper trees are real (and a cheap attack); handles are not free. */
export const MOST_OPEN = 48;
const MOST_AT_ONCE = 64;
const OWNER_MAY_ALL = 0o700;
/** How often somebody may write into what is being removed before it fails. */
const MOST_DISTURBANCES = 100;

/** Removes one entry with all below it, by folder handles throughout; what vanishes meanwhile is taken for removed. */
export async function removeEntry(folder: FileHandle, name: Buffer): Promise<Amount> {
  const removal = new Removal();
  await removal.removeAny(folder, name);
  return removal.amount;
}

/** Removes all that is in an open folder, which stays. What is written into it meanwhile may stay too. */
export async function emptyFolder(folder: FileHandle): Promise<void> {
  await new Removal().emptyAll(folder);
}

/** A regular file somewhere below a folder. */
export interface FoundFile {
  path: EntryPath;
  size: number;
  mtimeMs: number;
  /** As in `Entry`. */
  touchedMs: number;
  /** As a number, which rounds the largest. */
  inode: number;
}

/** How `visitFiles` goes about. */
export interface Visit {
  /** Called for each file; false ends the search. */
  visit: (file: FoundFile) => boolean | Promise<boolean>;
  /** Names of folders directly in the first one that are left out. */
  skip?: readonly Buffer[];
  /** Takes the paths of folders that lie deeper than handles are held; they are the caller's to visit. */
  tooDeep: EntryPath[];
}

/**
 * All regular files below an open folder, which stays open: files first, then folder by folder, in the order of the disk. Links are not
 * followed. However many there are, a few of their names are held at a time.
 * @param above the path of the folder, which the paths of its files begin with.
 * @returns false when `visit` ended it.
 */
export async function visitFiles(folder: FileHandle, how: Visit, above: EntryPath = [], depth = 1): Promise<boolean> {
  let hasFolders = false;
  for await (const items of partsOf(folder)) {
    hasFolders ||= items.some((item) => item.isDirectory());
    const files = items.filter((item) => item.isFile());
    const found = await Promise.all(files.map(({ name }) => fileAt(folder, name, above)));
    for (const file of found) if (file && !(await how.visit(file))) return false;
  }
  if (!hasFolders) return true;
  for await (const items of partsOf(folder)) {
    for (const { name } of items.filter((item) => item.isDirectory())) {
      if (depth === 1 && how.skip?.some((skipped) => skipped.equals(name))) continue;
      const path = [...above, name];
      if (depth >= MOST_OPEN) how.tooDeep.push(path);
      else if (!(await visitBelow(folder, name, (below) => visitFiles(below, how, path, depth + 1)))) return false;
    }
  }
  return true;
}

/** True as well when there is no such folder any more. */
async function visitBelow(folder: FileHandle, name: Buffer, visit: (below: FileHandle) => Promise<boolean>): Promise<boolean> {
  const below = await openFolder(folder, name);
  return below ? visit(below).finally(() => below.close()) : true;
}

async function fileAt(folder: FileHandle, name: Buffer, above: EntryPath): Promise<FoundFile | null> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await lstatAt(folder, name);
    return { path: [...above, name], size, mtimeMs, touchedMs: ctimeMs, inode: ino };
  } catch (error) {
    ignoreGone(error);
    return null;
  }
}

class Removal {
  readonly amount: Amount = { files: 0, bytes: 0 };
  private disturbances = 0;

  async removeAny(parent: FileHandle, name: Buffer): Promise<void> {
    const top = await openFolder(parent, name);
    if (!top) return this.removeFile(parent, name);
    try {
      do await this.emptyAll(top);
      while (!(await this.removeEmptied(parent, name)));
    } finally {
      await top.close();
    }
  }

  async emptyAll(top: FileHandle): Promise<void> {
    // Another turn while folders from below the depth limit were lifted into the top one, or somebody wrote meanwhile.
    while (await this.empty(top, top, 0));
  }

  /** Empties an open folder. True when it needs another turn. */
  private async empty(top: FileHandle, folder: FileHandle, depth: number): Promise<boolean> {
    let again = false;
    await folder.chmod(OWNER_MAY_ALL).catch(ignoreForeignOwner);
    for await (const items of partsOf(folder)) {
      const [folders, others] = [items.filter((item) => item.isDirectory()), items.filter((item) => !item.isDirectory())];
      await Promise.all(others.map(({ name }) => this.removeFile(folder, name)));
      for (const { name } of folders) again = (await this.removeFolder(top, folder, name, depth)) || again;
    }
    return again;
  }

  private async removeFolder(top: FileHandle, folder: FileHandle, name: Buffer, depth: number): Promise<boolean> {
    if (depth >= MOST_OPEN) return lift(folder, name, top);
    const below = await openFolder(folder, name);
    // Gone or replaced by a file meanwhile.
    if (!below) return this.isDisturbed(new Error(`${showEntryName(name)} is no folder any more`));
    const again = await this.empty(top, below, depth + 1).finally(() => below.close());
    return !(await this.removeEmptied(folder, name)) || again;
  }

  private async removeFile(folder: FileHandle, name: Buffer): Promise<void> {
    try {
      const stats = await lstatAt(folder, name);
      await unlink(at(folder, name));
      if (stats.isFile()) count(this.amount, stats.size);
    } catch (error) {
      ignoreGone(error);
    }
  }

  /** False when something new was written into the folder since it was emptied. */
  private async removeEmptied(folder: FileHandle, name: Buffer): Promise<boolean> {
    try {
      await rmdir(at(folder, name));
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return true;
      if (code !== 'ENOTEMPTY' && code !== 'ENOTDIR') throw error;
      return !this.isDisturbed(error);
    }
  }

  /** Notes that somebody writes into what is being removed. @throws the error when that goes on for too long. */
  private isDisturbed(error: unknown): true {
    this.disturbances += 1;
    if (this.disturbances < MOST_DISTURBANCES) return true;
    throw error;
  }
}

/** Moves a folder up, so that its depth no longer counts. */
async function lift(folder: FileHandle, name: Buffer, top: FileHandle): Promise<true> {
  await rename(at(folder, name), at(top, Buffer.from(randomUUID()))).catch(ignoreGone);
  return true;
}

/** Null when it is no folder (any more). */
export async function openFolder(parent: FileHandle, name: Buffer): Promise<FileHandle | null> {
  try {
    return await openFolderAt(parent, name);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
    throw error;
  }
}

/** What is in a folder, part by part. The typings know names as text only; with this encoding they are bytes. */
export async function* partsOf(folder: FileHandle): AsyncGenerator<Dirent<Buffer>[]> {
  let part: Dirent<Buffer>[] = [];
  const reader = await opendir(itself(folder), { encoding: 'buffer' as BufferEncoding, bufferSize: MOST_AT_ONCE });
  for await (const item of reader as unknown as AsyncIterable<Dirent<Buffer>>) {
    part.push(item);
    if (part.length < MOST_AT_ONCE) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function count(amount: Amount, size: number): void {
  amount.files += 1;
  amount.bytes += size;
}

function ignoreGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** Programs leave folders that even their owner may not write; one that belongs to another user fails later with its own error. */
function ignoreForeignOwner(error: unknown): void {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'EPERM' && code !== 'EACCES' && code !== 'EROFS') throw error;
}
