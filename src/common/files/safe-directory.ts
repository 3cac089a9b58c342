import { lstat, mkdir, rename, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConflictError, InvalidInputError, NotFoundError } from '../errors';
import * as walk from './directory-walk';
import type { EntryPath } from './entry-name';
import { toIdentity, type FileIdentity } from './file-identity';
import { KeptFolders } from './kept-folders';
import { glanceAtFiles, listFolder, listSorted, toEntry, type Entry, type Listing, type SortedListing } from './listing';
import { moveEntry } from './move-entry';
import type { FolderIndexes, FolderQuestion } from './threads/folder-indexes';
import type { TreeManifests, WantedTree } from './threads/tree-manifests';
import type { TreeReader } from './threads/tree-reader';
import { copyEntry, type CopyReport, type CopyWatch } from './tree-copy';
import { removeEntry, visitFiles, type Amount, type FoundFile, type Visit } from './tree-walk';

export interface OpenFile {
  /** The caller closes it. */
  handle: FileHandle;
  size: number;
  mtimeMs: number;
}

export interface Neighbours {
  previous: Buffer | null;
  next: Buffer | null;
}

export interface FoundFiles {
  files: FoundFile[];
  /** False when there are more. */
  complete: boolean;
}

export type { Entry, FoundFile, Listing, SortedListing };

/**
 * The one way to anything below a root. Every path is walked by folder handles that refuse links, so neither a name nor a folder that is
 * swapped for a link in mid-step leads outside. Names are raw bytes (`EntryPath`). All methods throw the errors of `common/errors`:
 * NotFoundError for what is missing or is a link, ConflictError for what is in the way.
 */
export class SafeDirectory extends KeptFolders {
  /** @param root trusted, from the configuration; links on the way to it are followed. It need not exist yet. */
  static open(root: string): SafeDirectory {
    walk.requireHandleWalk();
    return new SafeDirectory(resolve(root), []);
  }

  /** A folder that this process was handed open, as a program of a task is. @param handle its number. */
  static ofHandle(handle: number): SafeDirectory {
    return SafeDirectory.open(`/proc/self/fd/${handle}`);
  }

  /** As `open`, and makes the folder with all above it. */
  static async ensure(root: string): Promise<SafeDirectory> {
    const directory = SafeDirectory.open(root);
    await mkdir(directory.root, { recursive: true, mode: walk.FOLDER_MODE });
    return directory;
  }

  /** The same rules for a folder below; the way to it is walked anew each time. It need not exist yet. */
  inside(path: EntryPath): SafeDirectory {
    return new SafeDirectory(this.root, [...this.base, ...path]);
  }

  /** @param from how many entries to pass over. */
  list(path: EntryPath, { limit, from = 0 }: { limit: number; from?: number }): Promise<Listing> {
    return this.inFolder(path, (folder) => listFolder(folder, from, limit));
  }

  /** Names of some regular files of a folder, in order: those among the first `most` entries that the disk has. */
  glance(path: EntryPath, most: number): Promise<Buffer[]> {
    return this.inFolder(path, (folder) => glanceAtFiles(folder, most));
  }

  /** A part of a folder in any order, however large it is, without holding up anybody else. */
  listSorted(path: EntryPath, indexes: FolderIndexes, question: FolderQuestion): Promise<SortedListing> {
    return this.inFolder(path, (folder) => listSorted(folder, indexes, question));
  }

  /** The files before and after the one at this path, in the order of its folder; null at its ends, and where it is none of them. */
  neighbours(path: EntryPath, indexes: FolderIndexes, order: Pick<FolderQuestion, 'by' | 'descending' | 'filter'>): Promise<Neighbours> {
    return this.atParent(path, async (folder, around) => {
      const { ino } = await folder.stat();
      const { neighbours } = await indexes.ask(folder.fd, ino, { ...order, around, from: 0, limit: 0 });
      return { previous: neighbours[0], next: neighbours[1] };
    });
  }

  /** Regular files at any depth and their bytes, read on a thread of its own however many there are. */
  amount(trees: TreeReader): Promise<Amount> {
    return this.inFolder([], (folder) => trees.amount(folder.fd));
  }

  /** Names of the first `most` regular files at any depth. @param skip name of a folder directly in this one that is left out. */
  fileNames(trees: TreeReader, most: number, skip: Buffer): Promise<Buffer[]> {
    return this.inFolder([], (folder) => trees.names(folder.fd, most, skip.toString('latin1')));
  }

