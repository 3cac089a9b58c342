import { link, rename, unlink, type FileHandle } from 'node:fs/promises';
import { at, lstatAt } from './directory-walk';

/** Moves an entry between two open folders of one file system. @throws an error of code EEXIST where the new name is taken. */
export async function moveEntry(oldFolder: FileHandle, oldName: Buffer, newFolder: FileHandle, newName: Buffer): Promise<void> {
  const oldPath = at(oldFolder, oldName);
  const newPath = at(newFolder, newName);
  const stats = await lstatAt(oldFolder, oldName);
  if (!stats.isDirectory() && (await linkInPlace(oldPath, newPath))) return;
  // A rename would replace an empty folder or, on disks without links, a file: look first. What appears in between is empty.
  await requireFree(newFolder, newName);
  await rename(oldPath, newPath);
}

/** A hard link fails where the name is taken, which a rename does not; then the old name goes. False where the disk knows no links. */
async function linkInPlace(oldPath: Buffer, newPath: Buffer): Promise<boolean> {
  try {
    await link(oldPath, newPath);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'EMLINK') return false;
    throw error;
  }
  await unlink(oldPath);
  return true;
}

async function requireFree(folder: FileHandle, name: Buffer): Promise<void> {
  try {
    await lstatAt(folder, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  throw Object.assign(new Error('The new name is taken.'), { code: 'EEXIST' });
}
