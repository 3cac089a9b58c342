/**
 * A thread that reads whole folders and keeps what it read for a while: started by `FolderIndexes`, it answers `IndexQuestion` with
 * `IndexAnswer`. Threads share the open handles of their process, so it goes on from the folder that was walked to, through
 * `/proc/self/fd`, and looks at entries without following links. Names are bytes, carried as latin1 text. It imports nothing of ours,
 * so that it starts in a blink.
 */
import { closeSync, constants, fstatSync, lstatSync, opendirSync, openSync, type Dirent } from 'node:fs';
import { parentPort } from 'node:worker_threads';

export type OrderBy = 'name' | 'size' | 'date';

export interface IndexQuestion {
  id: number;
  /** Open folder; stays open until the answer. */
  fd: number;
  by: OrderBy;
  descending: boolean;
  /** Part of the name, letter case aside; '' for all. */
  filter: string;
  from: number;
  limit: number;
  /** Name of a file whose neighbours are asked for; null: a part of the list. */
  around: string | null;
}

export interface IndexAnswer {
  id: number;
  names: string[];
  /** Entries that pass the filter. */
  matching: number;
  /** Entries of the folder, as far as they were read. */
  total: number;
  /** False when the folder holds more than were read. */
  complete: boolean;
  /** The files before and after the one asked about. */
  neighbours: [string | null, string | null];
  /** Code of the system where the folder could not be read. */
  error: string | null;
}

interface Index {
  names: string[];
  /** For people and for sorting: the same names, decoded. */
  texts: string[];
  kinds: Uint8Array;
  complete: boolean;
  readMs: number;
  figures: Figures | null;
  isRefreshing: boolean;
  orders: Map<OrderBy, Uint32Array>;
}

const FILE = 1;
const FOLDER = 2;
const OTHER = 0;
const MOST_NAMES = 200_000;
/** Entries of all folders that are remembered together: about a hundred bytes each. */
const MOST_REMEMBERED = 600_000;
/** Names come and go with a trace in their folder, which is part of the key. */
const NAMES_LIVE_MS = 10 * 60_000;
/**
 * Sizes and dates of files change without a trace in their folder. Older ones still give the order, for whoever asks, and are read anew
 * behind that answer; what the page shows of its own entries is always looked at now.
 */
const FIGURES_LIVE_MS = 10_000;
/** Entries that are looked at between two questions. */
const PIECE = 1000;
/** A folder that changed only just may change again within the same tick of its clock. */
const SETTLED_MS = 50;
const NATURAL = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;

/** By device, inode and times of the folder; the oldest first. */
const remembered = new Map<string, Index>();

function answer(question: IndexQuestion): IndexAnswer {
  const index = indexOf(question.fd);
  if (question.by !== 'name' && !index.figures) readFigures(index, question.fd);
  const order = filtered(index, orderOf(index, question.by), question.filter);
  const at = (position: number) => index.names[order[question.descending ? mirrored(index, order, position) : position]];
  const { from, limit } = question;
  const count = question.around === null ? Math.max(0, Math.min(limit, order.length - from)) : 0;
  return {
    id: question.id,
    names: Array.from({ length: count }, (_, offset) => at(from + offset)),
    matching: order.length,
    total: index.names.length,
    complete: index.complete,
    neighbours: question.around === null ? [null, null] : neighbours(index, order, question),
    error: null,
  };
}

/** Folders come first in every order, so what descends is turned around within folders and within the rest. */
function mirrored(index: Index, order: Uint32Array, position: number): number {
  const folders = countFolders(index, order);
  return position < folders ? folders - 1 - position : order.length - 1 - (position - folders);
}

function countFolders(index: Index, order: Uint32Array): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index.kinds[order[middle]] === FOLDER) low = middle + 1;
    else high = middle;
  }
  return low;
}

function neighbours(index: Index, order: Uint32Array, { around, descending }: IndexQuestion): [string | null, string | null] {
  const own = order.findIndex((entry) => index.names[entry] === around);
  if (own === -1) return [null, null];
  const next = (step: number): string | null => {
    for (let position = own + step; position >= 0 && position < order.length; position += step) {
      if (index.kinds[order[position]] === FILE) return index.names[order[position]];
    }
    return null;
  };
  return descending ? [next(1), next(-1)] : [next(-1), next(1)];
}

function filtered(index: Index, order: Uint32Array, filter: string): Uint32Array {
  if (filter === '') return order;
  const wanted = filter.normalize('NFC').toLowerCase();
  return order.filter((entry) => index.texts[entry].normalize('NFC').toLowerCase().includes(wanted));
}

function orderOf(index: Index, by: OrderBy): Uint32Array {
  const known = index.orders.get(by);
  if (known) return known;
  const order = by === 'name' ? byName(index) : byFigure(index, by);
  index.orders.set(by, order);
  return order;
}

function byName({ names, texts, kinds }: Index): Uint32Array {
  return Uint32Array.from(names.keys()).sort((a, b) => {
    const folders = Number(kinds[b] === FOLDER) - Number(kinds[a] === FOLDER);
    if (folders !== 0) return folders;
    return NATURAL.compare(texts[a], texts[b]) || (names[a] < names[b] ? -1 : 1);
  });
}

