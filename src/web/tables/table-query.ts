import { InvalidInputError } from '../../common/errors';
import { conditionWords, parseCondition, type Filter } from './engine/filters';
import type { SortBy } from './engine/tasks';
import type { Selection } from './table-facts';

/** What stands behind the question mark of a table's address, as it came. */
export type Query = Record<string, unknown>;

/** A filter as it was typed, that is none. */
export interface Fault {
  column: number;
  words: string;
}

/** What of a table is asked for. Columns count from 0 here, and from 1 in addresses. */
export interface TableAsk {
  /** From 1. */
  page: number;
  firstColumn: number;
  sort: SortBy | null;
  filters: Filter[];
  faults: Fault[];
  /** The column that is looked at closely, and the one against which it is drawn. */
  x: number | null;
  y: number | null;
  /** A row that is marked, from 1, in the order of the file. */
  row: number | null;
  /** Find the row by the name of a column and its value. */
  key: { column: string; value: string } | null;
  /** Of the file, as it was when the address was made. */
  version: string | null;
}

const MOST_FILTERS = 40;
const LONGEST_FILTER = 300;
const FILTER = /^f([1-9]\d{0,8})$/;

/** @throws InvalidInputError for what no page of ours has asked. */
export function askOf(query: Query): TableAsk {
  const sort = count(query, 'sort');
  const { filters, faults } = filtersOf(query);
  const key = word(query, 'key');
  return {
    page: count(query, 'page') ?? 1,
    firstColumn: (count(query, 'cols') ?? 1) - 1,
    sort: sort === null ? null : { column: sort - 1, descending: word(query, 'dir') === 'desc', asText: word(query, 'as') === 'text' },
    filters,
    faults,
    x: column(query, 'x'),
    y: column(query, 'x') === null ? null : column(query, 'y'),
    row: count(query, 'row'),
    key: key === null ? null : { column: key, value: word(query, 'value') ?? '' },
    version: word(query, 'v'),
  };
}

/** The pairs of an address that asks for this. */
export function pairsOf(ask: Partial<TableAsk>): Record<string, string | number | null> {
  const { page, firstColumn, sort, filters = [], x, y, row, version } = ask;
  const number = (index: number | null | undefined) => (index === null || index === undefined ? null : index + 1);
  return {
    ...Object.fromEntries(filters.map(({ column, condition }) => [`f${column + 1}`, conditionWords(condition)])),
    sort: number(sort?.column),
    dir: sort?.descending ? 'desc' : null,
    as: sort?.asText ? 'text' : null,
    cols: firstColumn ? firstColumn + 1 : null,
    x: number(x),
    y: number(y),
    page: page && page > 1 ? page : null,
    row: row ?? null,
    v: version ?? null,
  };
}

/** Null for all rows in the order of the file. */
export function selectionOf({ filters, sort }: Pick<TableAsk, 'filters' | 'sort'>): Selection | null {
  return filters.length === 0 && sort === null ? null : { filters, sort };
}

function filtersOf(query: Query): { filters: Filter[]; faults: Fault[] } {
  const filters: Filter[] = [];
  const faults: Fault[] = [];
  for (const name of Object.keys(query)) {
    const number = FILTER.exec(name)?.[1];
    const words = number === undefined ? null : word(query, name);
    if (words === null) continue;
    const column = Number(number) - 1;
    const condition = words.length > LONGEST_FILTER ? undefined : parseCondition(words);
    if (condition) filters.push({ column, condition });
    else if (condition === undefined) faults.push({ column, words: words.slice(0, LONGEST_FILTER) });
  }
  if (filters.length > MOST_FILTERS) throw new InvalidInputError('errors.badRequest');
  const byColumn = (one: { column: number }, other: { column: number }) => one.column - other.column;
  return { filters: filters.sort(byColumn), faults: faults.sort(byColumn) };
}

function column(query: Query, name: string): number | null {
  const number = count(query, name);
  return number === null ? null : number - 1;
}

/** From 1; null where it is absent or empty, as an empty field of a form is. */
function count(query: Query, name: string): number | null {
  const value = word(query, name);
  if (value === null) return null;
  if (!/^[1-9]\d{0,11}$/.test(value)) throw new InvalidInputError('errors.badRequest');
  return Number(value);
}

function word(query: Query, name: string): string | null {
  const value = query[name];
  if (value === undefined || value === '') return null;
  if (typeof value !== 'string') throw new InvalidInputError('errors.badRequest');
  return value;
}
