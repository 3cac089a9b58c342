import { ConflictError } from '../errors';
import { numberedName, showEntryName } from './entry-name';

const MOST_NUMBER = 10_000;

/** Whether an error says that the new name is in use, rather than anything else that is in the way. */
export function isTaken(error: unknown): boolean {
  return error instanceof ConflictError && error.key === 'files.exists';
}

/**
 * Tries a name, then the same with (2), (3) and so on, until one is free.
 * @param take puts something there; throws (see `isTaken`) where the name is in use.
 * @returns the name that it got.
 * @throws ConflictError when thousands are taken.
 */
export async function underFreeName(wanted: Buffer, take: (name: Buffer) => Promise<unknown>): Promise<Buffer> {
  for (let number = 1; number <= MOST_NUMBER; number += 1) {
    const name = number === 1 ? wanted : numberedName(wanted, number);
    try {
      await take(name);
      return name;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw new ConflictError('files.exists', { name: showEntryName(wanted) });
}
