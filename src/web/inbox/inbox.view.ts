import { Injectable } from '@nestjs/common';
import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { InboxPlace, InboxSource } from '../../common/files/inbox-files';
import type { Entry, SortedListing } from '../../common/files/safe-directory';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { AppConfig } from '../../common/config/app-config';
import { text } from '../../locales/text';
import { entryId, kindAndIcon, sortColumns, type Crumb, type SortColumn } from '../projects/folder.view';
import { listAddress, listQuery, readListState, type ListQuery, type ListState } from '../projects/list-state';
import { pagesOf, type Pages } from '../projects/pages';
import { address } from '../views/helpers';
import { InboxListing } from './inbox-listing';

/** Where somebody is in the inbox, and for which folder of the project they choose. */
export interface InboxState {
  source: InboxSource;
  /** `folder` is one of the inbox. */
  list: ListState;
  to: EntryPath;
}

export interface InboxRow {
  id: string;
  name: string;
  /** Address of the name in its folder. */
  address: string;
  /** Where a folder leads; null for all else. */
  href: string | null;
  isFolder: boolean;
  isFile: boolean;
  kind: string;
  icon: string;
  size: number;
  changedMs: number;
  /** A few words under the name; '' for most. */
  note: string;
  canChoose: boolean;
}

export interface InboxPage {
  title: string;
  project: { id: string; name: string };
  /** How files get here. */
  places: InboxPlace[];
  /** The parts of the inbox; one alone is not told apart. */
  tabs: { label: string; href: string; isCurrent: boolean }[];
  source: InboxSource;
  folderName: string;
  crumbs: (Crumb & { href: string })[];
  rootHref: string;
  rows: InboxRow[];
  columns: SortColumn[];
  filter: string;
  unfilteredHref: string;
  complete: boolean;
  total: number;
  pages: Pages;
  previousHref: string | null;
  nextHref: string | null;
  /** What the form sends back beside the choice. */
  state: ListQuery & { from: InboxSource; to: string };
  /** The folder of the project into which things go, for people. */
  target: string;
  backHref: string;
  /** Guests move nothing that all share. */
  canMove: boolean;
  retentionDays: number;
}

const PER_PAGE = 100;

/** @throws InvalidInputError for paths that are none. */
export function readInboxState(from: unknown, to: EntryPath): InboxState {
  const values = (typeof from === 'object' && from !== null ? from : {}) as Record<string, unknown>;
  return { source: values['from'] === 'own' ? 'own' : 'inbox', list: readListState(from), to };
}

export function inboxAddress(projectId: string, { source, list, to }: InboxState): string {
  return address('/projects', [projectId, 'inbox'], {
    from: source,
    ...listQuery(list),
    ...(to.length > 0 ? { to: formatEntryPath(to) } : {}),
  });
}

/** The page on which files of the inbox are chosen for a project. */
@Injectable()
export class InboxView {
  constructor(
    private readonly config: AppConfig,
    private readonly inbox: InboxListing,
  ) {}

  /** @throws NotFoundError when there is no inbox, or no such folder in it. */
  async of(project: Project, person: User, asked: InboxState): Promise<InboxPage> {
    const { places, source } = await this.inbox.partOf(person, asked.source);
    const state = { ...asked, source };
    const { folder } = state.list;
    let pages = pagesOf(state.list.page, PER_PAGE, Number.MAX_SAFE_INTEGER);
    let listing = await this.list(project, state, pages.from);
    pages = pagesOf(state.list.page, PER_PAGE, listing.matching);
    if (listing.entries.length === 0 && listing.matching > 0) listing = await this.list(project, state, pages.from);
    const at = (change: Partial<ListState>) => inboxAddress(project.id, { ...state, list: { ...state.list, ...change } });
    const into = (path: EntryPath) => at({ folder: path, filter: '', page: 1 });
    return {
      title: text('inbox.title', { name: project.name }),
      project: { id: project.id, name: project.name },
      places,
      tabs: tabs(project.id, state, places),
      source,
      folderName: folder.length === 0 ? text(source === 'own' ? 'inbox.own' : 'inbox.shared') : showEntryName(folder.at(-1)!),
      crumbs: folder.map((name, index) => {
        const path = folder.slice(0, index + 1);
        return { name: showEntryName(name), path: formatEntryPath(path), href: into(path) };
      }),
      rootHref: into([]),
      rows: listing.entries.map((entry) => rowOf(entry, folder, into)),
      columns: sortColumns(state.list, at),
      filter: state.list.filter,
      unfilteredHref: at({ filter: '', page: 1 }),
      complete: listing.complete,
      total: listing.total,
      pages,
      previousHref: pages.previous === null ? null : at({ page: pages.previous }),
      nextHref: pages.next === null ? null : at({ page: pages.next }),
      state: { ...listQuery({ ...state.list, page: pages.page }), from: source, to: formatEntryPath(state.to) },
      target: state.to.length === 0 ? project.name : state.to.map(showEntryName).join('/'),
      backHref: listAddress(project.id, { folder: state.to, by: 'name', descending: false, filter: '', page: 1 }),
      canMove: source === 'own' || person.kind === 'account',
      retentionDays: this.config.settings.RETENTION_DAYS,
    };
  }

  private list(project: Project, { source, list }: InboxState, from: number): Promise<SortedListing> {
    const { folder, by, descending, filter } = list;
    return this.inbox.list(project, source, folder, { by, descending, filter, from, limit: PER_PAGE });
  }
}

function tabs(projectId: string, state: InboxState, places: readonly InboxPlace[]): InboxPage['tabs'] {
  if (places.length < 2) return [];
  return places.map(({ source }) => ({
    label: text(source === 'own' ? 'inbox.own' : 'inbox.shared'),
    href: inboxAddress(projectId, { source, list: { ...state.list, folder: [], filter: '', page: 1 }, to: state.to }),
    isCurrent: source === state.source,
  }));
}

function rowOf(entry: Entry, folder: EntryPath, into: (path: EntryPath) => string): InboxRow {
  const name = showEntryName(entry.name);
  const isOrdinary = entry.kind === 'file' || entry.kind === 'folder';
  return {
    id: entryId(entry.name),
    name,
    address: formatEntryName(entry.name),
    href: entry.kind === 'folder' ? into([...folder, entry.name]) : null,
    isFolder: entry.kind === 'folder',
    isFile: entry.kind === 'file',
    ...kindAndIcon(entry, name),
    size: entry.size,
    changedMs: Math.round(entry.mtimeMs),
    note: isOrdinary ? '' : text(entry.kind === 'link' ? 'projects.linkHint' : 'projects.specialHint'),
    canChoose: isOrdinary,
  };
}