/** Where figures are equal the names decide; that order is there already, and sorting keeps it. */
function byFigure(index: Index, by: 'size' | 'date'): Uint32Array {
  const { sizes, dates } = index.figures!;
  const figures = by === 'size' ? sizes : dates;
  const { kinds } = index;
  return orderOf(index, 'name')
    .slice()
    .sort((a, b) => Number(kinds[b] === FOLDER) - Number(kinds[a] === FOLDER) || figures[a] - figures[b]);
}

function indexOf(fd: number): Index {
  const { dev, ino, mtimeNs, ctimeNs, mtimeMs } = fstatSync(fd, { bigint: true });
  const key = `${dev}:${ino}:${mtimeNs}:${ctimeNs}`;
  const nowMs = Date.now();
  const known = remembered.get(key);
  if (known && nowMs - known.readMs < NAMES_LIVE_MS) return known;
  const index = readFolder(fd, nowMs);
  remembered.delete(key);
  if (nowMs - Number(mtimeMs) > SETTLED_MS) remember(key, index);
  return index;
}

function remember(key: string, index: Index): void {
  remembered.set(key, index);
  let sum = 0;
  for (const one of remembered.values()) sum += one.names.length;
  for (const [oldest, one] of remembered) {
    if (sum <= MOST_REMEMBERED || oldest === key) break;
    sum -= one.names.length;
    remembered.delete(oldest);
  }
}

function readFolder(fd: number, readMs: number): Index {
  const names: string[] = [];
  const kinds: number[] = [];
  const folder = opendirSync(`/proc/self/fd/${fd}`, { encoding: 'latin1', bufferSize: 4096 });
  let complete = true;
  try {
    for (let item = folder.readSync(); item !== null; item = folder.readSync()) {
      if (names.length === MOST_NAMES) {
        complete = false;
        break;
      }
      names.push(item.name);
      kinds.push(kindOf(item));
    }
  } finally {
    folder.closeSync();
  }
  const texts = names.map((name) => (ASCII.test(name) ? name : Buffer.from(name, 'latin1').toString('utf8')));
  return { names, texts, kinds: Uint8Array.from(kinds), complete, readMs, figures: null, isRefreshing: false, orders: new Map() };
}

function kindOf(item: Dirent): number {
  if (item.isDirectory()) return FOLDER;
  return item.isFile() ? FILE : OTHER;
}

interface Figures {
  sizes: Float64Array;
  dates: Float64Array;
  readMs: number;
}

function noFigures({ names }: Index): Figures {
  return { sizes: new Float64Array(names.length), dates: new Float64Array(names.length), readMs: Date.now() };
}

function readFigures(index: Index, fd: number): void {
  const figures = noFigures(index);
  readSome(index, fd, figures, 0, index.names.length);
  take(index, figures);
}

function readSome({ names, kinds }: Index, fd: number, { sizes, dates }: Figures, from: number, to: number): void {
  for (let entry = from; entry < Math.min(to, names.length); entry += 1) {
    const stats = lstatSync(pathOf(fd, names[entry]), { throwIfNoEntry: false });
    // Gone since the names were read.
    if (!stats) continue;
    sizes[entry] = kinds[entry] === FILE ? stats.size : 0;
    dates[entry] = stats.mtimeMs;
  }
}

function take(index: Index, figures: Figures): void {
  index.figures = figures;
  index.isRefreshing = false;
  index.orders.delete('size');
  index.orders.delete('date');
}

function pathOf(fd: number, name: string): string | Buffer {
  const path = `/proc/self/fd/${fd}/${name}`;
  return ASCII.test(name) ? path : Buffer.from(path, 'latin1');
}

function failed(id: number, error: unknown): IndexAnswer {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return { id, names: [], matching: 0, total: 0, complete: true, neighbours: [null, null], error: code };
}

/** The folder is closed once its answer is out, so what is read behind it needs a handle of its own; questions come in between. */
function refreshBehind({ fd, by }: IndexQuestion): void {
  if (by === 'name') return;
  const index = indexOf(fd);
  if (index.isRefreshing || !index.figures || Date.now() - index.figures.readMs < FIGURES_LIVE_MS) return;
  index.isRefreshing = true;
  const own = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_DIRECTORY);
  readPiece(index, own, noFigures(index), 0);
}

function readPiece(index: Index, own: number, figures: Figures, from: number): void {
  setImmediate(() => {
    try {
      readSome(index, own, figures, from, from + PIECE);
      if (from + PIECE < index.names.length) return readPiece(index, own, figures, from + PIECE);
      take(index, figures);
    } catch {
      // The folder cannot be read any more: whoever asks next is told.
      index.isRefreshing = false;
    }
    closeSync(own);
  });
}

parentPort?.on('message', (question: IndexQuestion) => {
  try {
    const found = answer(question);
    refreshBehind(question);
    parentPort?.postMessage(found, []);
  } catch (error) {
    parentPort?.postMessage(failed(question.id, error), []);
  }
});
