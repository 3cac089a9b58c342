import { NotFoundError } from '../errors';
import type { EntryPath } from '../files/entry-name';
import type { Entry } from '../files/listing';
import type { SafeDirectory } from '../files/safe-directory';
import { NOTHING, type Amount, type Waste } from './chore';

const MOST_ENTRIES = 200_000;

/** Everything directly in a folder; nothing when the folder is not there. */
export async function entriesOf(directory: SafeDirectory, path: EntryPath = []): Promise<Entry[]> {
  return orWhenGone([], async () => (await directory.list(path, { limit: MOST_ENTRIES })).entries);
}

/** Size of what is at a path; nothing when it is gone. */
export function sizeOf(directory: SafeDirectory, path: EntryPath): Promise<Amount> {
  return orWhenGone(NOTHING, async () => {
    const { files, bytes } = await directory.measure(path);
    return { files, bytes };
  });
}

/** One file or folder that goes as a whole. */
export function entryWaste(what: string, directory: SafeDirectory, path: EntryPath): Waste {
  return { what, measure: () => sizeOf(directory, path), remove: () => directory.remove(path) };
}

/** Whole positive numbers as folders of runs are named; null for anything else. */
export function runNumber(name: Buffer): number | null {
  const text = name.toString('latin1');
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
}

async function orWhenGone<Result>(otherwise: Result, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotFoundError) return otherwise;
    throw error;
  }
}
