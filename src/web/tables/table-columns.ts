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

function stat({ numbers, texts, median }: ColumnFigures): string {
  if (numbers === 0 && texts === 0) return text('tables.statEmpty');
  return numbers > texts && median !== null ? text('tables.statMedian', { value: shownNumber(median) }) : text('tables.statText');
}