  /** Writes down all that is at and below a path, for `ManifestReader`, on a thread of its own however much it is. */
  manifest(path: EntryPath, manifests: TreeManifests, wanted: WantedTree, output: FileHandle, signal: AbortSignal): Promise<void> {
    return this.inFolder(path, (folder) => manifests.write(folder.fd, wanted, output, signal));
  }

  /** What is at this path, links not followed; the root itself is a folder. */
  stat(path: EntryPath): Promise<Entry> {
    if (path.length === 0) return this.inFolder([], async (folder) => toEntry(Buffer.alloc(0), await folder.stat()));
    return this.atParent(path, async (folder, name) => toEntry(name, await walk.lstatAt(folder, name)));
  }

  /** Who the file at this path is, links not followed; null for anything but a regular file. */
  identify(path: EntryPath): Promise<FileIdentity | null> {
    return this.atParent(path, async (folder, name) => {
      const stats = await lstat(walk.at(folder, name), { bigint: true });
      return stats.isFile() ? toIdentity(stats) : null;
    });
  }

  async exists(path: EntryPath): Promise<boolean> {
    try {
      await this.stat(path);
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /** Opens a regular file for reading. Links, FIFOs, devices and files with a second name elsewhere are refused. */
  openFile(path: EntryPath): Promise<OpenFile> {
    return this.atParent(path, async (folder, name) => {
      const { handle, stats } = await walk.openFileAt(folder, name, path);
      return { handle, size: stats.size, mtimeMs: stats.mtimeMs };
    });
  }

  /** Opens a regular file that is there for writing and reading, under the rules of `openFile`. */
  openToWrite(path: EntryPath): Promise<OpenFile> {
    return this.atParent(path, async (folder, name) => {
      const { handle, stats } = await walk.openFileAt(folder, name, path, 'write');
      return { handle, size: stats.size, mtimeMs: stats.mtimeMs };
    });
  }

  /** Opens a folder, to be handed to a program (see `ofHandle`); the caller closes it. */
  openFolder(path: EntryPath): Promise<FileHandle> {
    return this.inFolder(path, (folder) => walk.openAgain(folder));
  }

  /** Makes a new, empty file, open for writing; the caller closes it. */
  createFile(path: EntryPath): Promise<FileHandle> {
    return this.atParent(path, (folder, name) => walk.createFileAt(folder, name));
  }

  /** @throws ConflictError when the name is taken; NotFoundError when the folder above is missing. */
  makeFolder(path: EntryPath): Promise<void> {
    return this.atParent(path, (folder, name) => mkdir(walk.at(folder, name), walk.FOLDER_MODE));
  }

  /** As `makeFolder`. @returns its absolute path, to be handed to a program. */
  async makeFolderForProgram(path: EntryPath): Promise<string> {
    await this.makeFolder(path);
    return this.absolute(path);
  }

  /** Makes the folder and those above it, as far as they are missing. */
  async ensureFolder(path: EntryPath): Promise<void> {
    const whole = [...this.base, ...path];
    const top = new SafeDirectory(this.root, []);
    for (let depth = 1; depth <= whole.length; depth += 1) {
      await top.makeFolder(whole.slice(0, depth)).catch((error: unknown) => {
        if (!(error instanceof ConflictError)) throw error;
      });
    }
    await this.inFolder(path, async () => undefined);
  }

  /**
   * Moves within one file system and overwrites nothing.
   * @param target where `to` is meant, this directory if absent.
   * @throws ConflictError when the new name is taken.
   */
  move(from: EntryPath, to: EntryPath, target: SafeDirectory = this): Promise<void> {
    return this.atParent(from, async (oldFolder, oldName) => {
      // What is missing is the old one, and is named by its old name.
      await walk.lstatAt(oldFolder, oldName);
      await target.atParent(to, (newFolder, newName) => moveEntry(oldFolder, oldName, newFolder, newName));
    });
  }

  /**
   * Copies a file, or a folder with all below it, to a name that is free, on whatever disk; links and special files are left out. What was
   * written when it fails stays for the caller to remove.
   */
  copy(from: EntryPath, to: EntryPath, target: SafeDirectory, watch: CopyWatch = {}): Promise<CopyReport> {
    return this.atParent(from, (oldFolder, oldName) =>
      target.atParent(to, (newFolder, newName) =>
        copyEntry({ folder: oldFolder, name: oldName }, { folder: newFolder, name: newName }, watch),
      ),
    );
  }

  /** Renames a file in one step that either happens or does not, over whatever file has the new name. Within one file system. */
  rename(from: EntryPath, to: EntryPath): Promise<void> {
    return this.atParent(from, (oldFolder, oldName) =>
      this.atParent(to, (newFolder, newName) => rename(walk.at(oldFolder, oldName), walk.at(newFolder, newName))),
    );
  }

  /** Removes a file, link or whole folder; what is not there counts as removed. */
  async remove(path: EntryPath): Promise<Amount> {
    try {
      return await this.atParent(path, removeEntry);
    } catch (error) {
      if (error instanceof NotFoundError) return { files: 0, bytes: 0 };
      throw error;
    }
  }

  /**
   * Regular files at any depth below a folder, in the order of the disk: for pickers, and for sums.
   * @param skip names of folders directly in `path` that are left out.
   */
  async findFiles(path: EntryPath, { most, skip = [] }: { most: number; skip?: readonly Buffer[] }): Promise<FoundFiles> {
    const files: FoundFile[] = [];
    const keep = (file: FoundFile) => files.length < most && files.push(file) > 0;
    return { complete: await this.visit(path, keep, skip), files };
  }

  /** Shows the regular files at any depth below a folder, in the order of the disk, until `visit` says false; none of them is kept. */
  async eachFile(path: EntryPath, visit: Visit['visit']): Promise<void> {
    await this.visit(path, visit);
  }

  /**
   * Number and size of the regular files at and below a path.
   * @param most files after which counting ends; `complete` is then false.
   */
  async measure(path: EntryPath, most = Number.POSITIVE_INFINITY): Promise<Amount & { complete: boolean }> {
    const entry = await this.stat(path);
    if (entry.kind !== 'folder') return { files: entry.kind === 'file' ? 1 : 0, bytes: entry.size, complete: true };
    const sum = { files: 0, bytes: 0 };
    const complete = await this.visit(path, ({ size }) => {
      if (sum.files === most) return false;
      sum.files += 1;
      sum.bytes += size;
      return true;
    });
    return { ...sum, complete };
  }

  /** Folders that lie deeper than handles are held are walked to from the root, after the others. */
  private async visit(path: EntryPath, visit: Visit['visit'], skip: readonly Buffer[] = []): Promise<boolean> {
    const tooDeep: EntryPath[] = [];
    if (!(await this.inFolder(path, (folder) => visitFiles(folder, { visit, skip, tooDeep })))) return false;
    for (let below = tooDeep.pop(); below !== undefined; below = tooDeep.pop()) {
      const above = below;
      const go = this.inFolder([...path, ...above], (folder) => visitFiles(folder, { visit, tooDeep }, above));
      if (!(await go.catch(trueWhenGone))) return false;
    }
    return true;
  }

  /**
   * The absolute path of a regular file or folder, to be handed to a program, after a walk that found it inside. Only a name that is
   * text can be handed on.
   */
  async pathForProgram(path: EntryPath): Promise<string> {
    const entry = await this.checkForProgram(path);
    if (!entry) throw new NotFoundError('files.notRegular', { name: walk.lastName(path) });
    return this.absolute(path);
  }

  private checkForProgram(path: EntryPath): Promise<boolean> {
    if (path.length === 0) return this.inFolder([], async () => true);
    return this.atParent(path, async (folder, name) => {
      const stats = await walk.lstatAt(folder, name);
      if (stats.isDirectory()) return true;
      if (!stats.isFile()) return false;
      const { handle } = await walk.openFileAt(folder, name, path);
      await handle.close();
      return true;
    });
  }

  private absolute(path: EntryPath): string {
    const names = [...this.base, ...path].map((name) => {
      const text = name.toString('utf8');
      if (!Buffer.from(text, 'utf8').equals(name)) throw new InvalidInputError('files.nameNotForPrograms', { name: walk.lastName(path) });
      return text;
    });
    return [this.root === '/' ? '' : this.root, ...names].join('/');
  }
}

function trueWhenGone(error: unknown): true {
  if (error instanceof NotFoundError) return true;
  throw error;
}
