import { guessDelimiter, hasOpenQuote, lineOfOpenQuote, looksLikeHead, parseQuoted, parseRecords } from '../show/delimited-table';
import { decodeText } from '../show/text-decoding';
import { CR, LF, TAB, type Dialect } from './engine/dialect';

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
  const isOpen = lineOfOpenQuote(text, delimiter, whole && text.length === decoded.text.length) !== null;
  let records = isOpen ? parseRecords(text, delimiter, false) : parseQuoted(text, delimiter);
  if (records.length <= 2 && hasOpenQuote(text)) records = parseRecords(text, delimiter, false);
  return {
    encoding: decoded.encoding,
    start: markLength(bytes, decoded.encoding),
    delimiter: delimiter === '\t' ? TAB : delimiter.charCodeAt(0),
    newline: !text.includes('\n') && text.includes('\r') ? CR : LF,
    hasHead: records.length > 0 && looksLikeHead(records),
  };
}

/** Line, from 1, of a quotation mark at the beginning of a file that is not closed; null for none. @param bytes,whole as above. */
export function openQuoteIn(bytes: Buffer, whole: boolean, { delimiter }: Pick<Dialect, 'delimiter'>): number | null {
  const decoded = decodeText(bytes, whole);
  return decoded && lineOfOpenQuote(decoded.text, String.fromCharCode(delimiter), whole);
}

function markLength(bytes: Buffer, encoding: Dialect['encoding']): number {
  if (encoding === 'utf-8') return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (encoding === 'utf-16le') return bytes[0] === 0xff && bytes[1] === 0xfe ? 2 : 0;
  return encoding === 'utf-16be' && bytes[0] === 0xfe && bytes[1] === 0xff ? 2 : 0;
}
