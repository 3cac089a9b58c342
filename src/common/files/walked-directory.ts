import type { FileHandle } from 'node:fs/promises';
import { InvalidInputError } from '../errors';
import * as walk from './directory-walk';
import { isEntryName, type EntryPath } from './entry-name';
import { replaceFolder } from './replace-folder';

/** The walk of `SafeDirectory`: whatever is done below a root is done in a folder that was opened step by step, without following links. */
export abstract class WalkedDirectory {
  protected constructor(
    protected readonly root: string,
    protected readonly base: EntryPath,
  ) {}

  /**
   * Puts the folder `fresh` at `path` of `target`, in place of whatever is there; see `replaceFolder`.
   * @returns false when `isOurs` says so, or `fresh` is gone.
   */
  replaceFolder(fresh: EntryPath, path: EntryPath, target: WalkedDirectory, isOurs: () => Promise<boolean>): Promise<boolean> {
    return this.atParent(fresh, (from, fromName) =>
      target.atParent(path, (to, toName) => replaceFolder({ folder: from, name: fromName }, { folder: to, name: toName }, isOurs)),
    );
  }

  /** @param work gets the folder in which the path ends, open, and the last name. */
  protected atParent<Result>(path: EntryPath, work: (folder: FileHandle, name: Buffer) => Promise<Result>): Promise<Result> {
    const whole = [...this.base, ...path];
    const name = whole.at(-1);
    if (name === undefined) throw new InvalidInputError('files.badPath');
    return this.walk(whole.slice(0, -1), name, path, (folder) => work(folder, name));
  }

  /** @param work gets the folder at the path, open. */
  protected inFolder<Result>(path: EntryPath, work: (folder: FileHandle) => Promise<Result>): Promise<Result> {
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
