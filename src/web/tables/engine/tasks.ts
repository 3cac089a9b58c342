import type { Dialect } from './dialect';
import type { Filter } from './filters';
import type { JoinTask } from './join/join-tasks';

/** Work for the program `table-worker.ts`. */
export type TableTask =
  | { kind: 'index' }
  | { kind: 'select'; filters: Filter[]; sort: SortBy | null }
  | { kind: 'measure'; filters: Filter[]; x: number; y: number | null }
  | { kind: 'rows'; blocks: RowBlock[]; columns: ColumnRange }
  | { kind: 'export'; filters: Filter[]; /** Of the places on handle 5; null: in the order of the file. */ step: number | null }
  | JoinTask;

export interface TableWork {
  task: TableTask;
  dialect: Dialect;
  /** Bytes of the file; what comes later is not looked at. */
  size: number;
}

export interface SortBy {
  /** From 0. */
  column: number;
  descending: boolean;
  /** All cells by their characters; otherwise numbers come first, by their value. */
  asText: boolean;
}

/** Rows that follow one another: `count` of them, after the first `skip` behind the byte `from`. */
export interface RowBlock {
  from: number;
  to: number;
  skip: number;
  count: number;
}

export interface ColumnRange {
  from: number;
  /** The one before this is the last. */
  to: number;
}

export const MOST_STEP = 16;
/** Columns of which an index has figures. */
export const MOST_MEASURED = 200;
/** Rows that can be sorted and measured: what memory holds. */
export const MOST_ROWS_IN_MEMORY = 20_000_000;
/** Characters of a cell that a table shows, and that count when it is sorted. */
export const LONGEST_CELL = 200;

/** What an index knows of one column. */
export interface ColumnFigures {
  numbers: number;
  /** What is neither a number nor empty. */
  texts: number;
  /** Of the finite numbers; null without one. */
  low: number | null;
  high: number | null;
  mean: number | null;
  /** Of a sample of a few thousand rows where there are more. */
  median: number | null;
  /** Whether the median is of a sample. */
  isEstimate: boolean;
  /** Numbers of the sample between `low` and `high`, in bars of equal width. */
  bars: number[];
}

/** Of a whole table. Beside it stands one place (8 bytes, little endian) for each `step` rows, and the end of the last one. */
export interface TableIndex {
  rows: number;
  /** Grows with their number, up to `MOST_STEP`: few rows may be long ones. */
  step: number;
  /** The most cells that a row has. */
  columns: number;
  figures: ColumnFigures[];
}

/** Of a selection. Beside it stand the numbers of its rows (4 bytes, from 0), in their order. */
export interface TableSelection {
  rows: number;
  /** In this order: numbers, texts and empty cells of the column by which it is sorted. */
  parts: { numbers: number; texts: number; empty: number } | null;
}

export interface NumberFigures {
  count: number;
  distinct: number;
  low: number;
  high: number;
  mean: number;
  deviation: number | null;
  quartiles: [number, number, number];
  /** 5th and 95th percentile. */
  tails: [number, number];
}

/** Of one column, or of two, of the rows that pass. */
export interface Measures {
  rows: number;
  empty: number;
  texts: number;
  /** Not finite; they are numbers, too. */
  infinite: number;
  /** Null without a finite number. */
  numbers: NumberFigures | null;
  /** Texts that differ; null where there are more than were counted. */
  distinctTexts: number | null;
  /** The most frequent texts. */
  frequent: { text: string; count: number }[];
  bars: Bars | null;
  cloud: Cloud | null;
}

/** A histogram: the bar `i` counts from `low + i * step` to before the next; the last one with its end. */
export interface Bars {
  low: number;
  step: number;
  counts: number[];
}

/** A scatter of two columns in a grid: counts of `across * up` fields, row by row from the lowest. */
export interface Cloud {
  x: { low: number; high: number };
  y: { low: number; high: number };
  across: number;
  up: number;
  counts: number[];
  /** Rows that have both numbers. */
  points: number;
  /** Pearson's; null where one of them never changes. */
  correlation: number | null;
}

/** Why a task is refused, as `DomainError` has it. */
export interface Refusal {
  key: 'tables.tooManyRows';
  values: Record<string, string | number>;
}
