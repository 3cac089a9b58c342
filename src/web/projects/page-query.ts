import type { Request } from 'express';
import { COOKIES, readCookie } from '../http/cookies';
import { readListState, type ListState } from './list-state';

/** Files in a table, or as pictures. */
export type Layout = 'list' | 'grid';

/** What a page of a project is asked for, by its address or by the form that led back to it. */
export interface ProjectPageQuery {
  state: ListState;
  layout: Layout;
  /** Id of a deletion that the page offers to undo; unchecked. */
  undo?: unknown;
  /** Address of the name of the entry that somebody comes from, or has just changed; unchecked. */
  at?: unknown;
}

/** @param from the query, or the form that was sent. @throws InvalidInputError for a path that is none. */
export function pageQueryOf(request: Request, from: unknown = request.query): ProjectPageQuery {
  const { undo, at } = request.query;
  const layout = readCookie(request, COOKIES.layout) === 'grid' ? 'grid' : 'list';
  return { state: readListState(from), layout, undo, at };
}
