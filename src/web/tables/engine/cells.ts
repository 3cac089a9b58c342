import { hasDecimalCommas, QUOTE, type Dialect } from './dialect';
import type { Units } from './scanner';

/** What a cell is: nothing (or a word for it, such as NaN), a number, or anything else. */
export type CellKind = 'empty' | 'number' | 'text';

const SPACE = 0x20;
const TAB = 0x09;
const COMMA = 0x2c;
const DOT = 0x2e;
const PERCENT = 0x25;
const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
/** Digits that a double holds exactly, and powers of ten that it does. */
const EXACT_DIGITS = 15;
const EXACT_POWER = 22;
const POWERS = Array.from({ length: EXACT_POWER + 1 }, (_, power) => Number(`1e${power}`));
/** The longest word that stands for a number or for nothing. */
const LONGEST_WORD = 9;
const MISSING = /^(?:nan|n\/?a|null|none)$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const LONGEST_NUMBER = 400;

/** Reads cells where they lie, without making a string of each. */
export class CellReader {
  /** The number of the cell that was looked at last, if it is one. */
  value = 0;
  private readonly decimalComma: number;
  private readonly decoder: InstanceType<typeof TextDecoder> | null;
  private readonly isWide: boolean;

  constructor(dialect: Dialect) {
    this.decimalComma = hasDecimalCommas(dialect) ? COMMA : DOT;
    this.isWide = dialect.encoding.startsWith('utf-16');
    this.decoder = dialect.encoding === 'windows-1252' ? new TextDecoder('windows-1252') : null;
  }

  /** What the cell is; `value` is its number then. Spaces around it do not count, nor does a percent sign. */
  kind(units: Units, from: number, to: number): CellKind {
    while (from < to && isBlank(units[from])) from += 1;
    while (to > from && isBlank(units[to - 1])) to -= 1;
    if (from === to) return 'empty';
    const first = units[from];
    const isLikely = (first >= ZERO && first <= NINE) || first === MINUS || first === DOT || first === PLUS || first === this.decimalComma;
    if (isLikely && this.isNumber(units, from, to)) return 'number';
    return to - from <= LONGEST_WORD ? this.word(units, from, to) : 'text';
  }

  /** The cell as people read it, at most so many characters. */
  text(units: Units, from: number, to: number, isQuoted: boolean, most = Infinity): string {
    const bytes = this.isWide ? most : most * 4;
    const text = this.decode(units, from, Math.min(to, from + bytes));
    const plain = isQuoted && text.includes('"') ? text.replaceAll('""', '"') : text;
    return plain.length > most ? plain.slice(0, most) : plain;
  }

  private decode(units: Units, from: number, to: number): string {
    if (to <= from) return '';
    if (this.isWide) return Buffer.from(units.buffer, units.byteOffset + from * 2, (to - from) * 2).toString('utf16le');
    const bytes = Buffer.from(units.buffer, units.byteOffset + from, to - from);
    return this.decoder ? this.decoder.decode(bytes) : bytes.toString('utf8');
  }

  private word(units: Units, from: number, to: number): CellKind {
    const word = this.decode(units, from, to);
    if (MISSING.test(word)) return 'empty';
    const infinite = INFINITE.exec(word);
    if (!infinite) return 'text';
    this.value = infinite[1] === '-' ? -Infinity : Infinity;
    return 'number';
  }

  private isNumber(units: Units, from: number, to: number): boolean {
    let end = to;
    if (units[end - 1] === PERCENT) {
      end -= 1;
      while (end > from && isBlank(units[end - 1])) end -= 1;
    }
    let at = from;
    const isNegative = units[at] === MINUS;
    if (isNegative || units[at] === PLUS) at += 1;
    let mantissa = 0;
    let digits = 0;
    let significant = 0;
    let power = 0;
    let isFraction = false;
    for (; at < end; at += 1) {
      const unit = units[at];
      if (unit >= ZERO && unit <= NINE) {
        digits += 1;
        if (significant > 0 || unit !== ZERO) significant += 1;
        mantissa = mantissa * 10 + (unit - ZERO);
        if (isFraction) power -= 1;
      } else if (!isFraction && (unit === DOT || unit === this.decimalComma)) isFraction = true;
      else break;
    }
    if (digits === 0) return false;
    if (at < end) {
      const exponent = readExponent(units, at, end);
      if (exponent === null) return false;
      power += exponent;
    }
    if (significant <= EXACT_DIGITS && power >= -EXACT_POWER && power <= EXACT_POWER) {
      const value = power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
      this.value = isNegative ? -value : value;
    } else this.value = this.slowly(units, from, end);
    return true;
  }

  private slowly(units: Units, from: number, to: number): number {
    return Number(this.decode(units, from, Math.min(to, from + LONGEST_NUMBER)).replace(',', '.'));
  }
}

/** Whether two quotes inside stand for one. */
export function hasDoubledQuotes(units: Units, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (units[at] === QUOTE) return true;
  return false;
}

function isBlank(unit: number): boolean {
  return unit === SPACE || unit === TAB;
}

/** @returns null where it is none. */
function readExponent(units: Units, from: number, to: number): number | null {
  // The bit sets small letters apart.
  if ((units[from] | 0x20) !== 0x65) return null;
  let at = from + 1;
  const isNegative = units[at] === MINUS;
  if (isNegative || units[at] === PLUS) at += 1;
  if (at >= to) return null;
  let exponent = 0;
  for (; at < to; at += 1) {
    const digit = units[at] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return null;
    exponent = Math.min(exponent * 10 + digit, 10_000);
  }
  return isNegative ? -exponent : exponent;
}
