import { ConflictError } from '../errors';
import { numberedName, showEntryName } from './entry-name';

const MOST_NUMBER = 10_000;

/**
 * Tries a name, then the same with (2), (3) and so on, until one is free.
 * @param take puts something there; a ConflictError says that the name is taken.
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
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  throw new ConflictError('files.exists', { name: showEntryName(wanted) });
}
