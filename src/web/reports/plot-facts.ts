import { formatEntryPath, parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { readFully } from '../http/byte-stream';

/** What can be said of a plot without drawing it. */
export interface PlotFacts {
  /** In its own words; '' for none. */
  description: string;
  /** The files among the results that it reads. */
  dataFiles: { name: string; address: string }[];
}

const READ_BYTES = 5_000_000;
const MOST_FILES = 20;
const MOST_DEPTH = 30;
const MOST_TEXT = 500;

/** A description that cannot be read says nothing here: whoever draws it tells why. */
export async function readPlotFacts(results: SafeDirectory, path: EntryPath): Promise<PlotFacts> {
  const spec = await readJson(results, path);
  const { description } = (spec ?? {}) as { description?: unknown };
  const named = new Map<string, EntryPath>();
  collectData(spec, path.slice(0, -1), named, 0);
  const there = await Promise.all([...named.values()].map((file) => results.exists(file)));
  return {
    description: typeof description === 'string' ? description.slice(0, MOST_TEXT) : '',
    dataFiles: [...named.values()]
      .filter((_file, index) => there[index])
      .map((file) => ({ name: file.map(showEntryName).join('/'), address: formatEntryPath(file) })),
  };
}

async function readJson(results: SafeDirectory, path: EntryPath): Promise<unknown> {
  const { handle, size } = await results.openFile(path);
  try {
    if (size > READ_BYTES) return null;
    const bytes = Buffer.alloc(size);
    await readFully(handle, bytes, 0);
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}

function collectData(value: unknown, folder: EntryPath, named: Map<string, EntryPath>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > MOST_DEPTH || named.size >= MOST_FILES) return;
  for (const [key, inside] of Object.entries(value)) {
    if (key === 'url' && typeof inside === 'string') addFile(inside, folder, named);
    else collectData(inside, folder, named, depth + 1);
  }
}

/** Addresses that lead out of the results, or elsewhere, are none of them. */
function addFile(url: string, folder: EntryPath, named: Map<string, EntryPath>): void {
  if (/^[a-z][a-z\d+.-]*:|^\//i.test(url)) return;
  try {
    const path = [...folder];
    for (const part of decodeURIComponent(url.replace(/[?#].*$/, '')).split('/')) {
      if (part === '..' && path.pop() === undefined) return;
      if (part !== '..' && part !== '.') path.push(...parseEntryPath(part));
    }
    named.set(formatEntryPath(path), path);
  } catch {
    // No name that a file could have.
  }
}
