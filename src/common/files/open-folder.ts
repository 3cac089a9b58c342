import type { FileHandle } from 'node:fs/promises';
import { InvalidInputError } from '../errors';
import * as walk from './directory-walk';
import { isEntryName } from './entry-name';
import type { OpenFile } from './safe-directory';

/** The last step of the walk of `SafeDirectory`, from a folder that somebody holds open because they want very many files of it. */

/** As `SafeDirectory.openFile`. */
export function openFileIn(folder: FileHandle, name: Buffer): Promise<OpenFile> {
  return step(name, async () => {
    const { handle, stats } = await walk.openFileAt(folder, name, [name]);
    return { handle, size: stats.size, mtimeMs: stats.mtimeMs };
  });
}

/** As `SafeDirectory.createFile`. */
export function createFileIn(folder: FileHandle, name: Buffer): Promise<FileHandle> {
  return step(name, () => walk.createFileAt(folder, name));
}

async function step<Result>(name: Buffer, work: () => Promise<Result>): Promise<Result> {
  try {
    if (!isEntryName(name)) throw new InvalidInputError('files.badPath');
    return await work();
  } catch (error) {
    throw walk.asDomainError(error, [name]);
  }
}
