import { Injectable } from '@nestjs/common';
import { parse } from 'csv-parse';
import type { EntryPath } from '../../common/files/entry-name';
import type { OpenFile, SafeDirectory } from '../../common/files/safe-directory';

/** One row of a table. */
export interface FoundRow {
  /** 1 for the first below the head. */
  row: number;
  cells: { name: string; value: string }[];
}

const MOST_BYTES = 512 * 1024 * 1024;
const MOST_COLUMNS = 200;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Finds rows of tables by what one of their columns holds. */
@Injectable()
export class TableRows {
  /**
   * The first row whose cell in a column is a value; numbers are compared as numbers.
   * @param results folder of the run's results; `path` lies below it. @param column its name in the head, as it is written there.
   * @returns null when there is no such row, or no such column. @throws NotFoundError when there is no such table.
   */
  async findByKey(
    { results, path, signal }: { runId: number; results: SafeDirectory; path: EntryPath; signal: AbortSignal },
    column: string,
    value: string,
  ): Promise<FoundRow | null> {
    const file = await results.openFile(path);
    try {
      return await search(file, column, value, signal);
    } finally {
      await file.handle.close();
    }
  }
}

async function search(file: OpenFile, column: string, value: string, signal: AbortSignal): Promise<FoundRow | null> {
  const delimiter = await delimiterOf(file);
  const bytes = file.handle.createReadStream({ start: 0, end: Math.min(file.size, MOST_BYTES), autoClose: false, signal });
  const records = bytes.pipe(parse({ delimiter, bom: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true }));
  bytes.on('error', (error) => records.destroy(error));
  let names: string[] | null = null;
  let row = 0;
  try {
    for await (const record of records as AsyncIterable<string[]>) {
      if (names === null) {
        names = record.slice(0, MOST_COLUMNS);
        if (!names.includes(column)) return null;
        continue;
      }
      row += 1;
      if (isSame(record[names.indexOf(column)], value)) return { row, cells: names.map((name, at) => ({ name, value: record[at] ?? '' })) };
    }
  } finally {
    bytes.destroy();
  }
  return null;
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
