import { CellReader, hasDoubledQuotes } from '../cells';
import type { Dialect } from '../dialect';
import type { Units } from '../scanner';

/** What a cell is, beside its two words. */
export const EMPTY = 0;
export const NUMBER = 1;
export const TEXT = 2;

/** Longer ones are compared by their characters: a double does not hold each of them. */
const LONGEST_NUMBER = 15;
const FIRST_PRIME = 0x0100_0193;
const SECOND_PRIME = 0x85eb_ca6b;

/**
 * A cell as 64 bits and what it is: the double of a number, or a hash of a text. Cells are alike where all of it is: numbers by their
 * value, texts by their characters.
 */
export class CellWords {
  kind = EMPTY;
  low = 0;
  high = 0;
  private readonly cells: CellReader;
  private readonly isUtf8: boolean;
  private readonly words = new Uint32Array(2);
  private readonly float = new Float64Array(this.words.buffer);

  constructor(dialect: Dialect) {
    this.cells = new CellReader(dialect);
    this.isUtf8 = dialect.encoding === 'utf-8';
  }

  /** @param isKey whether each digit of a long number counts, as in a name. */
  read(units: Units, from: number, to: number, isQuoted: boolean, isKey = false): void {
    const kind = this.cells.kind(units, from, to);
    if (kind === 'empty') return this.clear();
    const { value } = this.cells;
    if (kind === 'number' && !isName(value, to - from, isKey)) return this.takeNumber(value);
    this.kind = TEXT;
    if (this.isUtf8 && !(isQuoted && hasDoubledQuotes(units, from, to))) return this.hash(units, from, to);
    const bytes = Buffer.from(this.cells.text(units, from, to, isQuoted));
    this.hash(bytes, 0, bytes.length);
  }

  clear(): void {
    this.kind = EMPTY;
    this.low = 0;
    this.high = 0;
  }

  private takeNumber(value: number): void {
    this.kind = NUMBER;
    // Minus zero and zero are the same number.
    this.float[0] = value === 0 ? 0 : value;
    this.low = this.words[0];
    this.high = this.words[1];
  }

  private hash(units: ArrayLike<number>, from: number, to: number): void {
    let low = 0x811c_9dc5;
    let high = 0x9747_b28c ^ (to - from);
    for (let at = from; at < to; at += 1) {
      low = Math.imul(low ^ units[at], FIRST_PRIME);
      high = Math.imul(high ^ units[at], SECOND_PRIME);
      high ^= high >>> 13;
    }
    this.low = (low ^ (low >>> 15)) >>> 0;
    this.high = (high ^ (high >>> 16)) >>> 0;
  }
}

function isName(value: number, length: number, isKey: boolean): boolean {
  if (isKey) return length > LONGEST_NUMBER;
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
