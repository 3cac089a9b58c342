import { rename, unlink, type FileHandle } from 'node:fs/promises';
import { at } from './directory-walk';
import { emptyFolder, openFolder } from './tree-walk';

/** How often somebody may write into what is being emptied before it fails. */
const MOST_DISTURBANCES = 100;

/** An entry of an open folder. */
interface Place {
  folder: FileHandle;
  name: Buffer;
}

/**
 * Puts a new folder, within one file system, in the place of whatever is there, which goes. Safe against whoever comes late: what goes is
 * opened first, `isOurs` is asked then, and all that follows touches only what was open before the answer, or needs `fresh`. So whoever
 * takes the place over and (1) makes `isOurs` false, (2) removes `fresh`, (3) puts a new folder of its own there, in this order, never
 * loses that folder or anything in it, however long we are held up at any step.
 * @returns false when it is not ours, or `fresh` is gone; then the place is as others left it.
 */
export async function replaceFolder(fresh: Place, place: Place, isOurs: () => Promise<boolean>): Promise<boolean> {
  const old = await openFolder(place.folder, place.name);
  try {
    if (!(await isOurs())) return false;
    if (!old) await unlink(at(place.folder, place.name)).catch(ignoreGoneOrFolder);
    return await putInPlace(fresh, place, old);
  } finally {
    await old?.close();
  }
}

/** A rename replaces an empty folder and no other. */
async function putInPlace(fresh: Place, place: Place, old: FileHandle | null): Promise<boolean> {
  for (let disturbances = 0; ; disturbances += 1) {
    if (old) await emptyFolder(old);
    try {
      await rename(at(fresh.folder, fresh.name), at(place.folder, place.name));
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return false;
      if (code !== 'ENOTEMPTY' || disturbances >= MOST_DISTURBANCES) throw error;
    }
  }
}

/** A folder that appeared after the look is no file to be removed. */
function ignoreGoneOrFolder(error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'EISDIR') throw error;
}
