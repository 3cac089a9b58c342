import { toneOf, type Tone } from './line-tone';
import type { LogFile } from './log-file';
import { cutRows, LONGEST_ROW, readingStart, type RawRow } from './log-rows';
import { drawLine, styleAfter, textOf, type Stretch } from './terminal-line';

/** A row as a page shows it. */
export interface LogRow {
  /** Its first byte, which names it. */
  at: number;
  /** Whether it goes on the line of the row before it. */
  isContinued: boolean;
  stretches: Stretch[];
  /** Characters at its end that are not among `stretches`. */
  leftOut: number;
  tone: Tone;
}

/** Rows that follow one another. */
export interface LogBlock {
  rows: LogRow[];
  /** First byte of the block. */
  from: number;
  /** Byte after it. */
  to: number;
  /** Byte from which a follower reads on: what stands there may still change. */
  resume: number;
  /** Bytes of the whole log when it was read. */
  size: number;
}

export interface Wanted {
  /** Rows. */
  most: number;
  /** Characters of each row. */
  width?: number;
}

/** Characters of a row that a browser lays out without being asked to. */
export const ROW_WIDTH = 2000;
const BLOCK_BYTES = 64 * 1024;
/** Bars that draw over themselves for ever fill many blocks with nothing to see; then the answer ends, and who reads goes on from there. */
const MOST_BLOCKS = 128;
/** Characters of one answer, roughly; long lines give fewer rows. */
const MOST_CHARACTERS = 128 * 1024;

/** From the row that holds the byte `at` on. */
export async function readForward(file: LogFile, at: number, { most, width = ROW_WIDTH }: Wanted): Promise<LogBlock> {
  const rows: LogRow[] = [];
  let position = Math.min(at, file.size);
  let shown = 0;
  let from: number | undefined;
  let resume: number | undefined;
  for (let blocks = 0; blocks < MOST_BLOCKS && position < file.size && rows.length < most && shown < MOST_CHARACTERS; blocks++) {
    const piece = await readPiece(file, position, position + BLOCK_BYTES);
    from ??= piece.rows[0]?.at;
    const taken = draw(piece, { width, most: most - rows.length, mostCharacters: MOST_CHARACTERS - shown });
    rows.push(...taken.rows);
    shown += charactersOf(taken.rows);
    position = taken.end;
    if (position === file.size) resume = changeable(piece.rows);
    if (taken.end === taken.begin) break;
  }
  return { rows, from: from ?? position, to: position, resume: resume ?? position, size: file.size };
}

/** The last rows that end at the byte `before`, which is the beginning of a row or the end of the log. */
export async function readBackward(file: LogFile, before: number, { most, width = ROW_WIDTH }: Wanted): Promise<LogBlock> {
  const to = Math.min(before, file.size);
  let rows: LogRow[] = [];
  let position = to;
  let shown = 0;
  let resume: number | undefined;
  for (let blocks = 0; blocks < MOST_BLOCKS && position > 0 && rows.length < most && shown < MOST_CHARACTERS; blocks++) {
    const end = position;
    const piece = await readPiece(file, Math.max(0, end - BLOCK_BYTES), end + LONGEST_ROW);
    piece.rows = piece.rows.filter((row) => row.end <= end);
    if (piece.rows.length === 0) break;
    if (end === file.size) resume = changeable(piece.rows);
    const visible = piece.rows.filter(({ isCovered }) => !isCovered).length;
    const skip = Math.max(0, visible - (most - rows.length));
    const drawn = lastOf(draw(piece, { width, skip }).rows, MOST_CHARACTERS - shown);
    rows = [...drawn, ...rows];
    shown += charactersOf(drawn);
    position = drawn.length < visible ? rows[0].at : piece.rows[0].at;
  }
  return { rows, from: position, to, resume: resume ?? to, size: file.size };
}

interface Piece {
  rows: RawRow[];
  /** What stands before the rows, for the colours that it leaves on. */
  before: string;
}

/** Raw rows from the one that holds the byte `from` on, up to about `to`. */
async function readPiece(file: LogFile, from: number, to: number): Promise<Piece> {
  const base = readingStart(from);
  const bytes = await file.read(base, to);
  const rows = cutRows(bytes, base, base + bytes.length >= file.size).filter((row) => row.end > from);
  return { rows, before: bytes.toString('latin1', 0, (rows[0]?.at ?? base) - base) };
}

interface Share {
  /** Characters of each row. */
  width: number;
  /** Rows to leave out at the beginning. */
  skip?: number;
  /** Rows. */
  most?: number;
  /** The row with which all together have so many is the last. */
  mostCharacters?: number;
}

/** Rows that are left out leave their colours behind like the others, but no column of them is looked at. */
function draw(piece: Piece, share: Share): { rows: LogRow[]; begin: number; end: number } {
  const { width, skip = 0, most = Number.POSITIVE_INFINITY, mostCharacters = Number.POSITIVE_INFINITY } = share;
  const rows: LogRow[] = [];
  const begin = piece.rows[0]?.at ?? 0;
  let style = styleAfter(piece.before);
  let end = begin;
  let lineShown = piece.rows[0]?.isContinued ?? false;
  let skipped = 0;
  let shown = 0;
  for (const row of piece.rows) {
    if (!row.isContinued) lineShown = false;
    const isShown = !row.isCovered && skipped === skip;
    if (isShown && (rows.length === most || shown >= mostCharacters)) break;
    const drawn = drawLine(row.bytes.toString('utf8'), isShown ? width : 0, style);
    style = drawn.style;
    if (!row.isCovered && !isShown) {
      skipped += 1;
      lineShown = true;
    }
    if (isShown) {
      rows.push({
        at: row.at,
        isContinued: lineShown,
        stretches: drawn.stretches,
        leftOut: drawn.leftOut,
        tone: toneOf(textOf(drawn.stretches)),
      });
      lineShown = true;
      shown += charactersOf(rows.slice(-1));
    }
    end = row.end;
  }
  return { rows, begin, end };
}

/** Rows from the end on, up to the one with which all together have so many characters. */
function lastOf(rows: LogRow[], mostCharacters: number): LogRow[] {
  let shown = 0;
  let first = rows.length;
  while (first > 0 && (shown < mostCharacters || first === rows.length)) shown += charactersOf([rows[--first]]);
  return rows.slice(first);
}

/** The first row that may look different when more comes. @param rows up to the end of the log. */
function changeable(rows: readonly RawRow[]): number | undefined {
  const last = rows.at(-1);
  if (!last || last.isEnded) return last?.end;
  return last.isContinued ? (rows.at(-2)?.at ?? last.at) : last.at;
}

function charactersOf(rows: readonly LogRow[]): number {
  return rows.reduce((sum, row) => row.stretches.reduce((within, [text]) => within + text.length, sum), 0);
}
