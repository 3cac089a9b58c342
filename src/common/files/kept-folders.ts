import { mkdir, opendir, rmdir, type FileHandle } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import * as walk from './directory-walk';
import type { EntryPath } from './entry-name';
import { makeLinkAt, removeLinksIn } from './links';
import { WalkedDirectory } from './walked-directory';

/** The part of `SafeDirectory` that deals with folders as such, and with links, whatever is in them or at their ends. */
export abstract class KeptFolders extends WalkedDirectory {
  /** Makes one folder, if it is missing, for the group of the folder above it. @param mode that it gets. */
  ensureShared(path: EntryPath, mode: number): Promise<void> {
    return this.atParent(path, (folder, name) => makeShared(folder, name, mode));
  }

  /** Makes the folders on the way to a path, and at it, below this one, which is never made: somebody may be deleting it. */
  async ensureBelow(path: EntryPath): Promise<void> {
    for (let depth = 1; depth <= path.length; depth += 1) {
      await this.atParent(path.slice(0, depth), makeIfMissing);
    }
    await this.inFolder(path, async () => undefined);
  }

  /** Removes a folder that is empty; one that is not there counts as removed. @returns false when something lies in it. */
  removeEmpty(path: EntryPath): Promise<boolean> {
    return this.atParent(path, removeIfEmpty);
  }

  /** Removes a folder and those in it as far as they are empty; files, links and what else lies there stay with the way to them. */
  prune(path: EntryPath): Promise<void> {
    return this.atParent(path, pruneFolder);
  }

  /** Lays a link for a program; nothing of ours ever follows it. @param target where it leads for the program, as it stands. */
  makeLink(path: EntryPath, target: string): Promise<void> {
    return this.atParent(path, (folder, name) => makeLinkAt(folder, name, target));
  }

  /** Removes the links that lie directly in a folder. */
  removeLinks(path: EntryPath): Promise<void> {
    return this.inFolder(path, removeLinksIn);
  }
}

async function makeShared(above: FileHandle, name: Buffer, mode: number): Promise<void> {
  if (!(await makeIfMissing(above, name))) return;
  const folder = await walk.openFolderAt(above, name);
  try {
    const { gid } = await above.stat();
    const { uid } = await folder.stat();
    // Whoever is not in that group cannot give a folder to it; then the folder keeps the group of this process.
    await folder.chown(uid, gid).catch(ignoreRefusal);
    await folder.chmod(mode);
  } finally {
    await folder.close();
  }
}

/** @returns whether it was missing. */
async function makeIfMissing(above: FileHandle, name: Buffer): Promise<boolean> {
  try {
    await mkdir(walk.at(above, name), walk.FOLDER_MODE);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfEmpty(above: FileHandle, name: Buffer): Promise<boolean> {
  try {
    await rmdir(walk.at(above, name));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

async function pruneFolder(above: FileHandle, name: Buffer): Promise<void> {
  const folder = await walk.openFolderAt(above, name);
  try {
    const reader = await opendir(walk.itself(folder), { encoding: 'buffer' as BufferEncoding });
    for await (const item of reader as unknown as AsyncIterable<Dirent<Buffer>>) {
      // A link or a file in the place of a folder is none of ours.
      if (item.isDirectory()) await pruneFolder(folder, item.name).catch(ignoreChange);
    }
  } finally {
    await folder.close();
  }
  await rmdir(walk.at(above, name)).catch(ignoreChange);
}

function ignoreRefusal(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
}

const CHANGES = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM', 'EBUSY']);

function ignoreChange(error: unknown): void {
  if (!CHANGES.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
