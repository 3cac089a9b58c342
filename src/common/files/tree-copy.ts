import { constants } from 'node:fs';
import { copyFile, mkdir, opendir, type FileHandle } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { DomainError, InvalidInputError, NotFoundError } from '../errors';
import * as walk from './directory-walk';
import { identityOf, type FileIdentity } from './file-identity';
import type { Amount } from './tree-walk';

/** What somebody wants to know of a copy under way; every part is optional. */
export interface CopyWatch {
  signal?: AbortSignal;
  /** After each piece: how much was written since the last call. What it throws ends the copy. */
  advance?(bytes: number, files: number): void | Promise<void>;
  /** Each file that is complete, beside the one that it was made from: both have the same content. */
  copied?(from: FileIdentity, to: FileIdentity): void | Promise<void>;
}

/** What was written, and how many links, special files and files with a second name elsewhere were left out. */
export interface CopyReport extends Amount {
  leftOut: number;
}

/** A name in an open folder. */
interface Place {
  folder: FileHandle;
  name: Buffer;
}

/** Each level holds two folders open. */
const DEEPEST = 64;
const PIECE = 4 * 1024 * 1024;
/** The disk cannot share the content of two files; then it is written once more. */
const CANNOT_SHARE = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EINVAL', 'ENOTTY', 'EPERM', 'EBADF', 'ETXTBSY']);

const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENXIO']);

/**
 * Copies one entry with all below it, by folder handles throughout. Times of files are kept. Nothing is forced to the disk: the original
 * is still there.
 * @throws NotFoundError when the entry itself is no file and no folder; an error of code EEXIST when the new name is taken.
 */
export async function copyEntry(from: Place, to: Place, watch: CopyWatch): Promise<CopyReport> {
  const copy = new Copy(watch);
  const stats = await walk.lstatAt(from.folder, from.name);
  if (stats.isDirectory()) await copy.folder(from, to);
  else if (stats.isFile()) await copy.file(from, to);
  else throw new NotFoundError('files.notRegular', { name: walk.lastName([from.name]) });
  return copy.report;
}

class Copy {
  readonly report: CopyReport = { files: 0, bytes: 0, leftOut: 0 };
  /** One for all files, which are written one after another: a fresh one for each of many small files keeps the garbage collector busy. */
  private buffer?: Buffer;
  /** What a disk cannot do for one file it is not asked for again. */
  private canShare = true;

  constructor(private readonly watch: CopyWatch) {}

  async folder(from: Place, to: Place): Promise<void> {
    await this.into(await walk.openFolderAt(from.folder, from.name), to, 1);
  }

  /** What vanished since it was listed, became a link, or may not be opened, is left out; so it is with files. */
  private async folderOrNot(from: Place, to: Place, depth: number): Promise<void> {
    if (depth > DEEPEST) throw tooDeep(from);
    const source = await unlessGone(walk.openFolderAt(from.folder, from.name));
    if (source) await this.into(source, to, depth);
    else this.report.leftOut += 1;
  }

  /** @param source is closed whatever happens. */
  private async into(source: FileHandle, to: Place, depth: number): Promise<void> {
    try {
      await mkdir(walk.at(to.folder, to.name), walk.FOLDER_MODE);
      const target = await walk.openFolderAt(to.folder, to.name);
      try {
        await this.contents(source, target, depth);
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  }

  private async contents(source: FileHandle, target: FileHandle, depth: number): Promise<void> {
    const reader = await opendir(walk.itself(source), { encoding: 'buffer' as BufferEncoding, bufferSize: 1024 });
    for await (const item of reader as unknown as AsyncIterable<Dirent<Buffer>>) {
      this.watch.signal?.throwIfAborted();
      const [from, to] = [source, target].map((folder) => ({ folder, name: item.name }));
      if (item.isDirectory()) await this.folderOrNot(from, to, depth + 1);
      else if (item.isFile()) await this.fileOrNot(from, to);
      else this.report.leftOut += 1;
    }
  }

  private async fileOrNot(from: Place, to: Place): Promise<void> {
    const opened = await unlessGone(walk.openFileAt(from.folder, from.name, [from.name]));
    if (opened) await this.open(opened.handle, to);
    else this.report.leftOut += 1;
  }

  async file(from: Place, to: Place): Promise<void> {
    const { handle } = await walk.openFileAt(from.folder, from.name, [from.name]);
    await this.open(handle, to);
  }

  /** @param source is closed whatever happens. */
  private async open(source: FileHandle, to: Place): Promise<void> {
    try {
      const target = await walk.createFileAt(to.folder, to.name);
      try {
        await this.content(source, target);
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  }

  private async content(source: FileHandle, target: FileHandle): Promise<void> {
    const before = await identityOf(source);
    this.canShare &&= await shareContent(source, target);
    if (!this.canShare) await this.write(source, target, before.size);
    else await this.advance((await target.stat()).size);
    const { atime, mtime } = await source.stat();
    await target.utimes(atime, mtime);
    this.report.files += 1;
    await this.watch.advance?.(0, 1);
    const after = await identityOf(source);
    if (after.mtimeNs === before.mtimeNs && after.size === before.size) await this.watch.copied?.(before, await identityOf(target));
  }

  /** @param size as it was opened: a program that writes to it faster than it is read here would otherwise never let it end. */
  private async write(source: FileHandle, target: FileHandle, size: number): Promise<void> {
    const buffer = (this.buffer ??= Buffer.allocUnsafe(PIECE));
    for (let left = size; left > 0;) {
      this.watch.signal?.throwIfAborted();
      const { bytesRead } = await source.read(buffer, 0, Math.min(PIECE, left), null);
      if (bytesRead === 0) break;
      left -= bytesRead;
      for (let offset = 0; offset < bytesRead;) offset += (await target.write(buffer, offset, bytesRead - offset)).bytesWritten;
      await this.advance(bytesRead);
    }
  }

  private async advance(bytes: number): Promise<void> {
    this.report.bytes += bytes;
    await this.watch.advance?.(bytes, 0);
  }
}

function tooDeep({ name }: Place): InvalidInputError {
  return new InvalidInputError('files.treeTooDeep', { name: walk.lastName([name]), most: DEEPEST });
}

/** @returns null for what cannot be opened any more. */
async function unlessGone<Opened>(opening: Promise<Opened>): Promise<Opened | null> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof DomainError || GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Where the disk can, both files share their content until one is written to. False where it cannot. */
async function shareContent(source: FileHandle, target: FileHandle): Promise<boolean> {
  try {
    await copyFile(`/proc/self/fd/${source.fd}`, `/proc/self/fd/${target.fd}`, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (!CANNOT_SHARE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return false;
  } finally {
    // libuv takes over the rights of the source, even where it then fails.
    await target.chmod(walk.FILE_MODE);
  }
}
