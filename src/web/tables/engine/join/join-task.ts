import type { Dialect } from '../dialect';
import { GrowingWords } from '../growing';
import type { RowVisitor } from '../scanner';
import { ColumnComparer, StoredColumns } from './column-comparer';
import { NO_ROW, type ColumnComparison, type ColumnPair, type SideOfJoin, type TableJoin } from './join-tasks';
import { KeyIndex } from './key-index';

/** Goes once through a table, rows below its head. */
export type Scan = (visitor: RowVisitor) => void;

/** A table as a join sees it. */
export interface JoinedSide {
  dialect: Dialect;
  scan: Scan;
}

/** What cells of the first table may take at a time; the columns are gone through in so many turns as that needs. */
const STORE_BYTES = 256 * 1024 * 1024;
const CELL_BYTES = 9;

/** How many columns are compared in one turn. */
export function columnsAtOnce(rows: number, bytes = STORE_BYTES): number {
  return Math.max(1, Math.floor(bytes / CELL_BYTES / Math.max(1, rows)));
}

/**
 * Joins two tables by a key. Rows without a key, and those whose key several rows have, are counted and not compared.
 * @param bytes of the first table's cells that are held at a time.
 * @returns what was found, and the pairs as `JoinTask` describes them.
 */
export function joinTables(
  first: JoinedSide,
  second: JoinedSide,
  { key, columns }: { key: ColumnPair; columns: readonly ColumnPair[] },
  bytes = STORE_BYTES,
): { join: TableJoin; pairs: Uint32Array } {
  const keys = { first: new KeyIndex(first.dialect, key.first), second: new KeyIndex(second.dialect, key.second) };
  first.scan(keys.first);
  second.scan(keys.second);
  const { mates, lonely, sides, matched } = matchKeys(keys.first, keys.second);
  const changes = new Uint32Array(keys.first.rows);
  const count = (row: number): void => void (changes[row] += 1);
  const compared: ColumnComparison[] = [];
  const atOnce = columnsAtOnce(keys.first.rows, bytes);
  for (let from = 0; from < columns.length; from += atOnce) {
    const some = columns.slice(from, from + atOnce);
    const stored = new StoredColumns(
      first.dialect,
      some.map((pair) => pair.first),
      keys.first.rows,
    );
    first.scan(stored);
    const comparer = new ColumnComparer(second.dialect, stored, mates, some, count);
    second.scan(comparer);
    compared.push(...comparer.results());
  }
  const pairs = pairsOf(keys, mates, lonely, changes);
  let equal = 0;
  for (const mate of mates) if (mate !== NO_ROW && changes[mate] === 0) equal += 1;
  return { join: { matched, equal, changed: matched - equal, ...sides, columns: compared }, pairs };
}

/** Which rows belong together. */
function matchKeys(first: KeyIndex, second: KeyIndex) {
  const mates = new Uint32Array(second.rows).fill(NO_ROW);
  const sides = { first: sideOf(first.rows), second: sideOf(second.rows) };
  const lonely = new GrowingWords();
  let matched = 0;
  for (let row = 0; row < second.rows; row += 1) {
    const found = first.rowLike(second, row);
    if (second.isNameless(row)) sides.second.nameless += 1;
    else if (second.isRepeated(row) || (found >= 0 && first.isRepeated(found))) sides.second.repeated += 1;
    else if (found >= 0) {
      mates[row] = found;
      matched += 1;
    } else lonely.push(row);
  }
  sides.second.only = lonely.length;
  for (let row = 0; row < first.rows; row += 1) {
    if (first.isNameless(row)) sides.first.nameless += 1;
    else if (isRepeatedIn(first, second, row)) sides.first.repeated += 1;
  }
  sides.first.only = first.rows - sides.first.nameless - sides.first.repeated - matched;
  return { mates, lonely: lonely.values(), sides, matched };
}

function isRepeatedIn(one: KeyIndex, other: KeyIndex, row: number): boolean {
  if (one.isRepeated(row)) return true;
  const found = other.rowLike(one, row);
  return found >= 0 && other.isRepeated(found);
}

function sideOf(rows: number): SideOfJoin {
  return { rows, only: 0, nameless: 0, repeated: 0 };
}

/** Rows of the first table in its order, with their mates, then what the second has alone. Those that cannot be compared are left out. */
function pairsOf(keys: { first: KeyIndex; second: KeyIndex }, mates: Uint32Array, lonely: Uint32Array, changes: Uint32Array): Uint32Array {
  const mateOf = new Uint32Array(keys.first.rows).fill(NO_ROW);
  for (let row = 0; row < mates.length; row += 1) if (mates[row] !== NO_ROW) mateOf[mates[row]] = row;
  const words = new GrowingWords();
  const push = (first: number, second: number, changed: number): void => {
    words.push(first);
    words.push(second);
    words.push(changed);
  };
  for (let row = 0; row < keys.first.rows; row += 1) {
    if (mateOf[row] !== NO_ROW) push(row, mateOf[row], changes[row]);
    else if (!keys.first.isNameless(row) && !isRepeatedIn(keys.first, keys.second, row)) push(row, NO_ROW, 0);
  }
  for (const row of lonely) push(NO_ROW, row, 0);
  return words.values();
}
