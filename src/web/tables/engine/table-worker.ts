/**
 * A program of its own, started by `TableProcesses`: one task on the table that is open as file handle 3. Whatever a hostile table does to
 * time and memory, it does here. Argument: JSON of a `TableWork`. Standard output: lines of JSON, `{ done }` with a share of 1 and at last
 * `{ result }` or `{ refused }`; of an export the CSV itself. Handle 4 takes the places of an index or the rows of a selection; an export
 * in order reads the rows from it, and the places from handle 5. What joins of two tables have beside that, `JoinTask` tells.
 */
import { readSync, writeSync } from 'node:fs';
import type { Dialect } from './dialect';
import { Exporter } from './export-task';
import { Indexer } from './index-task';
import { carryOutJoin, type Handles } from './join/join-work';
import { Measurer } from './measure-task';
import { readRows } from './row-cells';
import { TableScanner, type ByteSource, type RowVisitor } from './scanner';
import { Selector, TooMuch } from './select-task';
import { LONGEST_CELL, MOST_ROWS_IN_MEMORY, type TableTask, type TableWork } from './tasks';

const OUTPUT = 1;
const TABLE = 3;
const DERIVED = 4;
const PLACES = 5;
const TELL_EVERY_MS = 100;
/** Rows of an export whose places are looked up together. */
const BATCH = 4096;

const { task, dialect, size } = JSON.parse(process.argv[2] ?? '') as TableWork;

function carryOut(task: TableTask): unknown {
  switch (task.kind) {
    case 'index':
      return makeIndex();
    case 'select': {
      const selector = new Selector(dialect, task.filters, task.sort);
      scan(selector);
      const { selection, order } = selector.result();
      writeAll(DERIVED, bytesOf(order));
      return selection;
    }
    case 'measure': {
      const measurer = new Measurer(dialect, task.filters, task.x, task.y);
      scan(measurer);
      return measurer.result();
    }
    case 'rows':
      return task.blocks.flatMap((block) => readRows(file, dialect, block, task.columns, LONGEST_CELL).rows);
    case 'export':
      return exportRows(task);
    case 'join':
    case 'joinOrder':
    case 'joinExport':
      return carryOutJoin(task, { dialect, size }, handles());
  }
}

function makeIndex(): unknown {
  const indexer = new Indexer(dialect);
  scan(indexer);
  const { index, places } = indexer.result(size);
  writeAll(DERIVED, bytesOf(places));
  const head = readRows(file, dialect, { from: dialect.start, to: size, skip: 0, count: 1 }, { from: 0, to: 0 }, 0);
  return { ...index, columns: Math.max(index.columns, head.columns) };
}

/** All rows below the head. */
function scan(visitor: RowVisitor): void {
  new TableScanner(withProgress(file), dialect, { from: dialect.start, to: size, skip: dialect.hasHead ? 1 : 0 }).run(visitor);
}

function exportRows({ filters, step }: Extract<TableTask, { kind: 'export' }>): void {
  const exporter = new Exporter(dialect, filters, (bytes) => writeAll(OUTPUT, bytes));
  if (dialect.hasHead) {
    const head = new Exporter(dialect, [], (bytes) => writeAll(OUTPUT, bytes));
    new TableScanner(file, dialect, { from: dialect.start, to: size, skip: 0 }).run(new FirstRow(head));
    head.flush();
  }
  if (step === null) scan(exporter);
  else exportInOrder(dialect, exporter, step);
  exporter.flush();
}

/** Rows one by one, where their order says that they are. */
function exportInOrder(dialect: Dialect, exporter: Exporter, step: number): void {
  const rows = new Uint32Array(BATCH);
  const places = new Float64Array(2);
  for (let done = 0; ;) {
    const got = readFully(DERIVED, bytesOf(rows), done * rows.BYTES_PER_ELEMENT) / rows.BYTES_PER_ELEMENT;
    if (got === 0) return;
    for (const row of rows.subarray(0, got)) {
      readFully(PLACES, bytesOf(places), Math.floor(row / step) * places.BYTES_PER_ELEMENT);
      const span = { from: places[0], to: places[1], skip: row % step };
      new TableScanner(file, dialect, span).run(new FirstRow(exporter));
    }
    done += got;
  }
}

function handles(): Handles {
  let told = performance.now();
  return {
    read: readFully,
    write: writeAll,
    hand: (bytes) => writeAll(OUTPUT, bytes),
    tell: (done) => {
      if (performance.now() - told < TELL_EVERY_MS) return;
      told = performance.now();
      say({ done });
    },
  };
}

/** Ends a scan behind one row. */
class FirstRow implements RowVisitor {
  readonly wanted = null;
  private readonly exporter: Exporter;

  constructor(exporter: Exporter) {
    this.exporter = exporter;
  }

  cell(...words: Parameters<RowVisitor['cell']>): void {
    this.exporter.cell(...words);
  }

  row(): boolean {
    this.exporter.keep();
    return true;
  }
}

function file(target: Uint8Array, position: number): number {
  return readFully(TABLE, target, position);
}

function withProgress(source: ByteSource): ByteSource {
  if (task.kind === 'export') return source;
  let told = performance.now();
  return (target, position) => {
    if (performance.now() - told > TELL_EVERY_MS) {
      told = performance.now();
      say({ done: position / size });
    }
    return source(target, position);
  };
}

function readFully(handle: number, target: Uint8Array, position: number): number {
  let got = 0;
  while (got < target.length) {
    const more = readSync(handle, target, got, target.length - got, position + got);
    if (more === 0) break;
    got += more;
  }
  return got;
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written);
}

function bytesOf(array: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function say(message: object): void {
  writeAll(OUTPUT, Buffer.from(`${JSON.stringify(message)}\n`));
}

try {
  const result = carryOut(task);
  if (task.kind !== 'export' && task.kind !== 'joinExport') say({ result });
} catch (error) {
  if (!(error instanceof TooMuch)) throw error;
  say({ refused: { key: 'tables.tooManyRows', values: { most: MOST_ROWS_IN_MEMORY / 1_000_000 } } });
}
