/**
 * A program of its own, started by `LogScans`: goes through a log on file handle 3 and counts its lines, or finds some. A pattern that
 * never comes to an end ends with this process. It imports nothing of ours, so that it starts in a blink.
 * Argument: JSON of a `ScanTask`. Standard output: for `count` one number of four bytes (little endian) a step; for `find` one JSON object.
 */
import { readSync, writeSync } from 'node:fs';

/** Source and flags of a regular expression. */
type Pattern = [source: string, flags: string];

type ScanTask =
  | { kind: 'count'; from: number; to: number; step: number }
  | {
      kind: 'find';
      from: number;
      to: number;
      backwards: boolean;
      most: number;
      budgetMs: number;
      find: Pattern;
      /** What makes a line no hit after all. */
      except: Pattern | null;
      /** Small ASCII letters of which every hit has one, so that most lines need no closer look; null where there are none. */
      words: string[] | null;
      /** What a terminal does not show. */
      hidden: Pattern[];
    };
type FindTask = Extract<ScanTask, { kind: 'find' }>;

interface Hit {
  /** A byte of the row that matches. */
  at: number;
  /** Newlines between the beginning of the scan and the hit; null when scanning backwards. */
  nth: number | null;
}

interface Found extends Hit {
  /** Its line, as far as it lies in the piece. */
  start: number;
  end: number;
}

const LOG = 3;
const OUTPUT = 1;
const PIECE = 1024 * 1024;
/** An expression of the reader's own is given little at once, so that the time is looked at often. */
const SMALL_PIECE = 64 * 1024;
const NEWLINE = 0x0a;

function count({ from, to, step }: Extract<ScanTask, { kind: 'count' }>): void {
  const buffer = Buffer.allocUnsafe(step);
  const answer = Buffer.alloc(4);
  for (let position = from; position + step <= to; position += step) {
    const length = readFully(buffer, position, step);
    if (length < step) return;
    let newlines = 0;
    for (let index = 0; index < length; index++) if (buffer[index] === NEWLINE) newlines++;
    answer.writeUInt32LE(newlines);
    writeFully(answer);
  }
}

function find(task: FindTask): void {
  const end = performance.now() + task.budgetMs;
  const finder = new Finder(task);
  const size = task.words ? PIECE : SMALL_PIECE;
  const buffer = Buffer.allocUnsafe(PIECE);
  let low = task.from;
  let high = task.to;
  while (low < high && finder.hits.length < task.most && performance.now() < end) {
    const piece = task.backwards ? pieceBefore(buffer, low, high, size) : pieceAfter(buffer, low, high, size);
    if (piece.bytes.length === 0) break;
    finder.look(piece.bytes, piece.at);
    if (task.backwards) high = finder.reached ?? piece.at;
    else low = finder.reached ?? piece.at + piece.bytes.length;
  }
  const scanned = task.backwards ? high : Math.min(low, task.to);
  writeFully(Buffer.from(JSON.stringify({ hits: finder.hits, scanned, isDone: low >= high })));
}

interface Piece {
  bytes: Buffer;
  at: number;
}

/** Whole lines as far as there are newlines; of a longer line a part. */
function pieceAfter(buffer: Buffer, low: number, high: number, size: number): Piece {
  const length = readFully(buffer, low, Math.min(size, high - low));
  const bytes = buffer.subarray(0, length);
  const newline = bytes.lastIndexOf(NEWLINE);
  return { bytes: low + length >= high || newline === -1 ? bytes : bytes.subarray(0, newline + 1), at: low };
}

function pieceBefore(buffer: Buffer, low: number, high: number, size: number): Piece {
  const from = Math.max(low, high - size);
  const bytes = buffer.subarray(0, readFully(buffer, from, high - from));
  const newline = bytes.indexOf(NEWLINE);
  const isInside = from > low && newline !== -1 && newline + 1 < bytes.length;
  return isInside ? { bytes: bytes.subarray(newline + 1), at: from + newline + 1 } : { bytes, at: from };
}

class Finder {
  readonly hits: Hit[] = [];
  /** Where the last of the wanted hits ends; undefined while there are fewer. */
  reached: number | undefined;
  private newlines = 0;
  private readonly task: FindTask;
  private readonly sought: RegExp;
  private readonly except: RegExp | null;
  private readonly hidden: RegExp[];

  constructor(task: FindTask) {
    this.task = task;
    this.sought = new RegExp(task.find[0], task.find[1]);
    this.except = task.except && new RegExp(task.except[0], task.except[1]);
    this.hidden = task.hidden.map(([source, flags]) => new RegExp(source, flags));
  }

