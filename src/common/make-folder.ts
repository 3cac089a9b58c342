import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** The database and everybody's files lie below: the group may read, others may not. */
const FOLDER_MODE = 0o750;

/**
 * Makes a folder and those above it that are missing. Node's own recursive mkdir never returns below /proc, where a file system says
 * that a parent is missing although it is there.
 * @param path absolute. @throws the error of the system for the first folder that cannot be made.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    try {
      mkdirSync(folder, { mode: FOLDER_MODE });
    } catch (error) {
      // Another process of ours may have been faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
