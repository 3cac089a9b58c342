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
const MOST_DEPTH = 8;

/**
 * Lists the results of a run with all folders below, up to a bound; a folder that is missing has nothing in it.
 * @param indexes read folders of any size beside the work of others; without them a folder with 100,000 files holds up everybody for a second.
 */
export async function readResultTree(results: SafeDirectory, indexes?: FolderIndexes): Promise<ResultTree> {
  const tree: ResultTree = { files: [], bytes: 0, complete: true, passedOver: 0 };
  const folders: EntryPath[] = [[]];
  let visited = 0;
  for (let folder = folders.shift(); folder; folder = folders.shift()) {
    if (++visited > MOST_FOLDERS || tree.files.length >= MOST_FILES) {
      tree.complete = false;
      break;
    }
    const { entries, complete, total } = await listFolder(results, folder, indexes);
    if (!complete || total > entries.length) tree.complete = false;
    for (const entry of entries) addEntry(tree, folders, [...folder, entry.name], entry);
  }
  return tree;
}

function addEntry(tree: ResultTree, folders: EntryPath[], path: EntryPath, entry: Entry): void {
  if (path.length === 1 && entry.name.equals(PROGRESS)) return;
  if (entry.kind === 'folder') {
    if (path.length < MOST_DEPTH) folders.push(path);
    else tree.complete = false;
  } else if (entry.kind !== 'file') {
    tree.passedOver++;
  } else if (tree.files.length < MOST_FILES) {
    tree.files.push(toResultFile(path, entry));
    tree.bytes += entry.size;
  } else {
    tree.complete = false;
  }
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
