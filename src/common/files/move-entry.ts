import { link, lstat, rename, unlink, type FileHandle } from 'node:fs/promises';
import { at, lstatAt } from './directory-walk';

/** Moves an entry between two open folders of one file system. @throws an error of code EEXIST where the new name is taken. */
export async function moveEntry(oldFolder: FileHandle, oldName: Buffer, newFolder: FileHandle, newName: Buffer): Promise<void> {
  const [from, to] = [
    { folder: oldFolder, name: oldName },
    { folder: newFolder, name: newName },
  ];
  const stats = await lstatAt(oldFolder, oldName);
  if (!stats.isDirectory() && (await linkInPlace(from, to))) return;
  // A rename would replace an empty folder or, on disks without links, a file: look first. What appears in between is empty.
  await requireFree(newFolder, newName);
  await rename(at(oldFolder, oldName), at(newFolder, newName));
}

/** A name in an open folder. */
interface Place {
  folder: FileHandle;
  name: Buffer;
}

/** A hard link fails where the name is taken, which a rename does not; then the old name goes. False where the disk knows no links. */
async function linkInPlace(from: Place, to: Place): Promise<boolean> {
  try {
    await link(at(from.folder, from.name), at(to.folder, to.name));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'EMLINK') return false;
    if (code !== 'EEXIST' || !(await isHalfMoved(from, to))) throw error;
  }
  await unlink(at(from.folder, from.name)).catch(ignoreGone);
  return true;
}

/** Whether the file has its new name already, because somebody was killed before the old one went. With both it could not be opened. */
async function isHalfMoved(from: Place, to: Place): Promise<boolean> {
  const [old, fresh] = await Promise.all([from, to].map(({ folder, name }) => lstat(at(folder, name), { bigint: true })));
  if (old.nlink < 2n || old.ino !== fresh.ino || old.dev !== fresh.dev) return false;
  const [above, target] = await Promise.all([from, to].map(({ folder }) => folder.stat({ bigint: true })));
  const isOneName = above.ino === target.ino && above.dev === target.dev && from.name.equals(to.name);
  return !isOneName;
}

function ignoreGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
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
