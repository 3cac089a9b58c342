import type { FileHandle } from 'node:fs/promises';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { decimalPlaces } from '../views/decimal-places';
import { previewTable, type TablePreview } from './delimited-table';
import type { ResultFile } from './result-tree';
import { decodeText, type DecodedText } from './text-decoding';

/** The beginning of a text file. */
export interface TextPreview {
  text: string;
  encoding: DecodedText['encoding'];
  more: boolean;
}

export interface CountedTable extends Omit<TablePreview, 'columns'> {
  columns: (TablePreview['columns'][number] & {
    /** That its figures have at most. */
    decimals: number;
  })[];
  encoding: DecodedText['encoding'];
  /** Rows below the head, in all of the file; null where it is too large to count them. */
  rowCount: number | null;
}

/** A file in a directory, and its name for people. */
type ReadableFile = { file: Pick<ResultFile, 'path' | 'shown'> };

const TEXT_BYTES = 64 * 1024;
const TABLE_BYTES = 512 * 1024;
const COUNTED_BYTES = 16 * 1024 * 1024;
/** One that grows is read again and again. */
const COUNTED_WHILE_GROWING = 1024 * 1024;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const LONGEST_TEXT_LINE = 2000;

/**
 * Reads the first 64 kB of a text, however large it is.
 * @param grows whether a program may be in the middle of writing it: then its last character may be cut.
 * @returns null when it is no text.
 */
export async function previewText(results: SafeDirectory, { file }: ReadableFile, grows = false): Promise<TextPreview | null> {
  const { handle, size } = await results.openFile(file.path);
  try {
    const bytes = await readStart(handle, Math.min(size, TEXT_BYTES));
    const decoded = decodeText(bytes, bytes.length === size && !grows);
    if (!decoded) return null;
    return { text: cutLines(decoded.text), encoding: decoded.encoding, more: size > bytes.length };
  } finally {
    await handle.close();
  }
}

/**
 * Reads the first rows of a table from the first half megabyte of its file.
 * @param grows whether a program may be in the middle of writing it: a row that is not ended yet is left out, and less is counted.
 * @returns null when it is no text.
 */
export async function readTable(results: SafeDirectory, { file }: ReadableFile, grows = false): Promise<CountedTable | null> {
  const { handle, size } = await results.openFile(file.path);
  try {
    const bytes = await readStart(handle, Math.min(size, TABLE_BYTES));
    const whole = bytes.length === size;
    const decoded = decodeText(bytes, whole && !grows);
    if (!decoded) return null;
    const text = grows && whole ? decoded.text.slice(0, decoded.text.lastIndexOf('\n') + 1) : decoded.text;
    const table = previewTable(text, whole, /\.(tsv|tab)$/i.test(file.shown));
    if (!table) return null;
    const headRows = table.hasHead ? 1 : 0;
    const countable = size <= (grows ? COUNTED_WHILE_GROWING : COUNTED_BYTES) && !decoded.encoding.startsWith('utf-16');
    const records = table.more && countable ? await countRecords(handle, size) : null;
    const rowCount = table.more ? (records === null ? null : records - headRows) : table.rows.length;
    const columns = table.columns.map((column, index) => ({ ...column, decimals: column.numeric ? decimalPlaces(table.rows, index) : 0 }));
    return { ...table, columns, encoding: decoded.encoding, rowCount };
  } finally {
    await handle.close();
  }
}

/** Lines that are not inside quotes and not empty. */
async function countRecords(handle: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  let records = 0;
  let quoted = false;
  let filled = false;
  for (let position = 0; position < size;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    for (let index = 0; index < bytesRead; index++) {
      const byte = buffer[index];
      if (byte === QUOTE) quoted = !quoted;
      if (byte === NEWLINE && !quoted) {
        if (filled) records++;
        filled = false;
      } else if (byte > 0x20) filled = true;
    }
  }
  return records + (filled ? 1 : 0);
}

async function readStart(handle: FileHandle, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

/** A browser lays out many lines well and one endless line badly. */
function cutLines(text: string): string {
  return text.replace(new RegExp(`^(.{${LONGEST_TEXT_LINE}}).+$`, 'gmu'), '$1 …');
}
