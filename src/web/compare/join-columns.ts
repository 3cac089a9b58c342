import type { ColumnPair } from '../tables/engine/join/join-tasks';

/** A column that both tables have. */
export interface CommonColumn extends ColumnPair {
  name: string;
}

/** Columns that are compared; more are said to be left out. */
const MOST_COLUMNS = 60;
/** What columns that name rows are often called. */
const LIKELY_KEY = /^(?:id|key|label|name|index)$|(?:^|[ _-])(?:id|label|barcode)$|id$/i;

/** Columns of the same name, in the order of the first table; of those with one name the first. */
export function commonColumns(first: readonly string[], second: readonly string[]): CommonColumn[] {
  const names = [...new Set(first.filter((name) => name !== '' && second.includes(name)))];
  return names.map((name) => ({ name, first: first.indexOf(name), second: second.indexOf(name) }));
}

/**
 * The column that names rows.
 * @param rows the first ones of each table. @param asked name; another one is guessed where it is none.
 * @returns undefined where there is no common column.
 */
export function keyAmong(
  common: readonly CommonColumn[],
  rows: { first: readonly string[][]; second: readonly string[][] },
  asked: string,
): CommonColumn | undefined {
  const named = common.find(({ name }) => name === asked);
  if (named) return named;
  const unique = common.filter(({ first, second }) => isUnique(rows.first, first) && isUnique(rows.second, second));
  return unique.find(({ name }) => LIKELY_KEY.test(name)) ?? unique[0] ?? common[0];
}

/** Whether rows are named by nothing but their place, counted from 0 or 1: what a program counts, it counts anew in each run. */
export function areRunningNumbers(values: readonly string[]): boolean {
  const first = Number(values[0]);
  return values.length > 1 && (first === 0 || first === 1) && values.every((value, index) => value === String(first + index));
}

/** Those that are compared, and how many are left out. */
export function comparedColumns(common: readonly CommonColumn[], key: CommonColumn): { columns: CommonColumn[]; left: number } {
  const others = common.filter(({ name }) => name !== key.name);
  return { columns: others.slice(0, MOST_COLUMNS), left: Math.max(0, others.length - MOST_COLUMNS) };
}

function isUnique(rows: readonly string[][], column: number): boolean {
  const values = rows.map((row) => row[column] ?? '');
  return !values.includes('') && new Set(values).size === values.length;
}
