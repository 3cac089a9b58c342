import { open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * A word of a runner about an attempt is a file of that name in its folder. One that must be possible on a full disk is laid down before,
 * under another name: to give a file its name takes no room.
 */

export async function reserveWord(folder: string, word: string): Promise<void> {
  await writeFile(draftOf(folder, word), '');
}

/** Said for ever; again is no fault. @throws the system's error where it was not reserved and cannot be made. */
export async function sayWord(folder: string, word: string): Promise<void> {
  try {
    await rename(draftOf(folder, word), join(folder, word));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await (await open(join(folder, word), 'a')).close();
  }
}

function draftOf(folder: string, word: string): string {
  return join(folder, `${word}.reserved`);
}
