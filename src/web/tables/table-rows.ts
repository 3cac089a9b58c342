import { Injectable } from '@nestjs/common';
import { UnavailableError } from '../../common/errors';
import type { EntryPath } from '../../common/files/entry-name';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { TableFiles } from './table-files';
import { CellReader } from './engine/cells';
import { RowCells, readRows } from './engine/row-cells';
import { memorySource, TableScanner } from './engine/scanner';
import { LONGEST_CELL, type ColumnRange, type RowBlock, type TableIndex } from './engine/tasks';
import { OpenTable } from './open-table';
import type { Outcome } from './shared-work';
import { namesOf, TableFacts, type AskedTable, type Selection } from './table-facts';
import { TableProcesses } from './table-processes';

/** A row of a table by its key. */
export interface FoundRow {
  /** Among all rows below the head, from 1. */
  row: number;
  /** In the order of the columns; a value is cut where a page would cut it. */
  cells: { name: string; value: string }[];
}

/** The beginning of a table, before anybody has read all of it. */
export interface TableStart {
  rows: string[][];
  /** The most cells that one of them, or the head, has. */
  columns: number;
  /** Whether there is more behind them. */
  hasMore: boolean;
}

const PLACE_BYTES = 8;
const ORDER_BYTES = 4;
/** More than this is read by a process of its own. */
const MOST_AT_HAND = 4 * 1024 * 1024;
const KEY_WAIT_MS = 60_000;
const MOST_CELLS_OF_KEY = 2000;

/** Cells of a table: its beginning at once, any other row once there is an index. */
@Injectable()
export class TableRows {
  constructor(
    private readonly facts: TableFacts,
    private readonly derived: TableFiles,
    private readonly processes: TableProcesses,
  ) {}

  /** Names of columns as the first row has them, as far as it has any; empty where the table has no head. */
  async names(table: OpenTable, range: ColumnRange, signal: AbortSignal): Promise<string[]> {
    const { head, dialect, isWhole, size } = table;
    if (!dialect.hasHead) return [];
    const cells = new RowCells(dialect, range, 1, LONGEST_CELL);
    const span = { from: dialect.start, to: head.length, skip: 0 };
    const { isCut } = new TableScanner(memorySource(head, 0), dialect, span).run(cells, isWhole);
    if (!isCut) return cells.rows[0] ?? [];
    // A head of half a megabyte: what of it is in memory may have the columns already.
    new TableScanner(memorySource(head, 0), dialect, span).run(cells);
    const isThere = cells.columns > range.to;
    const [names = []] = isThere ? cells.rows : await this.apart(table, [{ ...span, to: size, count: 1 }], range, signal);
    return names;
  }

  /** The first rows below the head, without an index. */
  start(table: OpenTable, range: ColumnRange, most: number): TableStart {
    const { head, dialect, isWhole } = table;
    const source = memorySource(head, 0);
    const span = { from: dialect.start, to: head.length, skip: dialect.hasHead ? 1 : 0 };
    const cells = new RowCells(dialect, range, most + 1, LONGEST_CELL);
    const { isCut } = new TableScanner(source, dialect, span).run(cells, isWhole);
    // One endless row is shown as far as it goes.
    if (isCut && cells.rows.length === 0 && !dialect.hasHead) new TableScanner(source, dialect, span).run(cells);
    const heads = new RowCells(dialect, { from: 0, to: 0 }, 1, LONGEST_CELL);
    new TableScanner(source, dialect, { ...span, skip: 0 }).run(heads);
    const hasMore = cells.rows.length > most || isCut;
    return { rows: cells.rows.slice(0, most), columns: Math.max(cells.columns, heads.columns), hasMore };
  }

  /** Rows of the table in the order of the file. @param from number of the first one, from 0. */
  async rows(
    table: OpenTable,
    { index, from, count }: { index: TableIndex; from: number; count: number },
    range: ColumnRange,
    signal: AbortSignal,
  ) {
    const most = Math.min(count, index.rows - from);
    if (most <= 0) return [];
    const places = await this.places(table, index, [from, from + most - 1]);
    return this.read(table, [{ from: places[0].from, to: places[1].to, skip: from % index.step, count: most }], range, signal);
  }

  /** Rows in an order that was found before. @returns their numbers, from 0, and their cells. */
  async orderedRows(
    table: OpenTable,
    { index, selection, from, count }: { index: TableIndex; selection: Selection; from: number; count: number },
    range: ColumnRange,
    signal: AbortSignal,
  ): Promise<{ numbers: number[]; rows: string[][] }> {
    const bytes = await this.derivedBytes(table, namesOf(table, selection).order, from * ORDER_BYTES, count * ORDER_BYTES);
    const numbers = Array.from({ length: bytes.length / ORDER_BYTES }, (_, place) => bytes.readUInt32LE(place * ORDER_BYTES));
    return { numbers, rows: await this.rowsAt(table, index, numbers, range, signal) };
  }

  /** Rows by their numbers, from 0, in the order in which these stand. */
  async rowsAt(
    table: OpenTable,
    index: TableIndex,
    numbers: readonly number[],
    range: ColumnRange,
    signal: AbortSignal,
  ): Promise<string[][]> {
    const places = await this.places(table, index, numbers);
    const blocks = places.map((place, at) => ({ ...place, skip: numbers[at] % index.step, count: 1 }));
    return this.read(table, blocks, range, signal);
  }

