import { BLANK, CR, LF, QUOTE, TAB, unitBytes, type Dialect } from './dialect';

export type Units = Uint8Array | Uint16Array;

/** Hears what a scan finds, in the order of the file. */
export interface RowVisitor {
  /** Columns whose cells are wanted; null for all. */
  readonly wanted: readonly number[] | null;
  /** A cell lies in `units` from `from` to before `to`, without its outer quotes; when `isQuoted`, two quotes inside stand for one. */
  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void;
  /** The row is over. @param start its first byte. @param columns how many cells it has. @returns true to end the scan. */
  row(start: number, columns: number): boolean;
}

/** Gives bytes: as many as there are from a position on, at most as fit. */
export type ByteSource = (target: Uint8Array, position: number) => number;

export interface Span {
  from: number;
  to: number;
  /** Rows that are passed over first. */
  skip: number;
}

/** In units, or bytes. */
export interface ScanSizes {
  /** A quoted cell that is not closed within so much was never meant as one, or is hostile: its quote counts as a character. */
  longestQuoted: number;
  /** What is kept of a cell that is too long for the memory there is: more than `longestQuoted` and a piece. */
  kept: number;
  /** Bytes that are read at once. */
  piece: number;
}

const SIZES: ScanSizes = { longestQuoted: 256 * 1024, kept: 64 * 1024, piece: 1024 * 1024 };

/**
 * Goes once through rows of a table, of any length, with a fixed amount of memory. Quotes count only at the beginning of a cell; text
 * behind a closing quote makes the whole cell literal, blanks there are left out. Lines without a character are no rows.
 */
export class TableScanner {
  private readonly bytes: Uint8Array;
  private readonly units: Units;
  private readonly unit: 1 | 2;
  /** Units that are filled. */
  private length = 0;
  /** Byte of the file at which `units` begin. */
  private base: number;
  private pos = 0;
  /** Where the present cell begins. */
  private start = 0;
  /** Where the closing quote of the present cell stands. */
  private closing = 0;
  /** The bytes ended within quotes, and nobody knows whether they are closed behind them. */
  private isLost = false;
  /** Above 0: the present cell is longer than what is kept, and was cut there. */
  private cut = 0;

  /**
   * @param source of the bytes of the file.
   * @param span which of them; from the beginning of a row.
   */
  constructor(
    private readonly source: ByteSource,
    private readonly dialect: Dialect,
    private readonly span: Span,
    private readonly sizes = SIZES,
  ) {
    this.unit = unitBytes(dialect);
    const size = Math.min(sizes.piece + sizes.longestQuoted * this.unit, evenUp(Math.max(0, span.to - span.from) + 2));
    this.bytes = new Uint8Array(size);
    this.units = this.unit === 2 ? new Uint16Array(this.bytes.buffer) : this.bytes;
    this.base = span.from;
  }

  /**
   * @param isWhole whether the span ends where the file does; otherwise a last row without an end is not told of.
   * @returns whether there was such a row.
   */
  run(visitor: RowVisitor, isWhole = true): { isCut: boolean } {
    const { delimiter, newline } = this.dialect;
    const wanted = visitor.wanted === null ? null : maskOf(visitor.wanted);
    let rows = -this.span.skip;
    let column = 0;
    let rowStart = this.span.from;
    for (;;) {
      this.start = this.pos;
      this.cut = 0;
      if (this.pos >= this.length && !this.refill()) break;
      if (column === 0 && this.isNewline(newline)) {
        rowStart = this.base + this.pos * this.unit;
        continue;
      }
      const isQuoted = this.units[this.pos] === QUOTE && this.toClosingQuote(isWhole);
      if (this.isLost) return { isCut: true };
      const isClosed = isQuoted && this.isAtEndOfCell(delimiter, newline);
      // Lines that a quotation mark without its fellow would swallow are lines of their own.
      if (isQuoted && !isClosed && this.holdsNewline(newline)) this.pos = this.start;
      if (!isClosed) this.toEndOfCell(delimiter, newline);
      const isOver = this.pos >= this.length;
      if (isOver && !isWhole) return { isCut: true };
      if (rows >= 0 && (wanted === null || (column < wanted.length && wanted[column] === 1))) this.tell(visitor, column, isClosed, newline);
      column += 1;
      if (isOver) return this.end(visitor, rows, rowStart, column);
      const isRow = this.units[this.pos] !== delimiter;
      this.pos += 1;
      if (!isRow) continue;
      if (rows >= 0 && visitor.row(rowStart, column)) return { isCut: false };
      rows += 1;
      column = 0;
      rowStart = this.base + this.pos * this.unit;
    }
    if (column === 0) return { isCut: false };
    if (!isWhole) return { isCut: true };
    if (rows >= 0 && (wanted === null || wanted[column] === 1)) visitor.cell(column, this.units, 0, 0, false);
    return this.end(visitor, rows, rowStart, column + 1);
  }

  private end(visitor: RowVisitor, rows: number, rowStart: number, column: number): { isCut: boolean } {
    if (rows >= 0) visitor.row(rowStart, column);
    return { isCut: false };
  }

