import type { Stats } from 'node:fs';
import { link, mkdir, readdir, readlink, symlink, unlink, type FileHandle } from 'node:fs/promises';
import * as walk from '../common/files/directory-walk';
import type { Catalogue, CatalogueEntry } from './catalogue';
import { copyContent, UnreadableError } from './file-content';

/** What was there before: its folder for the same tree (null: it had none), its catalogue, and when it was begun. */
export interface Previous {
  folder: FileHandle | null;
  catalogue: Catalogue;
  madeMs: number;
}

export interface TreeReport {
  files: number;
  bytes: number;
  /** Files that were not copied again. */
  linked: number;
  /** What could not be read, for people. */
  unreadable: string[];
}

interface Folders {
  source: FileHandle;
  target: FileHandle;
  previous: FileHandle | null;
}

/** A file that was written so shortly before a backup may have been written again within the same tick of the clock of its disk. */
const UNSURE_MS = 2000;
/** Each folder on the way is held open. */
const DEEPEST = 1000;
const MODE = 0o777;
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
const UNREADABLE = new Set(['EACCES', 'EPERM', 'EIO']);
/** The disk of the backups cannot, or not once more. */
const CANNOT_LINK = new Set(['EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'ENOENT', 'ENOSYS']);

/**
 * Saves a tree that people and programs go on writing to. Links are saved as links and never followed; pipes, sockets and devices are left
 * out; what goes meanwhile is not missed.
 */
export class TreeBackup {
  readonly report: TreeReport = { files: 0, bytes: 0, linked: 0, unreadable: [] };

  /** @param isLeftOut what of the tree can be made again, by its path below the root. */
  constructor(
    private readonly catalogue: Catalogue,
    private readonly previous: Previous | null,
    private readonly isLeftOut: (path: readonly Buffer[]) => boolean,
  ) {}

  /** @param path of the tree in the catalogue: its name. */
  async save(root: string, target: FileHandle, path: Buffer): Promise<void> {
    const source = await walk.openRoot(root).catch(nullWhenGone);
    if (!source) return;
    try {
      await this.contents({ source, target, previous: this.previous?.folder ?? null }, [path]);
    } finally {
      await source.close();
    }
  }

  private async contents(folders: Folders, path: readonly Buffer[]): Promise<void> {
    const names = await readdir(walk.itself(folders.source), { encoding: 'buffer' });
    for (const name of names) {
      const below = [...path, name];
      if (this.isLeftOut(below.slice(1))) continue;
      try {
        await this.entry(folders, name, below);
      } catch (error) {
        const code = error instanceof UnreadableError ? error.message : ((error as NodeJS.ErrnoException).code ?? '');
        if (GONE.has(code)) continue;
        if (!UNREADABLE.has(code)) throw error;
        this.report.unreadable.push(`${JSON.stringify(Buffer.concat(joined(below)).toString())} (${code})`);
      }
    }
  }

  private async entry(folders: Folders, name: Buffer, path: readonly Buffer[]): Promise<void> {
    const stats = await walk.lstatAt(folders.source, name);
    if (stats.isDirectory()) await this.folder(folders, name, path, stats);
    else if (stats.isFile()) await this.file(folders, name, path);
    else if (stats.isSymbolicLink()) await this.link(folders, name, path, stats);
  }

  private async folder({ source, target, previous }: Folders, name: Buffer, path: readonly Buffer[], stats: Stats): Promise<void> {
    if (path.length > DEEPEST) throw Object.assign(new Error('too deep'), { code: 'EPERM' });
    const inner = await walk.openFolderAt(source, name);
    const open: FileHandle[] = [inner];
    try {
      await mkdir(walk.at(target, name), walk.FOLDER_MODE);
      const copy = await walk.openFolderAt(target, name);
      open.push(copy);
      const before = previous ? await walk.openFolderAt(previous, name).catch(nullWhenGone) : null;
      if (before) open.push(before);
      this.catalogue.add({ ...entryOf('folder', path, stats), size: 0 });
      await this.contents({ source: inner, target: copy, previous: before }, path);
    } finally {
      for (const handle of open) await handle.close();
    }
  }

  private async link({ source, target }: Folders, name: Buffer, path: readonly Buffer[], stats: Stats): Promise<void> {
    const leadsTo = await readlink(walk.at(source, name), { encoding: 'buffer' });
    await symlink(leadsTo, walk.at(target, name));
    this.catalogue.add({ ...entryOf('link', path, stats), size: 0, target: leadsTo });
  }

  private async file(folders: Folders, name: Buffer, path: readonly Buffer[]): Promise<void> {
    const source = await walk.openAnyFileAt(folders.source, name);
    if (!source) return;
    try {
      const stats = await source.stat();
      const entry = entryOf('file', path, stats);
      const saved = (await this.again(folders, name, entry)) ?? (await copyTo(folders.target, name, source, stats));
      this.catalogue.add({ ...entry, ...saved });
      this.report.files += 1;
      this.report.bytes += saved.size;
    } finally {
      await source.close();
    }
  }

  /** Gives what was saved before, and has not changed since, a second name; null when there is no such thing. */
  private async again(
    { target, previous }: Folders,
    name: Buffer,
    entry: CatalogueEntry,
  ): Promise<{ sha256: string; size: number } | null> {
    const known = previous ? this.previous!.catalogue.find(entry.path) : undefined;
    if (!previous || !known || known.sha256 === null || !isUnchanged(known, entry, this.previous!.madeMs)) return null;
    try {
      await link(walk.at(previous, name), walk.at(target, name));
    } catch (error) {
      if (CANNOT_LINK.has((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
    this.report.linked += 1;
    return { sha256: known.sha256, size: known.size };
  }
}

function isUnchanged(known: CatalogueEntry, entry: CatalogueEntry, madeMs: number): boolean {
  const isSame = known.size === entry.size && known.mtimeMs === entry.mtimeMs && known.ctimeMs === entry.ctimeMs;
  return isSame && known.kind === 'file' && entry.ctimeMs < madeMs - UNSURE_MS;
}

async function copyTo(target: FileHandle, name: Buffer, source: FileHandle, { size, mode, atime, mtime }: Stats) {
  const copy = await walk.createFileAt(target, name);
  try {
    const saved = await copyContent(source, size, copy);
    await copy.chmod(mode & MODE);
    await copy.utimes(atime, mtime);
    return saved;
  } catch (error) {
    await unlink(walk.at(target, name));
    throw error;
  } finally {
    await copy.close();
  }
}

function entryOf(kind: CatalogueEntry['kind'], path: readonly Buffer[], { mode, size, mtimeMs, ctimeMs }: Stats): CatalogueEntry {
  return { path: Buffer.concat(joined(path)), kind, mode: mode & MODE, size, mtimeMs, ctimeMs, sha256: null, target: null };
}

function joined(path: readonly Buffer[]): Buffer[] {
  const slash = Buffer.from('/');
  return path.flatMap((name, index) => (index === 0 ? [name] : [slash, name]));
}

function nullWhenGone(error: unknown): null {
  if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
  throw error;
}
