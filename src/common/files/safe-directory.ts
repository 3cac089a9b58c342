import { mkdir, rename, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConflictError, InvalidInputError, NotFoundError } from '../errors';
import * as walk from './directory-walk';
import { isEntryName, type EntryPath } from './entry-name';
import { listFolder, toEntry, type Entry, type Listing } from './listing';
import { moveEntry } from './move-entry';
import { copyFiles } from './tree-copy';
import { removeEntry, visitFiles, type Amount, type FoundFile } from './tree-walk';

export interface OpenFile {
  /** The caller closes it. */
  handle: FileHandle;
  size: number;
  mtimeMs: number;
}

export interface FoundFiles {
  files: FoundFile[];
  /** False when there are more. */
  complete: boolean;
}

export type { Entry, FoundFile, Listing };

/**
 * The one way to anything below a root. Every path is walked by folder handles that refuse links, so neither a name nor a folder that is
 * swapped for a link in mid-step leads outside. Names are raw bytes (`EntryPath`). All methods throw the errors of `common/errors`:
 * NotFoundError for what is missing or is a link, ConflictError for what is in the way.
 */
export class SafeDirectory {
  private constructor(
    private readonly root: string,
    private readonly base: EntryPath,
  ) {}

  /** @param root trusted, from the configuration; links on the way to it are followed. It need not exist yet. */
  static open(root: string): SafeDirectory {
    walk.requireHandleWalk();
    return new SafeDirectory(resolve(root), []);
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

  /** What is at this path, links not followed; the root itself is a folder. */
  stat(path: EntryPath): Promise<Entry> {
    if (path.length === 0) return this.inFolder([], async (folder) => toEntry(Buffer.alloc(0), await folder.stat()));
    return this.atParent(path, async (folder, name) => toEntry(name, await walk.lstatAt(folder, name)));
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
    return this.atParent(from, (oldFolder, oldName) =>
      target.atParent(to, (newFolder, newName) => moveEntry(oldFolder, oldName, newFolder, newName)),
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
    const complete = await this.inFolder(path, (folder) =>
      visitFiles(
        folder,
        (file) => {
          if (files.length === most) return false;
          files.push(file);
          return true;
        },
        skip,
      ),
    );
    return { files, complete };
  }

  /** Shows the regular files at any depth below a folder, in the order of the disk, until `visit` says false; none of them is kept. */
  async eachFile(path: EntryPath, visit: (file: FoundFile) => boolean | Promise<boolean>): Promise<void> {
    await this.inFolder(path, (folder) => visitFiles(folder, visit));
  }

  /** Copies the regular files below a folder into an empty one, with the folders that they are in; a file that fails ends it. */
  copyFiles(from: EntryPath, to: EntryPath, target: SafeDirectory = this): Promise<void> {
    return this.inFolder(from, (source) => target.inFolder(to, (place) => copyFiles(source, place)));
  }

  /**
   * Number and size of the regular files at and below a path.
   * @param most files after which counting ends; `complete` is then false.
   */
  async measure(path: EntryPath, most = Number.POSITIVE_INFINITY): Promise<Amount & { complete: boolean }> {
    const entry = await this.stat(path);
    if (entry.kind !== 'folder') return { files: entry.kind === 'file' ? 1 : 0, bytes: entry.size, complete: true };
    const sum = { files: 0, bytes: 0 };
    const complete = await this.inFolder(path, (folder) =>
      visitFiles(folder, (file) => {
        if (sum.files === most) return false;
        sum.files += 1;
        sum.bytes += file.size;
        return true;
      }),
    );
    return { ...sum, complete };
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

  private atParent<Result>(path: EntryPath, work: (folder: FileHandle, name: Buffer) => Promise<Result>): Promise<Result> {
    const whole = [...this.base, ...path];
    const name = whole.at(-1);
    if (name === undefined) throw new InvalidInputError('files.badPath');
    return this.walk(whole.slice(0, -1), name, path, (folder) => work(folder, name));
  }

  private inFolder<Result>(path: EntryPath, work: (folder: FileHandle) => Promise<Result>): Promise<Result> {
    return this.walk([...this.base, ...path], undefined, path, work);
  }

  /** Opens folder after folder, closes each beside the opening of those after the next, and the last one after the work. */
  private async walk<Result>(
    folders: EntryPath,
    name: Buffer | undefined,
    what: EntryPath,
    work: (folder: FileHandle) => Promise<Result>,
  ): Promise<Result> {
    let folder: FileHandle | undefined;
    const closing: Promise<void>[] = [];
    try {
      for (const step of name === undefined ? folders : [...folders, name]) {
        if (!isEntryName(step)) throw new InvalidInputError('files.badPath');
      }
      folder = await walk.openRoot(this.root);
      for (const step of folders) {
        const next: FileHandle = await walk.openFolderAt(folder, step);
        // Of a folder that was only read nothing can be lost.
        closing.push(folder.close().catch(() => undefined));
        folder = next;
      }
      return await work(folder);
    } catch (error) {
      throw walk.asDomainError(error, what);
    } finally {
      await Promise.all([folder?.close(), ...closing]);
    }
  }
}
