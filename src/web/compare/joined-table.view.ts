import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import { text } from '../../locales/text';
import type { ColumnComparison, SideOfJoin, TableJoin } from '../tables/engine/join/join-tasks';
import type { Pair } from '../tables/join/table-joins';
import { shownNumber } from '../tables/shown-number';
import { address } from '../views/helpers';
import type { CommonColumn } from './join-columns';
import { joinPairs, SHOWS, type JoinAsk } from './join-query';

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

/** What is known of a join so far. */
export interface JoinedState {
  /** Null while nobody knows. */
  join: TableJoin | null;
  refusal: string | null;
  /** Share of what is still being done; null where all is. */
  done: number | null;
  /** Pairs that are wanted; null while nobody knows. */
  count: number | null;
  /** Of this page. */
  rows: { pair: Pair; key: string; cells: { values: (string | null)[]; differs: boolean }[] }[];
  /** Number of the first of them, from 0. */
  from: number;
}

interface OpenedView {
  runs: readonly Run[];
  pair: readonly [Run, Run];
  /** What the results of a run call it. */
  heading: string;
  key: CommonColumn;
  keys: readonly CommonColumn[];
  columns: readonly CommonColumn[];
  left: number;
  isNumbered: boolean;
}

export const PAGE_ROWS = 100;
/** Columns beside each other. */
const PAGE_COLUMNS = 8;

export function joinedView(project: Project, ask: JoinAsk, opened: OpenedView, state: JoinedState): JoinedTableView {
  const { runs, pair, heading, key, keys, columns } = opened;
  const ids = [pair[0].id, pair[1].id] as const;
  const present: JoinAsk = { ...ask, runIds: runs.map(({ id }) => id), pair: [ids[0], ids[1]], key: key.name };
  const link = (over: Partial<JoinAsk>) => address('/projects', [project.id, 'compare', 'table'], joinPairs({ ...present, ...over }));
  const side = (place: 0 | 1): SideView => ({ id: ids[place], runs: runs.map(({ id }) => ({ id, isPicked: id === ids[place] })) });
  const first = Math.min(ask.firstColumn, Math.max(0, columns.length - 1));
  const shown = columns.slice(first, first + PAGE_COLUMNS);
  return {
    title: text('compare.tableTitle', { name: heading }),
    pageClass: 'page-table',
    project: { id: project.id, name: project.name },
    name: heading,
    here: link({}),
    action: address('/projects', [project.id, 'compare', 'table']),
    back: `${address('/projects', [project.id, 'compare'])}?${runs.map(({ id }) => `run=${id}`).join('&')}`,
    exportAddress: `${link({ page: 1, firstColumn: 0 })}&export=csv`,
    runs: present.runIds.join(','),
    file: ask.file,
    first: side(0),
    second: side(1),
    choosesPair: runs.length > 2,
    keys: keys.map(({ name }) => ({ name, isPicked: name === key.name })),
    key: key.name,
    shows: showChoices(ask.show, ids),
    sorts: sortChoices(ask.sort, columns),
    working: state.done === null ? null : { words: text('compare.joining'), percent: Math.round(state.done * 100) },
    refusal: state.refusal,
    notes: [
      ...(opened.isNumbered ? [text('compare.numbered', { key: key.name })] : []),
      ...(state.join ? notesOf(state.join, ids, key.name, opened.left) : []),
    ],
    figures: state.join ? figuresOf(state.join, ids) : [],
    summary: state.join ? summaryOf(columns, state.join.columns, ask.sort, (sort) => link({ sort, page: 1 })) : [],
    columns: shown.map(({ name }) => name),
    rows: state.rows.map((row) => rowView(row, ids, first)),
    pages: state.count === null ? null : pagesOf(state, state.count, (page) => link({ page })),
    columnPages: columns.length > PAGE_COLUMNS ? columnPagesOf(first, columns.length, (firstColumn) => link({ firstColumn })) : null,
  };
}

function rowView({ pair, key, cells }: JoinedState['rows'][number], ids: readonly [number, number], from: number): JoinedRowView {
  const { first, second, changes } = pair;
  const lonely = second === null ? ids[0] : ids[1];
  const isPair = first !== null && second !== null;
  return {
    key,
    state: !isPair ? text('compare.onlyIn', { number: lonely }) : changes > 0 ? text('compare.changesOf', { count: changes }) : '',
    differs: !isPair || changes > 0,
    cells: cells.slice(from, from + PAGE_COLUMNS),
  };
}

function pagesOf({ from, rows }: JoinedState, count: number, link: (page: number) => string): JoinedTableView['pages'] {
  const pageCount = Math.max(1, Math.ceil(count / PAGE_ROWS));
  const page = from / PAGE_ROWS + 1;
  return {
    page,
    pageCount,
    previous: page > 1 ? link(page - 1) : null,
    next: page < pageCount ? link(page + 1) : null,
    first: shownNumber(rows.length === 0 ? 0 : from + 1),
    last: shownNumber(from + rows.length),
    all: shownNumber(count),
  };
}

function columnPagesOf(from: number, all: number, link: (first: number) => string): JoinedTableView['columnPages'] {
  const last = Math.min(all, from + PAGE_COLUMNS);
  return {
    first: from + 1,
    last,
    all,
    previous: from > 0 ? link(Math.max(0, from - PAGE_COLUMNS)) : null,
    next: last < all ? link(last) : null,
  };
}

/** How many rows of which kind there are. */
function figuresOf({ matched, equal, changed, first, second }: TableJoin, runs: readonly [number, number]): JoinedTableView['figures'] {
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
function notesOf({ first, second }: TableJoin, runs: readonly [number, number], key: string, left: number): string[] {
  const ofSide = (side: SideOfJoin, number: number) => [
    ...(side.repeated > 0 ? [text('compare.repeatedKeys', { count: side.repeated, number, key })] : []),
    ...(side.nameless > 0 ? [text('compare.namelessRows', { count: side.nameless, number, key })] : []),
  ];
  return [...ofSide(first, runs[0]), ...ofSide(second, runs[1]), ...(left > 0 ? [text('compare.columnsLeft', { count: left })] : [])];
}

/** @param link of the page sorted by a column. */
function summaryOf(
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
  if (value === 0) return shownNumber(value);
  return value > 0 ? `+${shownNumber(value)}` : `−${shownNumber(-value)}`;
}

function showChoices(show: string, runs: readonly [number, number]): JoinedTableView['shows'] {
  const words: Record<string, string> = {
    all: text('compare.showAll'),
    changed: text('compare.changedRows'),
    equal: text('compare.equalRows'),
    first: text('compare.onlyIn', { number: runs[0] }),
    second: text('compare.onlyIn', { number: runs[1] }),
  };
  return SHOWS.map((value) => ({ value, words: words[value] ?? value, isPicked: value === show }));
}

function sortChoices(sort: string, columns: readonly CommonColumn[]): JoinedTableView['sorts'] {
  const choice = (value: string, words: string) => ({ value, words, isPicked: value === sort });
  return [
    choice('', text('compare.sortFile')),
    choice('changes', text('compare.sortChanges')),
    ...columns.map(({ name }) => choice(`column:${name}`, text('compare.sortColumn', { name }))),
  ];
}
