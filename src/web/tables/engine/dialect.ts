import type { DecodedText } from '../../show/text-decoding';

/** How a table is written: all that its bytes do not say by themselves. */
export interface Dialect {
  encoding: DecodedText['encoding'];
  /** Byte where the text begins, behind a byte order mark. */
  start: number;
  /** Code of the character between cells. */
  delimiter: number;
  /** Code of the character that ends a row; a carriage return before a line feed belongs to it. */
  newline: number;
  /** Whether the first row has the names of the columns. */
  hasHead: boolean;
}

export const QUOTE = 0x22;
export const BLANK = 0x20;
export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
const COMMA = 0x2c;

/** Bytes of one unit: all that structures a table is one unit in each of the encodings. */
export function unitBytes({ encoding }: Pick<Dialect, 'encoding'>): 1 | 2 {
  return encoding.startsWith('utf-16') ? 2 : 1;
}

/** Where commas do not separate cells they may stand in numbers, as in much of Europe. */
export function hasDecimalCommas({ delimiter }: Pick<Dialect, 'delimiter'>): boolean {
  return delimiter !== COMMA;
}
