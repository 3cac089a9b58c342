import type { ColumnRange } from './engine/tasks';
import type { TableLinks } from './table-links';
import { PAGE_COLUMNS } from './table-columns';
import type { TableAsk } from './table-query';
import type { ColumnPagesView, PagesView } from './table.view';

export const PAGE_ROWS = 100;

interface Shown {
  ask: TableAsk;
  links: TableLinks;
  range: ColumnRange;
  /** All rows of the selection; null while nobody knows. */
  rows: number | null;
  /** On this page. */
  shown: number;
  columns: number;
  hasMore: boolean;
}

/** The ways to other rows and other columns. */
export function pageViews({ ask, links, range, rows, shown, columns, hasMore }: Shown): {
  pages: PagesView;
  columnPages: ColumnPagesView | null;
} {
  const { page } = ask;
  const pageCount = rows === null ? null : Math.max(1, Math.ceil(rows / PAGE_ROWS));
  const to = (number: number) => links.to({ page: number });
  const hasNext = pageCount === null ? hasMore && shown > 0 : page < pageCount;
  const first = (page - 1) * PAGE_ROWS + 1;
  return {
    pages: {
      first,
      last: first + shown - 1,
      page,
      all: rows,
      pageCount,
      start: page > 1 ? to(1) : null,
      previous: page > 1 ? to(pageCount === null ? page - 1 : Math.min(page - 1, pageCount)) : null,
      next: hasNext ? to(page + 1) : null,
      end: pageCount !== null && page < pageCount ? to(pageCount) : null,
    },
    columnPages: columns > PAGE_COLUMNS ? columnPages(range, columns, links) : null,
  };
}

function columnPages({ from, to }: ColumnRange, all: number, links: TableLinks): ColumnPagesView {
  return {
    first: from + 1,
    last: to,
    all,
    previous: from > 0 ? links.to({ firstColumn: Math.max(0, from - PAGE_COLUMNS) }) : null,
    next: to < all ? links.to({ firstColumn: to }) : null,
  };
}
