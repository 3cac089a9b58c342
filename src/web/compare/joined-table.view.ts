import { text } from '../../locales/text';
import type { ColumnComparison, SideOfJoin, TableJoin } from '../tables/engine/join/join-tasks';
import { shownNumber } from '../tables/shown-number';
import type { CommonColumn } from './join-columns';
import { SHOWS } from './join-query';

/** What `views/compare/table.hbs` shows. */
export interface JoinedTableView {
  title: string;
  pageClass: string;
  project: { id: string; name: string };
  name: string;
  /** This page, below the base path, and the comparison that it belongs to. */
  here: string;
  action: string;
  back: string;
  exportAddress: string;
  /** Numbers of all runs that are compared, as the address has them. */
  runs: string;
  file: string;
  first: SideView;
  second: SideView;
  /** More than two runs are compared: which two are joined here. */
  choosesPair: boolean;
  keys: { name: string; isPicked: boolean }[];
  key: string;
  shows: { value: string; words: string; isPicked: boolean }[];
  sorts: { value: string; words: string; isPicked: boolean }[];
  /** What is still being done, in words, and the share of it. */
  working: { words: string; percent: number } | null;
  refusal: string | null;
  /** What the numbers leave out, in words. */
  notes: string[];
  figures: { term: string; count: string }[];
  summary: ColumnSummary[];
  columns: string[];
  rows: JoinedRowView[];
  pages: { page: number; pageCount: number; previous: string | null; next: string | null; first: string; last: string; all: string } | null;
  columnPages: { first: number; last: number; all: number; previous: string | null; next: string | null } | null;
}

export interface SideView {
  id: number;
  runs: { id: number; isPicked: boolean }[];
}

interface ColumnSummary {
  name: string;
  equal: string;
  changed: string;
  median: string;
  largest: string;
  sort: string;
  isSorted: boolean;
}

export interface JoinedRowView {
  key: string;
  /** In words: how many columns differ, or which table alone has it. */
  state: string;
  differs: boolean;
  cells: { values: (string | null)[]; differs: boolean }[];
}

/** How many rows of which kind there are. */
export function figuresOf({ matched, equal, changed, first, second }: TableJoin, runs: readonly [number, number]): JoinedTableView['figures'] {
  const figure = (term: string, count: number) => ({ term, count: shownNumber(count) });
  return [
    figure(text('compare.matchedRows'), matched),
    figure(text('compare.equalRows'), equal),
    figure(text('compare.changedRows'), changed),
    figure(text('compare.onlyIn', { number: runs[0] }), first.only),
    figure(text('compare.onlyIn', { number: runs[1] }), second.only),
  ];
}

/** What could not be compared. @param left columns that were left out. */
export function notesOf({ first, second }: TableJoin, runs: readonly [number, number], key: string, left: number): string[] {
  const ofSide = (side: SideOfJoin, number: number) => [
    ...(side.repeated > 0 ? [text('compare.repeatedKeys', { count: side.repeated, number, key })] : []),
    ...(side.nameless > 0 ? [text('compare.namelessRows', { count: side.nameless, number, key })] : []),
  ];
  return [...ofSide(first, runs[0]), ...ofSide(second, runs[1]), ...(left > 0 ? [text('compare.columnsLeft', { count: left })] : [])];
}

/** @param link of the page sorted by a column. */
export function summaryOf(
  columns: readonly CommonColumn[],
  compared: readonly ColumnComparison[],
  sort: string,
  link: (sort: string) => string,
): ColumnSummary[] {
  return columns.map(({ name }, index) => {
    const { equal, changed, median, largest } = compared[index];
    const by = `column:${name}`;
    return {
      name,
      equal: shownNumber(equal),
      changed: shownNumber(changed),
      median: median === null ? '' : signed(median),
      largest: largest === null ? '' : signed(largest),
      sort: link(by),
      isSorted: sort === by,
    };
  });
}

/** A difference with its sign. */
function signed(value: number): string {
  return value > 0 ? `+${shownNumber(value)}` : shownNumber(value);
}

export function showChoices(show: string, runs: readonly [number, number]): JoinedTableView['shows'] {
  const words: Record<string, string> = {
    all: text('compare.showAll'),
    changed: text('compare.changedRows'),
    equal: text('compare.equalRows'),
    first: text('compare.onlyIn', { number: runs[0] }),
    second: text('compare.onlyIn', { number: runs[1] }),
  };
  return SHOWS.map((value) => ({ value, words: words[value] ?? value, isPicked: value === show }));
}

export function sortChoices(sort: string, columns: readonly CommonColumn[]): JoinedTableView['sorts'] {
  const choice = (value: string, words: string) => ({ value, words, isPicked: value === sort });
  return [
    choice('', text('compare.sortFile')),
    choice('changes', text('compare.sortChanges')),
    ...columns.map(({ name }) => choice(`column:${name}`, text('compare.sortColumn', { name }))),
  ];
}
