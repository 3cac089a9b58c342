import { opendir, type FileHandle } from 'node:fs/promises';
import type { Dirent, Stats } from 'node:fs';
import { itself, kindOf, lstatAt, type EntryKind } from './directory-walk';
import type { FolderIndexes, FolderQuestion } from './threads/folder-indexes';

/** Something in a folder. Links, devices and the like are listed and can be removed, but never opened. */
export interface Entry {
  name: Buffer;
  kind: EntryKind;
  /** Bytes; 0 for anything but a file. */
  size: number;
  mtimeMs: number;
  /** Last write, rename or change of rights: unlike `mtimeMs` nobody can set it back, so it tells how long the entry lies here. */
  touchedMs: number;
}

export interface Listing {
  /** The asked-for part: folders first, then by name, numbers in their order. */
  entries: Entry[];
  /** How many there are in the folder, as far as they were counted. */
  total: number;
  /** False when the folder holds more than were counted. */
  complete: boolean;
}

/** A part of a folder in any order. */
export interface SortedListing extends Listing {
  /** How many entries pass the filter. */
  matching: number;
}

interface NameAndKind {
  name: Buffer;
  folder: boolean;
}

const MOST_NAMES = 200_000;
const NATURAL = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** One part of an open folder, sorted: names of all are read, but only those of the part are looked at. */
export async function listFolder(folder: FileHandle, from: number, limit: number): Promise<Listing> {
  const { names, complete } = await readNames(folder);
  const part = names.sort(compareNames).slice(from, from + limit);
  const entries = await Promise.all(part.map(({ name }) => entryAt(folder, name)));
  return { entries: entries.filter((entry) => entry !== null), total: names.length, complete };
}

/** One part of an open folder in the order asked for; what it shows is looked at now, whatever the index remembers. */
export async function listSorted(folder: FileHandle, indexes: FolderIndexes, question: FolderQuestion): Promise<SortedListing> {
  const { ino } = await folder.stat();
  const { names, matching, total, complete } = await indexes.ask(folder.fd, ino, question);
  const entries = await Promise.all(names.map((name) => entryAt(folder, name)));
  return { entries: entries.filter((entry) => entry !== null), matching, total, complete };
}

/** What is known of an entry without opening it. */
export function toEntry(name: Buffer, stats: Stats): Entry {
  const kind = kindOf(stats);
  return { name, kind, size: kind === 'file' ? stats.size : 0, mtimeMs: stats.mtimeMs, touchedMs: stats.ctimeMs };
}

/** Names of regular files among the first `most` entries of an open folder, as the disk has them, however many more there are. */
export async function glanceAtFiles(folder: FileHandle, most: number): Promise<Buffer[]> {
  const names: NameAndKind[] = [];
  let seen = 0;
  for await (const item of await openNames(folder, most)) {
    if (item.isFile()) names.push({ name: item.name, folder: false });
    seen += 1;
    if (seen === most) break;
  }
  return names.sort(compareNames).map(({ name }) => name);
}

async function readNames(folder: FileHandle): Promise<{ names: NameAndKind[]; complete: boolean }> {
  const names: NameAndKind[] = [];
  for await (const item of await openNames(folder, 1024)) {
    if (names.length === MOST_NAMES) return { names, complete: false };
    names.push({ name: item.name, folder: item.isDirectory() });
  }
  return { names, complete: true };
}

/** @param atOnce how many are read in one step. */
async function openNames(folder: FileHandle, atOnce: number): Promise<AsyncIterable<Dirent<Buffer>>> {
  // The typings know names as text only; with this encoding they are bytes.
  const reader = await opendir(itself(folder), { encoding: 'buffer' as BufferEncoding, bufferSize: atOnce });
  return reader as unknown as AsyncIterable<Dirent<Buffer>>;
}

function compareNames(a: NameAndKind, b: NameAndKind): number {
  if (a.folder !== b.folder) return a.folder ? -1 : 1;
  return NATURAL.compare(a.name.toString(), b.name.toString()) || Buffer.compare(a.name, b.name);
}

async function entryAt(folder: FileHandle, name: Buffer): Promise<Entry | null> {
  try {
    return toEntry(name, await lstatAt(folder, name));
  } catch (error) {
    // Removed since the names were read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
