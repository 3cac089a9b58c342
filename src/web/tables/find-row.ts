import { Injectable } from '@nestjs/common';
import { parse } from 'csv-parse';
import type { OpenFile } from '../../common/files/safe-directory';

/** One row of a table, with the names of its columns. */
export interface FoundRow {
  /** 1 for the first below the head. */
  number: number;
  columns: string[];
  cells: string[];
}

const MOST_BYTES = 512 * 1024 * 1024;
const MOST_COLUMNS = 200;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Finds rows of tables by what one of their columns holds. */
@Injectable()
export class TableRows {
  /**
   * @param file a delimited text with a head; stays open. @param value as text; numbers are equal however they are written.
   * @returns null where no row has it, or there is no such column.
   */
  async findByKey(file: OpenFile, column: string, value: string): Promise<FoundRow | null> {
    const bytes = file.handle.createReadStream({ start: 0, end: Math.min(file.size, MOST_BYTES), autoClose: false });
    const delimiter = await delimiterOf(file);
    const records = bytes.pipe(parse({ delimiter, bom: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true }));
    bytes.on('error', (error) => records.destroy(error));
    let columns: string[] | null = null;
    let number = 0;
    try {
      for await (const record of records as AsyncIterable<string[]>) {
        if (columns === null) columns = record.slice(0, MOST_COLUMNS);
        else {
          number += 1;
          if (isSame(record[columns.indexOf(column)], value)) return { number, columns, cells: record.slice(0, MOST_COLUMNS) };
        }
        if (!columns.includes(column)) return null;
      }
    } finally {
      bytes.destroy();
    }
    return null;
  }
}

async function delimiterOf({ handle }: OpenFile): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
  const [head] = buffer.toString('utf8', 0, bytesRead).split('\n', 1);
  const counts = [',', '\t', ';'].map((sign): [string, number] => [sign, head.split(sign).length]);
  return counts.sort(([, one], [, other]) => other - one)[0][0];
}

function isSame(cell: string | undefined, value: string): boolean {
  if (cell === undefined) return false;
  const text = cell.trim();
  return text === value || (NUMBER.test(text) && NUMBER.test(value) && Number(text) === Number(value));
}