  look(bytes: Buffer, at: number): void {
    const { words } = this.task;
    const found = words && isPlainText(bytes) ? this.inPlainText(bytes, at, words) : this.lineByLine(bytes, at);
    const room = this.task.most - this.hits.length;
    const wanted = this.task.backwards ? found.toReversed().slice(0, room) : found.slice(0, room);
    this.hits.push(...wanted.map(({ at: hit, nth }) => ({ at: hit, nth })));
    const last = wanted.at(-1);
    if (last && wanted.length === room) this.reached = this.task.backwards ? last.start : last.end;
  }

  /** Looks for the words in all lines at once: each character is a byte, and no line looks different from what was written. */
  private inPlainText(bytes: Buffer, at: number, words: readonly string[]): Found[] {
    const text = bytes.toString('latin1');
    const next = new NextWord(text.toLowerCase(), words);
    const found: Found[] = [];
    let counted = 0;
    for (let position = next.from(0); position !== -1 && !this.isEnough(found);) {
      const newline = text.indexOf('\n', position);
      const end = newline === -1 ? text.length : newline;
      const start = text.lastIndexOf('\n', position) + 1;
      const index = this.hitIn(text.slice(start, end));
      if (index !== -1) {
        this.newlines += newlinesIn(bytes, counted, start);
        counted = start;
        found.push({ at: at + start + index, nth: this.nth(), start: at + start, end: at + end + 1 });
      }
      position = newline === -1 ? -1 : next.from(newline + 1);
    }
    this.newlines += newlinesIn(bytes, counted, bytes.length);
    return found;
  }

  /** Where a line matches; -1 where it does not. */
  private hitIn(line: string): number {
    this.sought.lastIndex = 0;
    const match = this.sought.exec(line);
    return match && !this.except?.test(line) ? match.index : -1;
  }

  private lineByLine(bytes: Buffer, at: number): Found[] {
    const found: Found[] = [];
    for (let start = 0; start < bytes.length && !this.isEnough(found);) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      const { text, from } = this.shown(bytes, start, end);
      const index = this.hitIn(text);
      if (index !== -1) {
        const hit = Math.min(from + index, Math.max(start, end - 1));
        found.push({ at: at + hit, nth: this.nth(), start: at + start, end: at + end + 1 });
      }
      if (newline !== -1) this.newlines += 1;
      start = end + 1;
    }
    return found;
  }

  /** The last drawing of a line without its control sequences, and the byte where it begins. */
  private shown(bytes: Buffer, start: number, end: number): { text: string; from: number } {
    let last = end;
    while (last > start && bytes[last - 1] === 0x0d) last--;
    const drawing = last === start ? -1 : bytes.subarray(start, last).lastIndexOf(0x0d);
    const from = start + drawing + 1;
    let text = bytes.toString('utf8', from, last);
    for (const pattern of this.hidden) text = text.replace(pattern, '');
    return { text, from };
  }

  private nth(): number | null {
    return this.task.backwards ? null : this.newlines;
  }

  /** Backwards the last ones count, so all have to be seen. */
  private isEnough(found: readonly Found[]): boolean {
    return !this.task.backwards && this.hits.length + found.length >= this.task.most;
  }
}

/** The nearest of several words. */
class NextWord {
  private readonly text: string;
  private readonly words: readonly string[];
  /** Where each word stands next, behind all places that were asked for. */
  private readonly places: number[];

  constructor(text: string, words: readonly string[]) {
    this.text = text;
    this.words = words;
    this.places = words.map((word) => text.indexOf(word));
  }

  /** @returns -1 when none of them stands there or later. */
  from(position: number): number {
    let nearest = -1;
    for (const [index, word] of this.words.entries()) {
      if (this.places[index] !== -1 && this.places[index] < position) this.places[index] = this.text.indexOf(word, position);
      const place = this.places[index];
      if (place !== -1 && (nearest === -1 || place < nearest)) nearest = place;
    }
    return nearest;
  }
}

/** Whether a piece shows what stands in it: no control sequences and no returns but those of Windows. */
function isPlainText(bytes: Buffer): boolean {
  if (bytes.includes(0x1b) || bytes.includes(0x08)) return false;
  for (let at = bytes.indexOf(0x0d); at !== -1; at = bytes.indexOf(0x0d, at + 1)) if (bytes[at + 1] !== NEWLINE) return false;
  return true;
}

function newlinesIn(bytes: Buffer, from: number, to: number): number {
  let newlines = 0;
  for (let index = from; index < to; index++) if (bytes[index] === NEWLINE) newlines++;
  return newlines;
}

function readFully(buffer: Buffer, position: number, length: number): number {
  let got = 0;
  while (got < length) {
    const more = readSync(LOG, buffer, got, length - got, position + got);
    if (more === 0) break;
    got += more;
  }
  return got;
}

function writeFully(bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(OUTPUT, bytes, written);
}

const task = JSON.parse(process.argv[2] ?? '') as ScanTask;
if (task.kind === 'count') count(task);
else find(task);
