import { text } from '../../locales/text';
import type { FrequentView, HistogramView, ScatterView } from './chart.view';
import { conditionWords } from './engine/filters';
import type { ColumnRange } from './engine/tasks';
import type { TableLinks } from './table-links';
import { pairsOf, type TableAsk } from './table-query';

/** What `views/tables/show.hbs` shows. */
export interface TablePageView {
  title: string;
  /** As the pipeline calls it; its name where it does not. */
  heading: string;
  /** Whether its file has no content at all. */
  isEmpty: boolean;
  pageClass: string;
  run: { id: number; pipelineTitle: string };
  /** `href` is null for those who may not open it. */
  project: { name: string; href: string | null } | null;
  isShared: boolean;
  file: { name: string; address: string; bytes: number; encoding: string | null };
  /** The address itself, for its form. */
  action: string;
  /** Of this very page, for its script. */
  here: string;
  isChanged: boolean;
  /** The address of the first page, once more, for a file that has changed. */
  anew: string;
  /** Null while nobody knows. */
  rowCount: number | null;
  /** Rows that pass; null while nobody knows, and for all rows. */
  selectedCount: number | null;
  isSelected: boolean;
  /** Whether an export is anything else than the file. */
  isExported: boolean;
  /** The most cells that a row has, as far as is known. */
  columnCount: number;
  /** Whether there is more to come, for which a script asks again. */
  busy: boolean;
  /** What is still being done, in words, and the share of it. */
  working: { words: string; percent: number } | null;
  /** Why it cannot be done. */
  refusal: string | null;
  /** Line of a quotation mark that is not closed; null for none. */
  openQuote: number | null;
  /** The row that was asked for is not there. */
  missing: string | null;
  columns: ColumnView[];
  /** Place among `columns` of the one with the numbers of objects in an image; null for none. */
  keyColumn: number | null;
  rows: RowView[];
  /** Conditions that hold, with the address without each. */
  chips: { name: string; words: string; without: string; label: string }[];
  clear: string;
  /** Fields that the form sends along. */
  kept: Field[];
  /** The same of the forms that choose a page, and what a column is drawn against. */
  allFields: Field[];
  lookFields: Field[];
  pages: PagesView;
  columnPages: ColumnPagesView | null;
  look: LookView | null;
  exportAddress: string;
  /** What is exported. */
  exportWords: string;
}

/** A field of a form that nobody sees. */
export interface Field {
  name: string;
  value: string;
}

export interface ColumnView {
  /** From 1. */
  number: number;
  name: string;
  numeric: boolean;
  /** Places that its figures on this page have at most. */
  decimals: number;
  sort: string;
  sorted: 'ascending' | 'descending' | null;
  look: string;
  isPicked: boolean;
  words: string;
  fault: string | null;
  spark: string;
  stat: string;
}

export interface RowView {
  /** From 1, in the order of the file. */
  number: number;
  address: string;
  isMarked: boolean;
  cells: string[];
  /** Address of its object in an image; null for none. */
  image: string | null;
}

export interface PagesView {
  first: number;
  last: number;
  page: number;
  /** Rows of all pages; null while nobody knows. */
  all: number | null;
  pageCount: number | null;
  start: string | null;
  previous: string | null;
  next: string | null;
  end: string | null;
}

export interface ColumnPagesView {
  first: number;
  last: number;
  all: number;
  previous: string | null;
  next: string | null;
}

/** A column that is looked at closely. */
export interface LookView {
  name: string;
  against: string | null;
  close: string;
  /** Null while it is being measured. */
  facts: { term: string; value: string }[] | null;
  /** Of all rows; null where filters leave some out, or it is not known. */
  median: number | null;
  working: number | null;
  refusal: string | null;
  histogram: HistogramView | null;
  frequent: FrequentView[];
  scatter: ScatterView | null;
  /** Columns against which it can be drawn. */
  others: { number: number; name: string; isPicked: boolean }[];
  x: number;
  /** Whether it is sorted by its characters; null where it is not sorted. */
  asText: { address: string; isOn: boolean } | null;
}

/** The conditions that hold, each with the way to be rid of it. */
export function conditionChips({ filters }: TableAsk, names: ReadonlyMap<number, string>, links: TableLinks): TablePageView['chips'] {
  return filters.map(({ column, condition }) => {
    const name = names.get(column) || text('tables.columnNumber', { number: column + 1 });
    const words = conditionWords(condition);
    const shown = condition.kind === 'contains' ? text('tables.contains', { words: condition.text }) : words;
    return {
      name,
      words: shown,
      without: links.select({ filters: links.without(column) }),
      label: text('tables.removeFilter', { name, words }),
    };
  });
}

/** What a form sends along that has fields only for the filters of the columns on the page. */
export function keptFields(ask: TableAsk, range: ColumnRange): Field[] {
  const filters = ask.filters.filter(({ column }) => column < range.from || column >= range.to);
  return fieldsOf({ sort: ask.sort, firstColumn: ask.firstColumn, x: ask.x, y: ask.y, filters });
}

/** All that an address says, as fields of a form. */
export function fieldsOf(ask: Partial<TableAsk>): Field[] {
  return Object.entries(pairsOf(ask)).flatMap(([name, value]) => (value === null ? [] : [{ name, value: String(value) }]));
}
