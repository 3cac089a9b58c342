import { text } from '../../locales/text';
import { decimalPlaces } from '../views/decimal-places';
import { isNumericColumn } from '../show/delimited-table';
import { sparkPath } from './chart.view';
import { conditionWords } from './engine/filters';
import type { ColumnFigures, ColumnRange, SortBy } from './engine/tasks';
import { shownNumber } from './shown-number';
import type { TableLinks } from './table-links';
import type { TableAsk } from './table-query';
import type { ColumnView } from './table.view';

/** Columns of one page; more are on the next one. */
export const PAGE_COLUMNS = 24;
const ESTIMATE_DIGITS = 3;

export interface KnownColumns {
  range: ColumnRange;
  /** As the head has them; fewer, or none, where it has not. */
  names: readonly string[];
  hasHead: boolean;
  /** Of the first columns, once there is an index. */
  figures: readonly ColumnFigures[];
  /** Cells of the page. */
  rows: readonly string[][];
}

export function columnViews({ range, names, hasHead, figures, rows }: KnownColumns, ask: TableAsk, links: TableLinks): ColumnView[] {
  return Array.from({ length: range.to - range.from }, (_, index) => {
    const column = range.from + index;
    const known = figures[column];
    const sort = ask.sort?.column === column ? ask.sort : null;
    const numeric = known ? known.numbers > known.texts : isNumericColumn(rows, index);
    return {
      number: column + 1,
      name: hasHead ? (names[index] ?? '') : String(column + 1),
      numeric,
      decimals: numeric ? decimalPlaces(rows, index) : 0,
      sort: links.select({ sort: nextSort(column, sort) }),
      sorted: sort && (sort.descending ? ('descending' as const) : ('ascending' as const)),
      look: links.to({ x: column, y: null }),
      isPicked: ask.x === column,
      words: ask.filters
        .filter((filter) => filter.column === column)
        .map(({ condition }) => conditionWords(condition))
        .join(' '),
      fault: ask.faults.find((fault) => fault.column === column)?.words ?? null,
      spark: known && known.numbers > known.texts ? sparkPath(known.bars) : '',
      stat: known ? stat(known) : '',
    };
  });
}

/** Up, then down, then as in the file. */
function nextSort(column: number, sort: SortBy | null): SortBy | null {
  if (!sort) return { column, descending: false, asText: false };
  return sort.descending ? null : { ...sort, descending: true };
}

/** The columns, the one that is looked at with the median that its figures have. @param exact of all of its rows; null where that is not known. */
export function withMedian(columns: ColumnView[], picked: number | null, exact: number | null): ColumnView[] {
  if (exact === null) return columns;
  const stat = text('tables.statMedian', { value: shownNumber(exact) });
  return columns.map((column) => (column.number - 1 === picked && column.numeric ? { ...column, stat } : column));
}

function stat({ numbers, texts, median, isEstimate }: ColumnFigures): string {
  if (numbers === 0 && texts === 0) return text('tables.statEmpty');
  if (numbers <= texts || median === null) return text('tables.statText');
  return isEstimate
    ? text('tables.statAboutMedian', { value: estimate(median) })
    : text('tables.statMedian', { value: shownNumber(median) });
}

/** A sample tells no more than its first digits. */
function estimate(median: number): string {
  return shownNumber(Number(median.toPrecision(ESTIMATE_DIGITS)));
}
