/**
 * A row is what a page shows as one: a line, or a part of a line so long that it has no newline for `SEGMENT` bytes. Where a long line
 * is cut depends on its bytes alone, so that rows are the same wherever reading begins, and in a log that grows.
 */
export interface RawRow {
  /** First byte. */
  at: number;
  /** Byte after the row, its newline included. */
  end: number;
  /** Content without the newline. */
  bytes: Buffer;
  /** Whether it goes on a line that began before. */
  isContinued: boolean;
  /** Whether a newline ends it; else it is cut, or the end of the log. */
  isEnded: boolean;
  /** Whether the rest of its line draws over it. */
  isCovered: boolean;
}

export const SEGMENT = 16 * 1024;
/** No row is longer. */
export const LONGEST_ROW = 2 * SEGMENT;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Byte at which reading must begin for the row that contains byte `at` to be found whole. */
export function readingStart(at: number): number {
  return Math.max(0, (Math.floor(at / SEGMENT) - 1) * SEGMENT);
}

/**
 * Cuts a piece of a log into rows.
 * @param base where the piece begins: 0 or a multiple of `SEGMENT`.
 * @param isWhole whether the piece reaches to the end of the log; else rows that may go on beyond it are left out.
 */
export function cutRows(bytes: Buffer, base: number, isWhole: boolean): RawRow[] {
  const rows: RawRow[] = [];
  let start = 0;
  // What precedes the piece is unknown: its first line may be a continuation.
  let isContinued = base > 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    cutLine(rows, { bytes, base, start, end, isContinued, isEnded: newline !== -1, isWhole });
    start = end;
    isContinued = false;
  }
  return rows;
}

interface Line {
  bytes: Buffer;
  base: number;
  start: number;
  end: number;
  isContinued: boolean;
  isEnded: boolean;
  isWhole: boolean;
}

function cutLine(rows: RawRow[], { bytes, base, start, end, isContinued, isEnded, isWhole }: Line): void {
  const content = isEnded ? end - 1 : end;
  const cuts = [start];
  for (let cut = (Math.floor((base + start) / SEGMENT) + 1) * SEGMENT - base; cut < content; cut += SEGMENT) {
    if (cut - SEGMENT >= start) cuts.push(cut);
  }
  for (const [index, cut] of cuts.entries()) {
    const isLast = index === cuts.length - 1;
    // The last row of an open line may still grow, and what comes behind the row before it may cover that one.
    if (!isEnded && !isWhole && index >= cuts.length - 2) break;
    const next = isLast ? content : cuts[index + 1];
    rows.push({
      at: base + cut,
      end: base + (isLast ? end : next),
      bytes: bytes.subarray(index > 0 ? afterCutCharacter(bytes, cut) : cut, isLast ? content : afterCutCharacter(bytes, next)),
      isContinued: isContinued || index > 0,
      isEnded: isEnded && isLast,
      isCovered: !isLast && drawsOver(bytes.subarray(next, cuts[index + 2] ?? content)),
    });
  }
}

/** A cut in the midst of a character moves behind it. */
function afterCutCharacter(bytes: Buffer, cut: number): number {
  let position = cut;
  while (position < cut + 3 && (bytes[position] & 0xc0) === 0x80) position += 1;
  return position;
}

/** A return at the very end is half of a line end of Windows, or waits for the next drawing. */
function drawsOver(bytes: Buffer): boolean {
  const first = bytes.indexOf(RETURN);
  return first !== -1 && bytes.subarray(first).some((byte) => byte !== RETURN);
}
