import { areRunningNumbers } from './join-columns';

/** One line of a comparison: what it is, and how it is in each of the runs. */
export interface ComparedLine {
  label: string;
  /** In the order of the runs; null where a run has no such thing. */
  cells: (string[] | null)[];
  differs: boolean;
}

/** Something that one run says of itself. */
export interface Statement {
  /** The same in all runs. */
  key: string;
  label: string;
  values: string[];
}

/** Those that differ first; else in the order in which the runs first name them. */
export function compareStatements(runs: readonly (readonly Statement[])[]): ComparedLine[] {
  const labels = new Map<string, string>();
  for (const { key, label } of runs.flat()) if (!labels.has(key)) labels.set(key, label);
  const lines = [...labels].map(([key, label]) => {
    const cells = runs.map((run) => run.find((statement) => statement.key === key)?.values ?? null);
    return { label, cells, differs: !areAlike(cells.map((cell) => JSON.stringify(cell))) };
  });
  return [...lines.filter(({ differs }) => differs), ...lines.filter(({ differs }) => !differs)];
}

/** A table of one run, as far as it was read. */
export interface KeyedTable {
  columns: readonly { name: string; numeric: boolean }[];
  rows: readonly (readonly string[])[];
}

/** Rows of the same key beside each other. */
export interface JoinedTable {
  key: string;
  /** Columns that could be the key instead, itself among them. */
  keys: string[];
  columns: { name: string; numeric: boolean }[];
  rows: JoinedRow[];
  /** Keys that are not in all runs. */
  lonely: number;
  /** Rows with the same key that differ somewhere. */
  differing: number;
  /** Whether the key only numbers the rows of each table. */
  isNumbered: boolean;
}

interface JoinedRow {
  key: string;
  /** For each column what each run has; null where it has no such row or column. */
  cells: { values: (string | null)[]; differs: boolean; isNumeric: boolean; /** All runs have the same text. */ isOnce: boolean }[];
}

const MOST_COLUMNS = 6;

/**
 * Joins tables by a column that names each row once.
 * @param tables in the order of the runs; null where a run has no such table.
 * @param asked name of the column; one that is fit is taken where it is none.
 * @returns null where no column is fit.
 */
export function joinTables(tables: readonly (KeyedTable | null)[], asked: string): JoinedTable | null {
  const present = tables.filter((table) => table !== null);
  const [first] = present;
  if (!first || present.length < 2) return null;
  const common = first.columns.filter(({ name }) => name !== '' && present.every((table) => columnOf(table, name) >= 0));
  const keys = common.map(({ name }) => name).filter((name) => present.every((table) => isUnique(table, name)));
  const key = keys.includes(asked) ? asked : keys[0];
  if (key === undefined) return null;
  const columns = common.filter(({ name }) => name !== key).slice(0, MOST_COLUMNS);
  const indexed = tables.map((table) => table && indexBy(table, key));
  const all = new Set(indexed.flatMap((rows) => [...(rows?.keys() ?? [])]));
  const rows = [...all].map((one): JoinedRow => {
    const found = indexed.map((rowsOf) => rowsOf?.get(one) ?? null);
    const cells = columns.map(({ name, numeric }) => {
      const values = found.map((row, run) => (row ? (row[columnOf(tables[run]!, name)] ?? '') : null));
      const isOnce = !numeric && values.every((value) => value !== null && value === values[0]);
      return { values, differs: !areAlike(values.filter((value) => value !== null)), isNumeric: numeric, isOnce };
    });
    return { key: one, cells };
  });
  const lonely = [...all].filter((one) => indexed.some((rowsOf) => rowsOf && !rowsOf.has(one))).length;
  const isNumbered = present.every((table) => areRunningNumbers(valuesIn(table, key)));
  const differing = rows.filter(({ cells }) => cells.some(({ differs }) => differs)).length;
  return { key, keys, columns, rows, lonely, differing, isNumbered };
}

function columnOf({ columns }: KeyedTable, name: string): number {
  return columns.findIndex((column) => column.name === name);
}

function valuesIn(table: KeyedTable, name: string): string[] {
  const at = columnOf(table, name);
  return table.rows.map((row) => row[at] ?? '');
}

function isUnique(table: KeyedTable, name: string): boolean {
  const values = valuesIn(table, name);
  return values.length > 0 && !values.includes('') && new Set(values).size === values.length;
}

function indexBy(table: KeyedTable, name: string): Map<string, readonly string[]> {
  const at = columnOf(table, name);
  return new Map(table.rows.map((row) => [row[at] ?? '', row]));
}

function areAlike(values: readonly unknown[]): boolean {
  return values.every((value) => value === values[0]);
}
