import type { Dialect } from '../dialect';

/** A column of the first table and the one of the same name of the second; from 0. */
export interface ColumnPair {
  first: number;
  second: number;
}

/** The second table, beside that of the `TableWork`. */
export interface OtherTable {
  dialect: Dialect;
  size: number;
}

/** Which rows of a join are wanted. */
export type JoinShow = 'all' | 'equal' | 'changed' | 'first' | 'second';

/** In which order: that of the first table, most columns changed first, or the largest difference of one of the pairs first. */
export type JoinSort = null | 'changes' | ColumnPair;

export type JoinTask =
  /** Handle 4 takes the pairs; 5 is the second table. */
  | { kind: 'join'; other: OtherTable; key: ColumnPair; columns: ColumnPair[] }
  /** Handle 4 takes the places of pairs; 5 is the second table, 6 has the pairs. */
  | { kind: 'joinOrder'; other: OtherTable; show: JoinShow; sort: JoinSort }
  /** Handle 5 is the second table, 6 has the pairs, 7 and 8 the places of rows of the two tables, 9 the order. */
  | {
      kind: 'joinExport';
      other: OtherTable;
      /** The key first. */
      columns: ColumnPair[];
      /** Whether handle 9 has the places of the pairs that are wanted; all of them otherwise. */
      hasOrder: boolean;
      /** Cells of the head. */
      head: string[];
      /** What stands in the second column: for pairs that are alike, that are not, and of the first or the second table alone. */
      words: { equal: string; changed: string; first: string; second: string };
      steps: { first: number; second: number };
    };

/** Numbers of 4 bytes of a pair: a row of each table, from 0, and in how many columns they differ. */
export const PAIR_WORDS = 3;
/** Instead of a row that is not there. */
export const NO_ROW = 0xffff_ffff;

/** What a join found of one pair of columns. */
export interface ColumnComparison {
  /** Of the pairs of rows. */
  equal: number;
  changed: number;
  /** Pairs of rows with a number in both; the other figures are theirs. */
  numbers: number;
  /** Of the second less the first; null without numbers. */
  median: number | null;
  /** The largest difference, whichever its sign. */
  largest: number | null;
}

/** What is known of one of the tables. */
export interface SideOfJoin {
  rows: number;
  /** Rows whose key stands in none of the other table. */
  only: number;
  /** Rows without a key. */
  nameless: number;
  /** Rows whose key several rows have, in this table or in the other. */
  repeated: number;
}

/** Of two tables by a key. Beside it stand the pairs, in the order of the first table, then what the second has alone. */
export interface TableJoin {
  /** Rows with the same key in both. */
  matched: number;
  /** Of these, without a difference. */
  equal: number;
  changed: number;
  first: SideOfJoin;
  second: SideOfJoin;
  columns: ColumnComparison[];
}
