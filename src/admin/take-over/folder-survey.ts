import { constants, type Stats } from 'node:fs';
import { access, readlink, type FileHandle } from 'node:fs/promises';
import { at, lstatAt } from '../../common/files/directory-walk';
import { showEntryName } from '../../common/files/entry-name';
import { MOST_OPEN, openFolder, partsOf } from '../../common/files/tree-walk';

/** Something directly in a folder. */
export interface TopEntry {
  name: Buffer;
  inode: number;
  isFolder: boolean;
  /** Last change of any file at or below it; milliseconds since 1970. */
  newestMs: number;
  oldestMs: number;
}

/** What was found of a kind: how often, and the first of them by path. */
export interface Found {
  count: number;
  examples: string[];
}

/** What is in a folder at any depth. Links are not followed. */
export interface FolderSurvey {
  files: number;
  bytes: number;
  newestMs: number;
  top: TopEntry[];
  /** Neither file, folder nor link: sockets, pipes, devices. */
  odd: Found;
  /** Links to places outside of the folder. */
  leaving: Found;
  /** Files with a second name, which no page opens. */
  twice: Found;
  /** What this user may not read, or not change. */
  closed: Found;
  /** Folders below the depth that is looked at. */
  deep: Found;
}

const MOST_EXAMPLES = 3;

/** @param folder open; stays open. */
export async function surveyFolder(folder: FileHandle): Promise<FolderSurvey> {
  const survey = new Survey();
  await survey.walk(folder, []);
  return survey.result;
}

class Survey {
  readonly result: FolderSurvey = {
    files: 0,
    bytes: 0,
    newestMs: 0,
    top: [],
    odd: nothing(),
    leaving: nothing(),
    twice: nothing(),
    closed: nothing(),
    deep: nothing(),
  };

  async walk(folder: FileHandle, path: readonly Buffer[]): Promise<void> {
    for await (const items of partsOf(folder)) {
      for (const { name } of items) await this.look(folder, name, [...path, name]).catch(ignoreGone);
    }
  }

  private async look(folder: FileHandle, name: Buffer, path: readonly Buffer[]): Promise<void> {
    const stats = await lstatAt(folder, name);
    const { result } = this;
    if (path.length === 1) {
      result.top.push({ name, inode: stats.ino, isFolder: stats.isDirectory(), newestMs: stats.mtimeMs, oldestMs: stats.mtimeMs });
    }
    if (stats.isDirectory()) return this.lookInto(folder, name, path);
    if (stats.isSymbolicLink()) return this.lookAtLink(folder, name, path);
    if (!stats.isFile()) return note(result.odd, path);
    result.files += 1;
    result.bytes += stats.size;
    this.widen(stats.mtimeMs);
    if (stats.nlink > 1) note(result.twice, path);
    if (isDoubtful(stats) && !(await may(folder, name, constants.R_OK))) note(result.closed, path);
  }

  private async lookInto(folder: FileHandle, name: Buffer, path: readonly Buffer[]): Promise<void> {
    if (path.length > MOST_OPEN) return note(this.result.deep, path);
    const isOpen = await may(folder, name, constants.R_OK | constants.W_OK | constants.X_OK);
    if (!isOpen) note(this.result.closed, path);
    const below = isOpen ? await openFolder(folder, name) : null;
    if (below) await this.walk(below, path).finally(() => below.close());
  }

  /** By what the link says: whether anything is there does not matter. */
  private async lookAtLink(folder: FileHandle, name: Buffer, path: readonly Buffer[]): Promise<void> {
    const target = await readlink(at(folder, name), { encoding: 'buffer' });
    let depth = path.length - 1;
    const steps = target.toString('latin1').split('/');
    const leaves = steps.some((step) => {
      if (step === '..') depth -= 1;
      else if (step !== '' && step !== '.') depth += 1;
      return depth < 0;
    });
    if (target[0] === 0x2f || leaves) note(this.result.leaving, path);
  }

  private widen(mtimeMs: number): void {
    const entry = this.result.top.at(-1);
    this.result.newestMs = Math.max(this.result.newestMs, mtimeMs);
    if (!entry?.isFolder) return;
    // A folder begins with its own time; its files say more.
    const isFirst = !this.dated.has(entry);
    this.dated.add(entry);
    entry.newestMs = isFirst ? mtimeMs : Math.max(entry.newestMs, mtimeMs);
    entry.oldestMs = isFirst ? mtimeMs : Math.min(entry.oldestMs, mtimeMs);
  }

  private readonly dated = new Set<TopEntry>();
}

/** Of what is looked at, people may be working on. */
export function ignoreGone(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}

function nothing(): Found {
  return { count: 0, examples: [] };
}

function note(found: Found, path: readonly Buffer[]): void {
  found.count += 1;
  if (found.examples.length < MOST_EXAMPLES) found.examples.push(path.map(showEntryName).join('/'));
}

/** Only of these is the system asked: mostly everybody may read everything. */
function isDoubtful({ mode }: Stats): boolean {
  return (mode & 0o004) === 0;
}

async function may(folder: FileHandle, name: Buffer, what: number): Promise<boolean> {
  try {
    await access(at(folder, name), what);
    return true;
  } catch {
    return false;
  }
}
