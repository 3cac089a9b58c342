import type { Dialect } from '../dialect';
import { hasDecimalCommas } from '../dialect';
import { exportedCell } from '../export-task';
import { readRows } from '../row-cells';
import { TableScanner, type ByteSource } from '../scanner';
import { columnsAtOnce, joinTables, type JoinedSide } from './join-task';
import { NO_ROW, PAIR_WORDS, type JoinTask } from './join-tasks';
import { orderPairs } from './order-task';

const FIRST = 3;
const OUTPUT = 4;
const SECOND = 5;
const PAIRS = 6;
const FIRST_PLACES = 7;
const SECOND_PLACES = 8;
const ORDER = 9;
/** Bytes of a row, to guess how many turns a table will take. */
const USUAL_ROW = 40;
/** Pairs of an export that are read together. */
const BATCH = 4096;
const PIECE = 256 * 1024;
/** Of a cell in an export. */
const LONGEST_CELL = 65_536;

/** How this program reads and writes its handles. */
export interface Handles {
  read(handle: number, target: Uint8Array, position: number): number;
  write(handle: number, bytes: Uint8Array): void;
  /** @param done a share of 1. */
  tell(done: number): void;
  /** Takes a part of the CSV. */
  hand(bytes: Buffer): void;
}

/** Carries out one of the tasks on two tables. @returns the result; undefined for an export. */
export function carryOutJoin(task: JoinTask, first: { dialect: Dialect; size: number }, handles: Handles): unknown {
  if (task.kind === 'joinExport') return exportPairs(task, first.dialect, handles);
  const passes = task.kind === 'join' ? 1 + Math.ceil(task.columns.length / columnsAtOnce(first.size / USUAL_ROW)) : 1;
  const progress = new Progress((first.size + task.other.size) * passes, handles);
  const sides = [sideOf(FIRST, first, progress, handles), sideOf(SECOND, task.other, progress, handles)] as const;
  if (task.kind === 'join') {
    const { join, pairs } = joinTables(...sides, task);
    handles.write(OUTPUT, bytesOf(pairs));
    return join;
  }
  const order = orderPairs(...sides, readAll(PAIRS, handles), task);
  handles.write(OUTPUT, bytesOf(order));
  return { rows: order.length };
}

class Progress {
  private done = 0;

  constructor(
    private readonly all: number,
    private readonly handles: Handles,
  ) {}

  add(bytes: number): void {
    this.done += bytes;
    this.handles.tell(Math.min(0.99, this.done / this.all));
  }
}

function sideOf(handle: number, { dialect, size }: { dialect: Dialect; size: number }, progress: Progress, handles: Handles): JoinedSide {
  const source: ByteSource = (target, position) => {
    const got = handles.read(handle, target, position);
    progress.add(got);
    return got;
  };
  return {
    dialect,
    scan: (visitor) =>
      void new TableScanner(source, dialect, { from: dialect.start, to: size, skip: dialect.hasHead ? 1 : 0 }).run(visitor),
  };
}

function readAll(handle: number, handles: Handles): Uint32Array {
  const pieces: Uint32Array[] = [];
  let length = 0;
  for (;;) {
    const piece = new Uint32Array(PIECE);
    const got = handles.read(handle, bytesOf(piece), length * piece.BYTES_PER_ELEMENT) / piece.BYTES_PER_ELEMENT;
    pieces.push(piece.subarray(0, got));
    length += got;
    if (got < piece.length) break;
  }
  const all = new Uint32Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

type ExportTask = Extract<JoinTask, { kind: 'joinExport' }>;

/** Key, what became of the row, and the cells of both tables side by side. */
function exportPairs({ other, columns, head, words, steps, hasOrder }: ExportTask, dialect: Dialect, handles: Handles): void {
  const [key, ...compared] = columns;
  const first = new RowReader(FIRST, FIRST_PLACES, dialect, steps.first, Math.max(...columns.map((pair) => pair.first)), handles);
  const second = new RowReader(
    SECOND,
    SECOND_PLACES,
    other.dialect,
    steps.second,
    Math.max(...columns.map((pair) => pair.second)),
    handles,
  );
  const out = new CsvLines(handles);
  out.add(head.map((cell) => exportedCell(cell)));
  const withCommas = [hasDecimalCommas(dialect), hasDecimalCommas(other.dialect)];
  eachPair(hasOrder, handles, (one, two, changes) => {
    const row = one === NO_ROW ? null : first.cells(one);
    const mate = two === NO_ROW ? null : second.cells(two);
    const name = row ? (row[key.first] ?? '') : (mate?.[key.second] ?? '');
    const word = !row ? words.second : !mate ? words.first : changes > 0 ? words.changed : words.equal;
    const cells = compared.flatMap((pair) => [
      exportedCell(row?.[pair.first] ?? '', withCommas[0]),
      exportedCell(mate?.[pair.second] ?? '', withCommas[1]),
    ]);
    out.add([exportedCell(name, withCommas[row ? 0 : 1]), exportedCell(word), ...cells]);
  });
  out.flush();
}

function eachPair(hasOrder: boolean, handles: Handles, visit: (first: number, second: number, changes: number) => void): void {
  const places = new Uint32Array(BATCH);
  const pair = new Uint32Array(PAIR_WORDS);
  for (let done = 0; ;) {
    const got = hasOrder ? handles.read(ORDER, bytesOf(places), done * 4) / 4 : BATCH;
    for (let index = 0; index < got; index += 1) {
      const place = hasOrder ? places[index] : done + index;
      if (handles.read(PAIRS, bytesOf(pair), place * PAIR_WORDS * 4) < PAIR_WORDS * 4) return;
      visit(pair[0], pair[1], pair[2]);
    }
    if (got === 0) return;
    done += got;
  }
}

/** Rows of a table by their numbers. */
class RowReader {
  private readonly places = new Float64Array(2);
  private readonly source: ByteSource;

  constructor(
    handle: number,
    private readonly placesHandle: number,
    private readonly dialect: Dialect,
    private readonly step: number,
    private readonly lastColumn: number,
    private readonly handles: Handles,
  ) {
    this.source = (target, position) => handles.read(handle, target, position);
  }

  cells(row: number): string[] {
    this.handles.read(this.placesHandle, bytesOf(this.places), Math.floor(row / this.step) * this.places.BYTES_PER_ELEMENT);
    const block = { from: this.places[0], to: this.places[1], skip: row % this.step, count: 1 };
    return readRows(this.source, this.dialect, block, { from: 0, to: this.lastColumn + 1 }, LONGEST_CELL).rows[0] ?? [];
  }
}

class CsvLines {
  private lines: string[] = [];
  private length = 0;

  constructor(private readonly handles: Handles) {}

  add(cells: readonly string[]): void {
    const line = `${cells.join(',')}\r\n`;
    this.lines.push(line);
    this.length += line.length;
    if (this.length > PIECE) this.flush();
  }

  flush(): void {
    this.handles.hand(Buffer.from(this.lines.join('')));
    this.lines = [];
    this.length = 0;
  }
}

function bytesOf(array: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
