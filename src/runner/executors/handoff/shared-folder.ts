import { randomUUID } from 'node:crypto';
import { ConflictError, NotFoundError } from '../../../common/errors';
import type { EntryPath } from '../../../common/files/entry-name';
import { SafeDirectory, type Entry } from '../../../common/files/safe-directory';
import { text } from '../../../locales/text';

/** Where runner and launcher keep what no other program looks at. */
const OWN = '.showrunner';
const MOST_BYTES = 64 * 1024;
const MOST_ENTRIES = 10_000;
/** The launcher may be another user of the machine. */
const SHARED_MODE = 0o664;

/** The folder is not there: a disk that is not mounted, perhaps. Nothing can be concluded from what is missing in it. */
export class FolderAwayError extends Error {}

/** The hand-off folder. Programs may write into it, so links in it are never followed. */
export class SharedFolder {
  private readonly directory: SafeDirectory;

  constructor(readonly path: string) {
    this.directory = SafeDirectory.open(path);
  }

  /** Makes the subfolder of runner and launcher. @throws FolderAwayError */
  async open(): Promise<void> {
    if (!(await this.directory.exists([]))) throw this.away();
    await this.directory.ensureFolder(own());
  }

  /** Without this look every file in it would pass for taken. @throws FolderAwayError */
  async requireThere(): Promise<void> {
    if (!(await this.directory.exists(own()))) throw this.away();
  }

  /** Content of a small file, blanks at its ends cut off; null while it is missing or empty. @param path a name, or `own(name)`. */
  async read(path: EntryPath): Promise<string | null> {
    try {
      const { handle } = await this.directory.openFile(path);
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
        return buffer.subarray(0, bytesRead).toString('utf8').trim() || null;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  /** What is there, whatever it is; null for nothing. */
  async stat(path: EntryPath): Promise<Entry | null> {
    try {
      return await this.directory.stat(path);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  openFile(path: EntryPath) {
    return this.directory.openFile(path);
  }

  exists(path: EntryPath): Promise<boolean> {
    return this.directory.exists(path);
  }

  /** Replaces a file in one step. */
  async write(path: EntryPath, content: string): Promise<void> {
    const draft = await this.draft(content);
    await this.directory.rename(draft, path);
  }

  /** Makes a file with its content in one step. @returns false when there is one. */
  async create(path: EntryPath, content: string): Promise<boolean> {
    const draft = await this.draft(content);
    try {
      await this.directory.move(draft, path);
      return true;
    } catch (error) {
      await this.directory.remove(draft);
      // Not found: somebody tidied up drafts.
      if (error instanceof ConflictError || error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /** Renames in one step. @returns false when there was nothing to rename: of several who try exactly one succeeds. */
  async take(from: EntryPath, to: EntryPath): Promise<boolean> {
    try {
      await this.directory.rename(from, to);
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  async remove(path: EntryPath): Promise<void> {
    await this.directory.remove(path);
  }

  /** Names in the subfolder. */
  async ownNames(): Promise<string[]> {
    const { entries } = await this.directory.list(own(), { limit: MOST_ENTRIES });
    return entries.map(({ name }) => name.toString('utf8'));
  }

  /** Removes drafts that were left behind by processes that died; one that is just being used is made again by its owner. */
  async removeDrafts(): Promise<void> {
    for (const name of await this.ownNames()) if (name.startsWith('draft-')) await this.remove(own(name));
  }

  private away(): FolderAwayError {
    return new FolderAwayError(text('runner.handoffNoFolder', { folder: this.path }));
  }

  private async draft(content: string): Promise<EntryPath> {
    const path = own(`draft-${randomUUID()}`);
    const file = await this.directory.createFile(path);
    try {
      await file.chmod(SHARED_MODE);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  }
}

/** A name directly in the folder. */
export function top(name: string): EntryPath {
  return [Buffer.from(name)];
}

/** A name in the subfolder; without one the subfolder itself. */
export function own(name?: string): EntryPath {
  return name === undefined ? [Buffer.from(OWN)] : [Buffer.from(OWN), Buffer.from(name)];
}
