import { constants, existsSync, type Stats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { ConflictError, DomainError, ForbiddenError, InvalidInputError, NotFoundError, StartupError, UnavailableError } from '../errors';
import { showEntryName, type EntryPath } from './entry-name';

/**
 * Node has no `openat`. On Linux `/proc/self/fd/<handle>/<name>` is one: the kernel goes on from the open folder itself, so a folder
 * that is swapped for a link while we look cannot lead outside. Every step refuses links, and every function here takes one name only.
 */

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const NEVER_FOLLOW = constants.O_NOFOLLOW;
// A FIFO without a writer would otherwise hold the opening thread for ever.
const NEVER_WAIT = constants.O_NONBLOCK;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
/** Permissions of files that Showrunner makes. */
export const FILE_MODE = 0o640;

/** Permissions of folders that Showrunner makes: the group may read, which is how results are fetched with scp. */
export const FOLDER_MODE = 0o750;

export type EntryKind = 'file' | 'folder' | 'link' | 'other';

/** @throws StartupError where the walk cannot work. */
export function requireHandleWalk(): void {
  if (process.platform === 'linux' && existsSync('/proc/self/fd')) return;
  throw new StartupError('Showrunner needs Linux with /proc: files are opened step by step through /proc/self/fd.');
}

/** The path of one name in an open folder. */
export function at(folder: FileHandle, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder.fd}/`), name]);
}

/** The path of an open folder itself, to list it. */
export function itself(folder: FileHandle): string {
  return `/proc/self/fd/${folder.fd}`;
}

/** Opens a root; links on the way to it are the administrator's and are followed. */
export function openRoot(path: string): Promise<FileHandle> {
  return open(path, FOLDER);
}

/** A second handle of an open folder. */
export function openAgain(folder: FileHandle): Promise<FileHandle> {
  return open(itself(folder), FOLDER);
}

export function openFolderAt(folder: FileHandle, name: Buffer): Promise<FileHandle> {
  return open(at(folder, name), FOLDER | NEVER_FOLLOW);
}

export function createFileAt(folder: FileHandle, name: Buffer): Promise<FileHandle> {
  return open(at(folder, name), NEW_FILE | NEVER_FOLLOW, FILE_MODE);
}

/** Opens a regular file for reading, or for writing and reading; `what` is named in the error when it is something else. */
export async function openFileAt(
  folder: FileHandle,
  name: Buffer,
  what: EntryPath,
  to: 'read' | 'write' = 'read',
): Promise<{ handle: FileHandle; stats: Stats }> {
  const access = to === 'read' ? constants.O_RDONLY : constants.O_RDWR;
  const handle = await open(at(folder, name), access | NEVER_FOLLOW | NEVER_WAIT);
  try {
    return { handle, stats: await regular(handle, what) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** As `openFileAt`, whatever further names the file has: for a backup, which lends nothing out. Null for what is no regular file. */
export async function openAnyFileAt(folder: FileHandle, name: Buffer): Promise<FileHandle | null> {
  const handle = await open(at(folder, name), constants.O_RDONLY | NEVER_FOLLOW | NEVER_WAIT);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return null;
}

async function regular(handle: FileHandle, what: EntryPath): Promise<Stats> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw new NotFoundError('files.notRegular', { name: lastName(what) });
  if (stats.nlink <= 1) return stats;
  // An upload has two names for an instant, while it is put in place without overwriting. A lasting second name is a way to lend out
  // a file from elsewhere on the disk.
  for (let wait = 1; wait <= 16; wait *= 2) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const again = await handle.stat();
    if (again.nlink <= 1) return again;
  }
  throw new ForbiddenError('files.hardLink', { name: lastName(what) });
}

export function lstatAt(folder: FileHandle, name: Buffer): Promise<Stats> {
  return lstat(at(folder, name));
}

export function kindOf(stats: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

/** The last name of a path, for sentences; '' for the root. */
export function lastName(path: EntryPath): string {
  const name = path.at(-1);
  return name ? showEntryName(name) : '';
}

type Sentence = (name: string) => DomainError;

const notFound: Sentence = (name) => new NotFoundError('files.notFound', { name });
const taken: Sentence = (name) => new ConflictError('files.exists', { name });
const notPermitted: Sentence = (name) => new ForbiddenError('files.notPermitted', { name });
const diskFull: Sentence = () => new UnavailableError('files.diskFull');

/** By error code of the system. ELOOP and ENOTDIR are links, or files where a folder was meant. */
const SENTENCES = new Map<string | undefined, Sentence>([
  ['ENOENT', notFound],
  ['ENOTDIR', notFound],
  ['ELOOP', notFound],
  ['ENXIO', notFound],
  ['EEXIST', taken],
  ['ENOTEMPTY', taken],
  ['EISDIR', taken],
  ['EACCES', notPermitted],
  ['EPERM', notPermitted],
  ['EROFS', notPermitted],
  ['ENOSPC', diskFull],
  ['EDQUOT', diskFull],
  // A folder that was moved meanwhile may be above the place where something of it goes.
  ['EINVAL', (name) => new ConflictError('files.intoItself', { name })],
  ['EXDEV', (name) => new ConflictError('files.otherDisk', { name })],
  ['EBUSY', (name) => new ConflictError('files.otherDisk', { name })],
  ['ENAMETOOLONG', () => new InvalidInputError('files.pathTooLong')],
]);

/** What the system says as a sentence for people; errors that are nobody's input stay as they are. */
export function asDomainError(error: unknown, path: EntryPath): unknown {
  if (error instanceof DomainError) return error;
  return SENTENCES.get((error as NodeJS.ErrnoException).code)?.(lastName(path)) ?? error;
}
