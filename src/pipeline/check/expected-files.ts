import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { DomainError, NotFoundError } from '../../common/errors';
import { formatEntryPath, type EntryPath } from '../../common/files/entry-name';
import { SafeDirectory } from '../../common/files/safe-directory';
import { compileGlob } from '../../common/pipelines/output-glob';
import type { ExpectedFile } from '../../common/pipelines/sample-schema';

/** Larger ones are not read. */
const MOST_BYTES = 64 * 1024 * 1024;
/** How many files of one glob are looked into. */
const MOST_FITTING = 50;
const LONGEST_SHOWN = 80;

interface Result {
  path: EntryPath;
  name: string;
}

/**
 * What of the results is not as a sample says, one sentence each. Of several files that fit a glob one has to hold what is expected.
 * @param samplesFolder that files to compare with are relative to.
 */
export async function fileFaults(expected: readonly ExpectedFile[], results: SafeDirectory, samplesFolder: string): Promise<string[]> {
  const found: Result[] = [];
  // A program may remove its own folder.
  await results
    .eachFile([], ({ path }) => found.push({ path, name: formatEntryPath(path) }) > 0)
    .catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
  found.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  const faults: string[] = [];
  for (const one of expected) {
    const fitting = found.filter(({ name }) => compileGlob(one.glob)(name));
    if (fitting.length === 0) faults.push(`There is no file ${one.glob} among the results.`);
    else faults.push(...(await faultsOfFirst(one, fitting.slice(0, MOST_FITTING), results, SafeDirectory.open(samplesFolder))));
  }
  return faults;
}

/** None where one of the files holds what is expected, else those of the first. */
async function faultsOfFirst(expected: ExpectedFile, files: Result[], results: SafeDirectory, samples: SafeDirectory): Promise<string[]> {
  const isAny = Object.keys(expected).every((field) => field === 'glob');
  let first: string[] | null = null;
  for (const { path, name } of isAny ? [] : files) {
    const content = await contentOf(results, path, name);
    const faults = typeof content === 'string' ? [content] : await contentFaults(name, content, expected, samples);
    if (faults.length === 0) return [];
    first ??= faults;
  }
  return first ?? [];
}

async function contentFaults(name: string, content: Buffer, { contains, lines, equals, sha256 }: ExpectedFile, samples: SafeDirectory) {
  const faults: string[] = [];
  const text = content.toString('utf8');
  if (contains !== undefined && !new RegExp(contains, 'mu').test(text)) faults.push(`${name} has nothing that matches ${contains}.`);
  const count = linesIn(text).length;
  if (lines !== undefined && count !== lines) faults.push(`${name} has ${count} line${count === 1 ? '' : 's'}, and ${lines} are expected.`);
  if (equals !== undefined) {
    const wanted = await contentOf(samples, entryPath(posix.normalize(equals)), equals);
    const fault = typeof wanted === 'string' ? wanted : difference(name, content, equals, wanted);
    if (fault !== null) faults.push(fault);
  }
  const digest = sha256 === undefined ? '' : createHash('sha256').update(content).digest('hex');
  if (sha256 !== undefined && digest !== sha256.toLowerCase()) faults.push(`${name} has the SHA-256 ${digest}.`);
  return faults;
}

/** Null where both are the same, byte for byte. */
function difference(name: string, content: Buffer, equals: string, wanted: Buffer): string | null {
  if (content.equals(wanted)) return null;
  if (content.includes(0) || wanted.includes(0)) return `${name} is another than ${equals}.`;
  const [got, other] = [linesIn(content.toString('utf8')), linesIn(wanted.toString('utf8'))];
  const at = got.findIndex((line, index) => line !== other[index]);
  const index = at === -1 ? got.length : at;
  const from = `${name} is another than ${equals} from line ${index + 1} on:`;
  if (index >= other.length)
    return index >= got.length ? `${from} one ends with a line end.` : `${from} it has ${shown(got[index])} where ${equals} ends.`;
  if (index >= got.length) return `${from} it ends where ${shown(other[index])} is expected.`;
  return `${from} ${shown(got[index])} where ${shown(other[index])} is expected.`;
}

function linesIn(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function shown(line: string): string {
  return `“${line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line}”`;
}

/** @returns why it cannot be read, as a sentence. */
async function contentOf(directory: SafeDirectory, path: EntryPath, name: string): Promise<Buffer | string> {
  try {
    const { handle, size } = await directory.openFile(path);
    try {
      return size > MOST_BYTES ? `${name} is larger than 64 MB, and is not looked into.` : await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof DomainError) return `${name} cannot be read: ${error.message}`;
    throw error;
  }
}

function entryPath(path: string): EntryPath {
  return path.split('/').map((name) => Buffer.from(name));
}
