import { mkdir, type FileHandle } from 'node:fs/promises';
import { InvalidInputError } from '../errors';
import type { EntryPath } from './entry-name';
import { asDomainError, at, createFileAt, FOLDER_MODE, openFileAt, openFolderAt } from './directory-walk';
import { MOST_OPEN, openFolder, partsOf } from './tree-walk';

const MOST_AT_ONCE = 8;
const PIECE_BYTES = { least: 4096, most: 256 * 1024 };

/**
 * Copies the regular files below an open folder into another one, with the folders that they are in. Links are not followed. However many
 * files there are, a few of them are held at a time.
 * @throws InvalidInputError where folders lie deeper in one another than are held open; what was copied until then stays.
 */
export function copyFiles(from: FileHandle, into: FileHandle): Promise<void> {
  return copyLevel(from, () => Promise.resolve(into), []);
}

/** @param into opens the folder for the copies, which is made for the first of them. */
async function copyLevel(from: FileHandle, into: () => Promise<FileHandle>, above: EntryPath): Promise<void> {
  let hasFolders = false;
  for await (const items of partsOf(from)) {
    hasFolders ||= items.some((item) => item.isDirectory());
    const names = items.filter((item) => item.isFile()).map(({ name }) => name);
    for (let index = 0; index < names.length; index += MOST_AT_ONCE) {
      const target = await into();
      const copies = names.slice(index, index + MOST_AT_ONCE).map((name) => copyFile(from, target, name, above));
      // All of them come to their end before the handles go, also where one fails.
      const failure = (await Promise.allSettled(copies)).find((outcome) => outcome.status === 'rejected');
      if (failure) throw failure.reason;
    }
  }
  if (!hasFolders) return;
  if (above.length >= MOST_OPEN) throw new InvalidInputError('files.tooDeep', { most: MOST_OPEN });
  for await (const items of partsOf(from)) {
    for (const { name } of items.filter((item) => item.isDirectory())) await copyFolder(from, into, name, above);
  }
}

async function copyFolder(from: FileHandle, into: () => Promise<FileHandle>, name: Buffer, above: EntryPath): Promise<void> {
  const below = await openFolder(from, name);
  if (!below) return;
  let target: FileHandle | null = null;
  const open = async () => (target ??= await makeFolder(await into(), name));
  try {
    await copyLevel(below, open, [...above, name]);
  } finally {
    await below.close();
    await (target as FileHandle | null)?.close();
  }
}

async function makeFolder(parent: FileHandle, name: Buffer): Promise<FileHandle> {
  await mkdir(at(parent, name), FOLDER_MODE);
  return openFolderAt(parent, name);
}

/** What is removed meanwhile is left out. */
async function copyFile(from: FileHandle, into: FileHandle, name: Buffer, above: EntryPath): Promise<void> {
  const path = [...above, name];
  try {
    const source = await openFileAt(from, name, path);
    try {
      await copyOpenFile(source.handle, source.stats.size, into, name);
    } finally {
      await source.handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asDomainError(error, path);
  }
}

/** @param size as far as it is known: the file may grow. */
async function copyOpenFile(source: FileHandle, size: number, into: FileHandle, name: Buffer): Promise<void> {
  const target = await createFileAt(into, name);
  try {
    await copyBytes(source, target, size);
  } finally {
    await target.close();
  }
}

async function copyBytes(source: FileHandle, target: FileHandle, size: number): Promise<void> {
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES.most, Math.max(PIECE_BYTES.least, size + 1)));
  for (let position = 0; ;) {
    const { bytesRead } = await source.read(piece, 0, piece.length, position);
    if (bytesRead > 0) await writeWhole(target, piece.subarray(0, bytesRead));
    position += bytesRead;
    // A piece that is not filled is the last of a regular file, or the file was cut short.
    if (bytesRead < piece.length) return;
  }
}

async function writeWhole(target: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length;) written += (await target.write(bytes, written)).bytesWritten;
}
