import { guessDelimiter, hasOpenQuote, looksLikeHead, parseRecords } from '../../show/delimited-table';
import { decodeText, type DecodedText } from '../../show/text-decoding';

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
export const LF = 0x0a;
export const CR = 0x0d;
const COMMA = 0x2c;
const TAB = 0x09;
/** Enough for the shape; a head longer than that is taken for a head where nothing in it is a number. */
const LOOKED_AT = 64 * 1024;
const BY_TABS = /\.(tsv|tab)$/i;

/**
 * Finds out by the beginning of a file.
 * @param bytes the beginning. @param whole whether that is all of it. @param name of the file, whose ending may tell the delimiter.
 * @returns null when it is no text.
 */
export function findDialect(bytes: Buffer, whole: boolean, name: string): Dialect | null {
  const decoded = decodeText(bytes, whole);
  if (!decoded) return null;
  const text = decoded.text.slice(0, LOOKED_AT);
  const delimiter = BY_TABS.test(name) ? '\t' : guessDelimiter(text);
  let records = parseRecords(text, delimiter, true);
  if (records.length <= 2 && hasOpenQuote(text)) records = parseRecords(text, delimiter, false);
  return {
    encoding: decoded.encoding,
    start: markLength(bytes, decoded.encoding),
    delimiter: delimiter === '\t' ? TAB : delimiter.charCodeAt(0),
    newline: !text.includes('\n') && text.includes('\r') ? CR : LF,
    hasHead: records.length > 0 && looksLikeHead(records),
  };
}

/** Bytes of one unit: all that structures a table is one unit in each of the encodings. */
export function unitBytes({ encoding }: Pick<Dialect, 'encoding'>): 1 | 2 {
  return encoding.startsWith('utf-16') ? 2 : 1;
}

/** Where commas do not separate cells they may stand in numbers, as in much of Europe. */
export function hasDecimalCommas({ delimiter }: Pick<Dialect, 'delimiter'>): boolean {
  return delimiter !== COMMA;
}

function markLength(bytes: Buffer, encoding: Dialect['encoding']): number {
  if (encoding === 'utf-8') return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (encoding === 'utf-16le') return bytes[0] === 0xff && bytes[1] === 0xfe ? 2 : 0;
  return encoding === 'utf-16be' && bytes[0] === 0xfe && bytes[1] === 0xff ? 2 : 0;
}
