import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { StartupError } from '../common/errors';
import { makeFolder } from '../common/make-folder';

/**
 * Makes the data folder and takes it for this process. The lock is one of the system's on a file, held through SQLite because Node has
 * no call for it: it ends with the process however that ends, so nothing stale is ever left.
 * @returns what gives it back.
 * @throws StartupError when the folder cannot be written, or serves another quickstart.
 */
export function claimDataFolder(folder: string): () => void {
  makeWritable(folder);
  const lock = openLock(folder);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw unwritable(folder, error);
    throw new StartupError(`Another quickstart already runs on ${folder}. Stop it first, or set DATA_DIR to another folder.`);
  }
  return () => lock.close();
}

function makeWritable(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

function openLock(folder: string): Database.Database {
  try {
    return new Database(join(folder, 'quickstart.lock'), { timeout: 0 });
  } catch (error) {
    throw unwritable(folder, error);
  }
}

function unwritable(folder: string, error: unknown): StartupError {
  const reason = (error as NodeJS.ErrnoException).code ?? 'error';
  return new StartupError(`Cannot write in ${folder} (${reason}). Set DATA_DIR to a folder that this user may write.`);
}
