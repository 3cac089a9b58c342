import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { PROGRESS_FILE } from '../../common/files/progress-file-name';
import type { Entry, Listing, SafeDirectory } from '../../common/files/safe-directory';
import type { FolderIndexes } from '../../common/files/threads/folder-indexes';
import { NotFoundError } from '../../common/errors';
import { fileTypeOf, type FileType } from './file-type';

/** One file that a run left behind. */
export interface ResultFile {
  /** Below the folder of results. */
  path: EntryPath;
  /** The same for addresses. */
  address: string;
  /** The same for people and for the rules of a pipeline. */
  shown: string;
  /** Bytes. */
  size: number;
  mtimeMs: number;
  type: FileType;
}

export interface ResultTree {
  files: ResultFile[];
  /** Bytes of the listed files. */
  bytes: number;
  /** False when there is more than is listed. */
  complete: boolean;
  /** Links, pipes and the like: they are never opened. */
  passedOver: number;
}

const PROGRESS = Buffer.from(PROGRESS_FILE);
const MOST_FILES = 500;
const MOST_FOLDERS = 200;
/** Looked at, of all folders together. */
const MOST_ENTRIES = 5000;
const MOST_DEPTH = 8;

/**
 * Lists the results of a run with all folders below, up to a bound; a folder that is missing has nothing in it. Where there are too many,
 * small folders are listed whole and the large ones share the rest: a thousand crops of cells do not hide the masks.
 * @param indexes read folders of any size beside the work of others; without them a folder with 100,000 files holds up everybody for a second.
 */
export async function readResultTree(results: SafeDirectory, indexes?: FolderIndexes): Promise<ResultTree> {
  const tree: ResultTree = { files: [], bytes: 0, complete: true, passedOver: 0 };
  const folders: EntryPath[] = [[]];
  const found: ResultFile[][] = [];
  let entries = 0;
  for (let folder = folders.shift(); folder; folder = folders.shift()) {
    if (found.length >= MOST_FOLDERS || entries >= MOST_ENTRIES) {
      tree.complete = false;
      break;
    }
    const listed = await listFolder(results, folder, indexes);
    entries += listed.entries.length;
    if (!listed.complete || listed.total > listed.entries.length) tree.complete = false;
    const files: ResultFile[] = [];
    for (const entry of listed.entries) addEntry(tree, { folders, files }, [...folder, entry.name], entry);
    found.push(files);
  }
  const shares = fairShares(
    found.map(({ length }) => length),
    MOST_FILES,
  );
  tree.files = found.flatMap((files, index) => files.slice(0, shares[index]));
  if (found.some(({ length }, index) => length > shares[index])) tree.complete = false;
  tree.bytes = tree.files.reduce((sum, { size }) => sum + size, 0);
  return tree;
}

function addEntry(tree: ResultTree, to: { folders: EntryPath[]; files: ResultFile[] }, path: EntryPath, entry: Entry): void {
  if (path.length === 1 && entry.name.equals(PROGRESS)) return;
  if (entry.kind === 'file') to.files.push(toResultFile(path, entry));
  else if (entry.kind !== 'folder') tree.passedOver++;
  else if (path.length < MOST_DEPTH) to.folders.push(path);
  else tree.complete = false;
}

/** How many each of several may have, so that together they have no more than `most` and only the largest have less than they want. */
function fairShares(wanted: readonly number[], most: number): number[] {
  const shares = wanted.map(() => 0);
  const bySize = wanted.map((count, index) => ({ count, index })).toSorted((one, other) => one.count - other.count);
  let left = most;
  for (const [place, { count, index }] of bySize.entries()) {
    shares[index] = Math.min(count, Math.ceil(left / (bySize.length - place)));
    left -= shares[index];
  }
  return shares;
}

function toResultFile(path: EntryPath, { size, mtimeMs }: Entry): ResultFile {
  const shown = path.map(showEntryName).join('/');
  return { path, address: formatEntryPath(path), shown, size, mtimeMs: Math.round(mtimeMs), type: fileTypeOf(shown) };
}

async function listFolder(results: SafeDirectory, folder: EntryPath, indexes: FolderIndexes | undefined): Promise<Listing> {
  const limit = MOST_FILES + MOST_FOLDERS;
  try {
    if (!indexes) return await results.list(folder, { limit });
    return await results.listSorted(folder, indexes, { by: 'name', descending: false, filter: '', from: 0, limit });
  } catch (error) {
    // Not made yet, already cleaned, or swapped for a link by the program that runs.
    if (error instanceof NotFoundError) return { entries: [], total: 0, complete: true };
    throw error;
  }
}
