/** Where one is in a list that does not fit on one page. */
export interface Pages {
  /** From 1. */
  page: number;
  pages: number;
  /** How many entries come before this page. */
  from: number;
  previous: number | null;
  next: number | null;
}

/** @param asked page, from 1; out of range counts as the nearest one. */
export function pagesOf(asked: number, perPage: number, total: number): Pages {
  const pages = Math.max(1, Math.ceil(total / perPage));
  const page = Math.min(Math.max(1, asked), pages);
  return { page, pages, from: (page - 1) * perPage, previous: page > 1 ? page - 1 : null, next: page < pages ? page + 1 : null };
}

/** The page number of a query; 1 for anything else. */
export function pageNumber(query: unknown): number {
  return typeof query === 'string' && /^[1-9]\d{0,6}$/.test(query) ? Number(query) : 1;
}