  /**
   * The first row whose cell in a column is a value; numbers are compared as numbers.
   * @param results folder of the run's results; `path` lies below it. @param column its name in the head, as it is written there.
   * @returns null when there is no such row, or no such column.
   * @throws NotFoundError when there is no such table; LimitError when it is more than can be sorted; UnavailableError when it takes long.
   */
  async findByKey(
    { runId, results, path, signal }: { runId: number; results: SafeDirectory; path: EntryPath; signal: AbortSignal },
    column: string,
    value: string,
  ): Promise<FoundRow | null> {
    const table = await OpenTable.open(runId, results, path);
    try {
      const names = await this.names(table, { from: 0, to: MOST_CELLS_OF_KEY }, signal);
      const number = names.indexOf(column);
      if (number === -1) return null;
      const row = await this.rowOf({ table, results }, number, value, signal);
      if (row === null) return null;
      const index = await this.wait(this.facts.index({ table, results }, { waitMs: KEY_WAIT_MS, signal }));
      const [cells = []] = await this.rows(table, { index, from: row, count: 1 }, { from: 0, to: names.length }, signal);
      await table.checkUnchanged();
      return { row: row + 1, cells: names.map((name, at) => ({ name, value: cells[at] ?? '' })) };
    } finally {
      await table.close();
    }
  }

  /** The number, from 0, of the first row with a value in a column; null without one. */
  async rowOf(asked: AskedTable, column: number, value: string, signal: AbortSignal): Promise<number | null> {
    const { table } = asked;
    const selection: Selection = { filters: [], sort: { column, descending: false, asText: false } };
    const patience = { waitMs: KEY_WAIT_MS, signal };
    const [index, { parts }] = await Promise.all([
      this.wait(this.facts.index(asked, patience)),
      this.wait(this.facts.selection(asked, selection, patience)),
    ]);
    const sought = keyOf(table, value);
    if (sought.kind === 'empty') return null;
    const first = sought.kind === 'number' ? 0 : parts!.numbers;
    let low = first;
    let high = first + (sought.kind === 'number' ? parts!.numbers : parts!.texts);
    const end = high;
    const at = (from: number) => this.orderedRows(table, { index, selection, from, count: 1 }, { from: column, to: column + 1 }, signal);
    while (low < high) {
      const middle = (low + high) >> 1;
      const { rows } = await at(middle);
      if (compare(keyOf(table, rows[0]?.[0] ?? ''), sought) < 0) low = middle + 1;
      else high = middle;
    }
    if (low === end) return null;
    const { numbers, rows } = await at(low);
    return compare(keyOf(table, rows[0]?.[0] ?? ''), sought) === 0 ? numbers[0] : null;
  }

  private async wait<Value>(outcome: Promise<Outcome<Value>>): Promise<Value> {
    const ended = await outcome;
    if (ended.state === 'refused') throw ended.reason;
    if (ended.state === 'working') throw new UnavailableError('tables.stillWorking');
    return ended.value;
  }

  /** Where the step of each row begins and ends. */
  private async places(table: OpenTable, { step }: TableIndex, rows: readonly number[]): Promise<{ from: number; to: number }[]> {
    const file = await this.derived.open(table.runId, namesOf(table).places);
    if (!file) throw new UnavailableError('errors.unavailable');
    const buffer = Buffer.alloc(2 * PLACE_BYTES);
    try {
      const places: { from: number; to: number }[] = [];
      for (const row of rows) {
        await file.handle.read(buffer, 0, buffer.length, Math.floor(row / step) * PLACE_BYTES);
        places.push({ from: buffer.readDoubleLE(0), to: buffer.readDoubleLE(PLACE_BYTES) });
      }
      return places;
    } finally {
      await file.handle.close();
    }
  }

  private async derivedBytes(table: OpenTable, name: string, from: number, length: number): Promise<Buffer> {
    const file = await this.derived.open(table.runId, name);
    if (!file) throw new UnavailableError('errors.unavailable');
    try {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, file.size - from)));
      await file.handle.read(buffer, 0, buffer.length, from);
      return buffer;
    } finally {
      await file.handle.close();
    }
  }

  private async read(table: OpenTable, blocks: RowBlock[], range: ColumnRange, signal: AbortSignal): Promise<string[][]> {
    const bytes = blocks.reduce((sum, { from, to }) => sum + to - from, 0);
    if (bytes > MOST_AT_HAND) return this.apart(table, blocks, range, signal);
    const rows: string[][] = [];
    for (const block of blocks) {
      const piece = await table.read(block.from, block.to);
      rows.push(...readRows(memorySource(piece, block.from), table.dialect, block, range, LONGEST_CELL).rows);
    }
    return rows;
  }

  private apart({ dialect, size, file }: OpenTable, blocks: RowBlock[], columns: ColumnRange, signal: AbortSignal): Promise<string[][]> {
    return this.processes.run<string[][]>({
      work: { task: { kind: 'rows', blocks, columns }, dialect, size },
      handles: [file.handle.fd],
      signal,
    });
  }
}

type Key = { kind: 'number'; value: number } | { kind: 'text'; bytes: Buffer } | { kind: 'empty' };

/** As the order of a column sees a cell. */
function keyOf({ dialect }: OpenTable, text: string): Key {
  const cells = new CellReader({ ...dialect, encoding: 'utf-8' });
  const bytes = Buffer.from(text);
  const kind = cells.kind(bytes, 0, bytes.length);
  if (kind === 'number') return { kind, value: cells.value };
  return kind === 'text' ? { kind, bytes: bytes.subarray(0, LONGEST_CELL) } : { kind };
}

function compare(one: Key, other: Key): number {
  if (one.kind === 'number' && other.kind === 'number') return one.value - other.value;
  if (one.kind === 'text' && other.kind === 'text') return Buffer.compare(one.bytes, other.bytes);
  return NaN;
}
