import { formatEntryPath, type EntryPath } from '../../common/files/entry-name';
import type { OrderBy } from '../../common/files/threads/folder-indexes';
import { pathOfText } from '../http/entry-path';
import { address } from '../views/helpers';
import { pageNumber } from './pages';

/** Where somebody is in the files of a project, and how they see them: all of it stands in the address. */
export interface ListState {
  folder: EntryPath;
  by: OrderBy;
  descending: boolean;
  /** Part of the names; '' for all. */
  filter: string;
  /** From 1. */
  page: number;
}

/** The same as the query of an address, or the hidden fields of a form; what is usual is left out. */
export interface ListQuery {
  path?: string;
  sort?: OrderBy;
  order?: 'desc';
  filter?: string;
  page?: number;
}

const ORDERS: readonly OrderBy[] = ['name', 'size', 'date'];
const LONGEST_FILTER = 255;

/**
 * Reads a query or a submitted form.
 * @throws InvalidInputError for a path that is none; anything else that is odd counts as absent.
 */
export function readListState(from: unknown): ListState {
  const values = (typeof from === 'object' && from !== null ? from : {}) as Record<string, unknown>;
  const { sort, order, filter, page } = values;
  return {
    folder: pathOfText(values['path']),
    by: ORDERS.find((one) => one === sort) ?? 'name',
    descending: order === 'desc',
    filter: typeof filter === 'string' ? filter.trim().slice(0, LONGEST_FILTER).toWellFormed() : '',
    page: pageNumber(page),
  };
}

export function listQuery({ folder, by, descending, filter, page }: ListState): ListQuery {
  return {
    ...(folder.length === 0 ? {} : { path: formatEntryPath(folder) }),
    ...(by === 'name' ? {} : { sort: by }),
    ...(descending ? { order: 'desc' as const } : {}),
    ...(filter === '' ? {} : { filter }),
    ...(page === 1 ? {} : { page }),
  };
}

/** Address of the page of the project in this state. @param more further parts of the query. */
export function listAddress(projectId: string, state: ListState, more: Record<string, unknown> = {}): string {
  return address('/projects', [projectId], { ...listQuery(state), ...more });
}
