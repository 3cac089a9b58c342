import { lstat, symlink, unlink, type FileHandle } from 'node:fs/promises';
import { at } from './directory-walk';
import { partsOf } from './tree-walk';

/**
 * Links that Showrunner itself lays into the working folder of a program. No page and no other code follows any: they are for the program
 * alone, which may open what it is pointed to.
 */
export async function makeLinkAt(folder: FileHandle, name: Buffer, target: string): Promise<void> {
  await symlink(target, at(folder, name));
}

/** Removes the links that lie directly in a folder, wherever they lead. */
export async function removeLinksIn(folder: FileHandle): Promise<void> {
  for await (const items of partsOf(folder)) {
    for (const { name } of items.filter((item) => item.isSymbolicLink())) await removeLinkAt(folder, name);
  }
}

async function removeLinkAt(folder: FileHandle, name: Buffer): Promise<void> {
  try {
    // What was put in its place meanwhile is somebody's file.
    if ((await lstat(at(folder, name))).isSymbolicLink()) await unlink(at(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
