import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatEntryPath } from '../../common/files/entry-name';
import type { FoundFile, SafeDirectory } from '../../common/files/safe-directory';
import { NotFoundError } from '../../common/errors';
import { EXPECTED, type Expected } from '../../common/pipelines/outcome/expected';

/** A file that lay in the folder for results before the program began: what is still as it was then is no result of it. */
type Found = [path: string, size: number, mtimeMs: number, inode: number];

export interface ExpectedRecord extends Expected {
  before: Found[];
}

/** Of more files than that the others count as new. */
const MOST_BEFORE = 100_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Writes down what a run is to do and what is there already. @param folder of the control files of the attempt. */
export async function writeExpected(folder: string, expected: Expected, results: SafeDirectory): Promise<void> {
  const before: Found[] = [];
  await results.eachFile([], (file) => before.push(asFound(file)) < MOST_BEFORE);
  const record: ExpectedRecord = { ...expected, before };
  await writeFile(join(folder, EXPECTED), JSON.stringify(record));
}

/** Null where there is none, or none that can be read: a power cut leaves zeros. */
export async function readExpected(control: SafeDirectory): Promise<ExpectedRecord | null> {
  try {
    const { handle, size } = await control.openFile([Buffer.from(EXPECTED)]);
    try {
      if (size > MOST_BYTES) return null;
      const record = JSON.parse(await handle.readFile('utf8')) as Partial<ExpectedRecord> | null;
      return record && Array.isArray(record.steps) && Array.isArray(record.rows) && Array.isArray(record.before)
        ? (record as ExpectedRecord)
        : null;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Tells files that a program wrote from those that lay there before. Not by the clock, which may be another one than that of the disk, and
 * not by when rights were changed, which some programs do to all that they find.
 */
export function newFiles(before: readonly Found[]): (file: FoundFile) => boolean {
  const known = new Map(before.map((found) => [found[0], found.slice(1).join(' ')]));
  return (file) => {
    const [path, ...marks] = asFound(file);
    return known.get(path) !== marks.join(' ');
  };
}

function asFound({ path, size, mtimeMs, inode }: FoundFile): Found {
  return [formatEntryPath(path), size, mtimeMs, inode];
}
