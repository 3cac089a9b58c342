import type { JoinShow } from '../tables/engine/join/join-tasks';
import { runNumberIn } from '../http/ids';
import { MOST_COMPARED } from './compared-runs';

/** What of a joined table is asked for. */
export interface JoinAsk {
  runIds: number[];
  /** Numbers of the runs of the first and the second table; null for any. */
  pair: [number | null, number | null];
  /** Address below the folder of results. */
  file: string;
  /** Name of the column that names rows; '' for a fit one. */
  key: string;
  show: JoinShow;
  /** `changes`, the name of a column behind `column:`, or '' for the order of the first table. */
  sort: string;
  /** From 1. */
  page: number;
  /** From 0. */
  firstColumn: number;
}

export const SHOWS: readonly JoinShow[] = ['all', 'changed', 'equal', 'first', 'second'];
const MOST_TEXT = 1000;

/** Reads what stands in the address; what is no sense is passed over. */
export function joinAskOf(query: Record<string, unknown>): JoinAsk {
  const word = (name: string): string => (typeof query[name] === 'string' ? query[name].slice(0, MOST_TEXT) : '');
  const count = (name: string): number => (/^[1-9]\d{0,9}$/.test(word(name)) ? Number(word(name)) : 1);
  return {
    runIds: runNumbersIn(word('runs').split(',')),
    pair: [runNumberIn(word('a')), runNumberIn(word('b'))],
    file: typeof query['file'] === 'string' ? query['file'] : '',
    key: word('key'),
    show: SHOWS.find((one) => one === word('show')) ?? 'all',
    sort: word('sort'),
    page: count('page'),
    firstColumn: count('cols') - 1,
  };
}

/** Numbers of runs, each once, in their order, as many as are compared. */
export function runNumbersIn(texts: readonly unknown[]): number[] {
  const numbers = texts.map(runNumberIn).filter((number) => number !== null);
  return [...new Set(numbers)].slice(0, MOST_COMPARED).sort((one, other) => one - other);
}

/** The pairs of an address that asks for this. */
export function joinPairs(ask: JoinAsk): Record<string, string | number | null> {
  return {
    runs: ask.runIds.join(','),
    a: ask.pair[0],
    b: ask.pair[1],
    file: ask.file,
    key: ask.key || null,
    show: ask.show === 'all' ? null : ask.show,
    sort: ask.sort || null,
    cols: ask.firstColumn > 0 ? ask.firstColumn + 1 : null,
    page: ask.page > 1 ? ask.page : null,
  };
}
