import { mkdir, readlink, symlink, unlink, type FileHandle } from 'node:fs/promises';
import * as walk from '../common/files/directory-walk';
import type { CatalogueEntry } from './catalogue';
import { copyContent, UnreadableError } from './file-content';
import { FolderStack } from './folder-stack';

const OWNER_MAY_ALL = 0o700;
const SLASH = 0x2f;

/** Goes through what a backup holds, compares it with its catalogue, and brings it to another place if one is told. */
export class TreeCheck {
  /** What is damaged or missing, for people. */
  readonly damaged: string[] = [];
  files = 0;
  private readonly from: FolderStack;
  private readonly to: FolderStack | null;

  /** @param target null: it is only read. */
  constructor(source: FileHandle, target: FileHandle | null) {
    this.from = new FolderStack(source);
    this.to = target && new FolderStack(target);
  }

  /** @param entry with its path in the backup. @param names the same below `source` and `target`. */
  async look(entry: CatalogueEntry, names: readonly Buffer[]): Promise<void> {
    try {
      if (!(await this.isWhole(entry, names))) this.note(entry, 'damaged');
      else if (entry.kind === 'file') this.files += 1;
    } catch (error) {
      // Of the backup; what fails while it is written elsewhere is no fault of it.
      if (!(error instanceof Missing)) throw error;
      this.note(entry, 'missing');
    }
  }

  async close(): Promise<void> {
    await this.from.close();
    await this.to?.close();
  }

  private note({ path }: CatalogueEntry, what: string): void {
    this.damaged.push(`${JSON.stringify(path.toString())} is ${what}`);
  }

  private async isWhole(entry: CatalogueEntry, names: readonly Buffer[]): Promise<boolean> {
    const name = names[names.length - 1];
    const source = await read(this.from.at(names.slice(0, -1)));
    if (entry.kind === 'folder') {
      await read(this.from.at(names));
      return this.make(names, (folder) => mkdir(walk.at(folder, name), entry.mode | OWNER_MAY_ALL));
    }
    if (entry.kind === 'file') return this.isSameFile(source, entry, names);
    const target = await read(readlink(walk.at(source, name), { encoding: 'buffer' }));
    return target.equals(entry.target ?? Buffer.alloc(0)) && this.make(names, (folder) => symlink(target, walk.at(folder, name)));
  }

  private async make(names: readonly Buffer[], work: (folder: FileHandle) => Promise<void>): Promise<true> {
    if (this.to) await work(await this.to.at(names.slice(0, -1)));
    return true;
  }

  private async isSameFile(folder: FileHandle, entry: CatalogueEntry, names: readonly Buffer[]): Promise<boolean> {
    const name = names[names.length - 1];
    const source = await read(walk.openAnyFileAt(folder, name));
    if (!source) throw new Missing();
    try {
      const above = await this.to?.at(names.slice(0, -1));
      const isSame = await copyAndCompare(source, entry, above && { folder: above, name });
      if (above && !isSame) await unlink(walk.at(above, name));
      return isSame;
    } finally {
      await source.close();
    }
  }
}

interface Place {
  folder: FileHandle;
  name: Buffer;
}

/** @returns false where the content is not what it was. */
async function copyAndCompare(source: FileHandle, entry: CatalogueEntry, to: Place | undefined): Promise<boolean> {
  const copy = to ? await walk.createFileAt(to.folder, to.name) : null;
  try {
    const { sha256, size } = await copyContent(source, Number.POSITIVE_INFINITY, copy);
    await copy?.chmod(entry.mode);
    await copy?.utimes(entry.mtimeMs / 1000, entry.mtimeMs / 1000);
    return sha256 === entry.sha256 && size === entry.size;
  } catch (error) {
    if (error instanceof UnreadableError) return false;
    throw error;
  } finally {
    await copy?.close();
  }
}

/** The names of a path in the catalogue. */
export function namesOf(path: Buffer): Buffer[] {
  const names: Buffer[] = [];
  for (let from = 0; from <= path.length;) {
    const end = path.indexOf(SLASH, from);
    names.push(path.subarray(from, end === -1 ? path.length : end));
    from = end === -1 ? path.length + 1 : end + 1;
  }
  return names;
}

class Missing extends Error {}

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL', 'EIO', 'EACCES']);

async function read<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    throw MISSING.has((error as NodeJS.ErrnoException).code ?? '') ? new Missing() : error;
  }
}