  private tell(visitor: RowVisitor, column: number, isQuoted: boolean, newline: number): void {
    if (isQuoted) return visitor.cell(column, this.units, this.start + 1, this.closing, true);
    let to = this.cut > 0 ? this.cut : this.pos;
    const isLast = this.pos >= this.length || this.units[this.pos] === newline;
    if (isLast && newline === LF && this.cut === 0 && to > this.start && this.units[to - 1] === CR && this.pos < this.length) to -= 1;
    visitor.cell(column, this.units, this.start, to, false);
  }

  /** Passes over a line without a character. */
  private isNewline(newline: number): boolean {
    if (this.units[this.pos] === newline) {
      this.pos += 1;
      return true;
    }
    if (newline !== LF || this.units[this.pos] !== CR) return false;
    if (this.pos + 1 >= this.length && !this.refill()) return false;
    if (this.units[this.pos + 1] !== LF) return false;
    this.pos += 2;
    return true;
  }

  /** From an opening quote to behind the closing one. @returns false, back at the beginning, when the quote is a character. */
  private toClosingQuote(isWhole: boolean): boolean {
    this.pos += 1;
    for (;;) {
      const { units } = this;
      while (this.pos < this.length && units[this.pos] !== QUOTE) this.pos += 1;
      const isTooLong = this.pos - this.start > this.sizes.longestQuoted;
      if (!isTooLong && this.pos + 1 >= this.length && this.refill()) continue;
      if (isTooLong || this.pos >= this.length) {
        this.isLost = !isTooLong && !isWhole;
        this.pos = this.start;
        return false;
      }
      if (units[this.pos + 1] === QUOTE && this.pos + 1 < this.length) {
        this.pos += 2;
        continue;
      }
      this.closing = this.pos;
      this.pos += 1;
      return true;
    }
  }

  /** Whether what stands between the quotes goes over several lines. */
  private holdsNewline(newline: number): boolean {
    for (let at = this.start; at < this.closing; at += 1) if (this.units[at] === newline) return true;
    return false;
  }

  /** Behind a closing quote; text there makes the quotes part of the cell, and blanks do not. */
  private isAtEndOfCell(delimiter: number, newline: number): boolean {
    if (this.pos >= this.length || !this.passBlanks(delimiter)) return true;
    let unit = this.units[this.pos];
    if (unit === CR && newline === LF && (this.pos + 1 < this.length || this.refillAfterQuote()) && this.units[this.pos + 1] === LF) {
      this.pos += 1;
      unit = LF;
    }
    return unit === delimiter || unit === newline;
  }

  /** @returns false where nothing comes behind them. */
  private passBlanks(delimiter: number): boolean {
    while (this.pos - this.start <= this.sizes.longestQuoted) {
      const unit = this.units[this.pos];
      if (unit !== BLANK && (unit !== TAB || delimiter === TAB)) return true;
      this.pos += 1;
      if (this.pos >= this.length && !this.refillAfterQuote()) return false;
    }
    return true;
  }

  private refillAfterQuote(): boolean {
    const { start } = this;
    const isMore = this.refill();
    // The cell may have moved, even where nothing comes behind it.
    this.closing -= start - this.start;
    return isMore;
  }

  private toEndOfCell(delimiter: number, newline: number): void {
    for (;;) {
      const { units, length } = this;
      let { pos } = this;
      while (pos < length) {
        const unit = units[pos];
        if (unit === delimiter || unit === newline) break;
        pos += 1;
      }
      this.pos = pos;
      if (pos < length || !this.refill()) return;
    }
  }

  /** Moves the present cell to the front and reads on behind it. @returns false at the end of the span. */
  private refill(): boolean {
    const { unit } = this;
    if (this.cut > 0 || (this.start === 0 && this.length * unit >= this.bytes.length - 1)) this.cutCell();
    else if (this.start > 0) {
      this.units.copyWithin(0, this.start, this.length);
      this.base += this.start * unit;
      this.length -= this.start;
      this.pos -= this.start;
      this.start = 0;
    }
    const position = this.base + this.length * unit;
    const target = this.bytes.subarray(this.length * unit, Math.min(this.bytes.length, this.length * unit + this.span.to - position));
    if (target.length === 0) return false;
    const got = this.source(target, position);
    if (this.dialect.encoding === 'utf-16be') swap(target, got);
    this.length += Math.floor(got / unit);
    return got >= unit;
  }

  private cutCell(): void {
    if (this.cut === 0) this.cut = this.sizes.kept;
    this.base += (this.length - this.cut) * this.unit;
    this.length = this.cut;
    this.pos = this.cut;
  }
}

/** A whole stretch that is in memory already. */
export function memorySource(bytes: Uint8Array, at: number): ByteSource {
  return (target, position) => {
    const piece = bytes.subarray(position - at, position - at + target.length);
    target.set(piece);
    return piece.length;
  };
}

function maskOf(columns: readonly number[]): Uint8Array {
  const mask = new Uint8Array(Math.max(0, ...columns.map((column) => column + 1)));
  for (const column of columns) mask[column] = 1;
  return mask;
}

function swap(bytes: Uint8Array, length: number): void {
  for (let index = 0; index + 1 < length; index += 2) {
    const first = bytes[index];
    bytes[index] = bytes[index + 1];
    bytes[index + 1] = first;
  }
}

function evenUp(bytes: number): number {
  return bytes + (bytes % 2);
}
