import { parse } from 'csv-parse/sync';

/** The beginning of a delimited text file, ready to be shown. */
export interface TablePreview {
  columns: { name: string; numeric: boolean }[];
  /** Cells as text, as many as there are columns. */
  rows: string[][];
  /** All columns of the file; `columns` has the first of them only. */
  columnCount: number;
  /** Whether the first row of the file gave the names. */
  hasHead: boolean;
  /** Whether the file goes on after `rows`. */
  more: boolean;
  /** Line, from 1, in which a quotation mark begins that is not closed; null for none. */
  openQuoteLine: number | null;
}

export const TABLE_ROWS = 100;
const MOST_COLUMNS = 60;
const LONGEST_CELL = 200;
const DELIMITERS = [',', '\t', ';', '|'] as const;
const LINES_FOR_GUESS = 20;
const NUMBER = /^[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d+)?\s?%?$|^[+-]?inf(?:inity)?$|^nan$|^n\/?a$/i;
const MISSING = /^(?:nan|n\/?a)?$/i;

/**
 * Reads the first rows of CSV, TSV or semicolon text as they come out of instruments: quotes, CRLF, ragged rows and stray quotes are
 * tolerated, and a last line that was cut by the reader's bound is left out.
 * @param text the beginning of the file, decoded.
 * @param whole whether that is all of it.
 * @param tabs whether the name already says that tabs separate the columns.
 * @returns null when there is not one row.
 */
export function previewTable(text: string, whole: boolean, tabs: boolean): TablePreview | null {
  const delimiter = tabs ? '\t' : guessDelimiter(text);
  const openQuoteLine = lineOfOpenQuote(text, delimiter, whole);
  let records = openQuoteLine === null ? parseQuoted(text, delimiter) : parseRecords(text, delimiter, false);
  if (records.length <= 2 && hasOpenQuote(text)) records = parseRecords(text, delimiter, false);
  const cut = !whole && records.length > 1 && records.length < TABLE_ROWS + 2;
  if (cut) records = records.slice(0, -1);
  const first = records[0];
  if (!first) return null;
  const columnCount = Math.max(...records.map((record) => record.length));
  const hasHead = looksLikeHead(records);
  const body = (hasHead ? records.slice(1) : records).slice(0, TABLE_ROWS);
  const shown = Math.min(columnCount, MOST_COLUMNS);
  const rows = body.map((record) => Array.from({ length: shown }, (_, column) => clip(record[column] ?? '')));
  const columns = Array.from({ length: shown }, (_, column) => ({
    name: clip(hasHead ? (first[column] ?? '') : String(column + 1)),
    numeric: isNumericColumn(body, column),
  }));
  return { columns, rows, columnCount, hasHead, more: !whole || records.length > body.length + (hasHead ? 1 : 0), openQuoteLine };
}

/** A quote that is never closed swallows all lines after it; then it was meant as a character (an inch, a second). */
export function hasOpenQuote(text: string): boolean {
  return text.includes('\n') && (text.split('"').length - 1) % 2 === 1;
}

/**
 * The first line in which a cell begins with a quotation mark that no other one closes before the end of a cell; text may follow a
 * closing one in the same line, as instruments write it.
 * @param whole whether the text is all of the file: at the end of a part a cell may just go on.
 * @returns from 1; null for none.
 */
export function lineOfOpenQuote(text: string, delimiter: string, whole: boolean): number | null {
  for (const { start, end, next } of quotedCells(text, delimiter)) {
    if (end === -1 && !whole) return null;
    if (next === null && (end === -1 ? text.includes('\n', start) : text.slice(start, end).includes('\n'))) {
      return text.slice(0, start).split(/\r\n|\n|\r/).length;
    }
  }
  return null;
}

interface QuotedCell {
  /** Behind the opening quote. */
  start: number;
  /** Where the closing one stands; -1 for none. */
  end: number;
  /** Where the cell is over, blanks behind the closing quote included; null where text follows that quote, or nothing closes it. */
  next: number | null;
}

/** Cells that begin with a quotation mark, in the order of the text. */
function* quotedCells(text: string, delimiter: string): Generator<QuotedCell> {
  const openings = new RegExp(`(?:^|[\\n\\r${delimiter === '\t' ? '\\t' : `\\${delimiter}`}])"`, 'g');
  const blanks = delimiter === '\t' ? / */y : /[ \t]*/y;
  for (let match = openings.exec(text); match; match = openings.exec(text)) {
    const start = match.index + match[0].length;
    const end = closingQuote(text, start);
    blanks.lastIndex = end + 1;
    const behind = end + 1 + (blanks.exec(text)?.[0].length ?? 0);
    const isClosed = end !== -1 && (behind === text.length || [delimiter, '\n', '\r'].includes(text[behind]));
    const next = isClosed ? behind : null;
    yield { start, end, next };
    openings.lastIndex = next ?? start;
  }
}

/** As `parseRecords` with quotes; blanks between a closing quote and the end of its cell, which the parser takes for text, go first. */
export function parseQuoted(text: string, delimiter: string): string[][] {
  const parts: string[] = [];
  let from = 0;
  for (const { end, next } of quotedCells(text, delimiter)) {
    if (next === null || next === end + 1) continue;
    parts.push(text.slice(from, end + 1));
    from = next;
  }
  return parseRecords(parts.join('') + text.slice(from), delimiter, true);
}

/** Two of them in a row stand for one that is a character. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

export function parseRecords(text: string, delimiter: string, quotes: boolean): string[][] {
  return parse(text, {
    delimiter,
    quote: quotes ? '"' : false,
    to: TABLE_ROWS + 2,
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    // What was read is bounded already; this only has to be larger than that. It counts bytes: a Chinese character has three.
    max_record_size: Buffer.byteLength(text) + 1,
  });
}

/** The separator that gives the same number of columns, more than one, on most of the first lines. */
export function guessDelimiter(text: string): string {
  const lines = text
    .split(/\r\n|\n|\r/, LINES_FOR_GUESS)
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(/"[^"]*"/g, ''));
  let best: { delimiter: string; score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const usual = counts[0] ?? 0;
    const agreeing = counts.filter((count) => count === usual).length;
    const score = usual === 0 ? 0 : agreeing / counts.length + Math.min(usual, 50) / 1000;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** A first row without numbers is a head, unless there is nothing but words below it as well and a name repeats. */
export function looksLikeHead(records: readonly string[][]): boolean {
  const first = records[0] ?? [];
  if (records.length < 2) return !first.some(isNumber);
  if (first.some((cell) => isNumber(cell) && !MISSING.test(cell))) return false;
  return new Set(first).size === first.length;
}

export function isNumericColumn(body: readonly string[][], column: number): boolean {
  let numbers = 0;
  for (const record of body) {
    const cell = (record[column] ?? '').trim();
    if (cell === '' || MISSING.test(cell)) continue;
    if (!isNumber(cell)) return false;
    numbers++;
  }
  return numbers > 0;
}

function isNumber(cell: string): boolean {
  return NUMBER.test(cell.trim());
}

function clip(cell: string): string {
  return cell.length > LONGEST_CELL ? `${cell.slice(0, LONGEST_CELL)}…` : cell;
}
