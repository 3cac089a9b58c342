import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Entry, SortedListing } from '../../common/files/safe-directory';
import { FolderIndexes, type OrderBy } from '../../common/files/threads/folder-indexes';
import { InboxLinks, type LinkState } from '../../common/inbox/inbox-links';
import type { Project } from '../../common/projects/project.entity';
import { TrashRepository } from '../../common/trash/trash.repository';
import { text, type TextKey } from '../../locales/text';
import { fileTypeOf, isPdf, isZip, type FileKind } from '../show/file-type';
import { address } from '../views/helpers';
import { listAddress, listQuery, type ListQuery, type ListState } from './list-state';
import { pagesOf, type Pages } from './pages';

/** One line of the list of files. */
export interface EntryRow {
  /** Of the line in its page. */
  id: string;
  /** For people. */
  name: string;
  /** Address of the name in its folder. */
  address: string;
  /** Where a click on the name leads, below the base path; null for what is never opened. */
  href: string | null;
  /** Addresses of small pictures, below the base path; null where there are none. */
  thumbnails: { list: string; grid: string } | null;
  /** Address of the whole path in the project. */
  path: string;
  isFolder: boolean;
  isFile: boolean;
  /** Whether it can be unpacked here. */
  canUnpack: boolean;
  kind: string;
  icon: string;
  size: number;
  changedMs: number;
  /** A few words under the name; '' for most. */
  note: string;
  /** Number of the run whose results the folder holds. */
  runId: number | null;
  /** The results of runs keep their names and places. */
  canMove: boolean;
  canDelete: boolean;
  /** Somebody comes from it, or has just changed it. */
  isAt: boolean;
  /** The file of the inbox that it stands for; null for what is no link. */
  link: LinkView | null;
}

/** What is at the end of a link. */
export interface LinkView {
  /** For people. */
  target: string;
  size: number;
  state: LinkState['state'];
}

export interface Crumb {
  name: string;
  /** Address of the folder in the project. */
  path: string;
}

/** The head of a column that sorts. */
export interface SortColumn {
  by: OrderBy;
  label: string;
  href: string;
  /** As `aria-sort`; null where the list is not sorted by it. */
  sorted: 'ascending' | 'descending' | null;
  isNumber: boolean;
}

export interface FolderView {
  /** Address of the folder; '' is the project itself. */
  path: string;
  name: string;
  /** The folders above and the folder itself. */
  crumbs: Crumb[];
  /** Where one comes from; null in the project itself. */
  upHref: string | null;
  rows: EntryRow[];
  /** Entries that pass the filter. */
  matching: number;
  total: number;
  complete: boolean;
  pages: Pages;
  previousHref: string | null;
  nextHref: string | null;
  columns: SortColumn[];
  filter: string;
  /** This list without a filter. */
  unfilteredHref: string;
  /** What forms send back, to come here again. */
  state: ListQuery;
  /** Inside the results of runs nothing is uploaded, made or renamed. */
  isInResults: boolean;
  /** Deletions of the project that can be brought back. */
  trashCount: number;
}

const PER_PAGE = 100;
const KINDS: Record<FileKind, TextKey> = {
  image: 'projects.kindImage',
  scan: 'projects.kindImage',
  drawing: 'projects.kindImage',
  plot: 'projects.kindPlot',
  page: 'projects.kindPage',
  table: 'projects.kindTable',
  text: 'projects.kindText',
  other: 'projects.kindFile',
};
const COLUMNS: Record<OrderBy, { label: TextKey; descendsFirst: boolean }> = {
  name: { label: 'projects.columnName', descendsFirst: false },
  size: { label: 'projects.columnSize', descendsFirst: true },
  date: { label: 'projects.columnChanged', descendsFirst: true },
};

/** One page of a folder of a project. */
@Injectable()
export class FolderListing {
  constructor(
    private readonly files: ProjectFiles,
    private readonly indexes: FolderIndexes,
    private readonly trash: TrashRepository,
    private readonly links: InboxLinks,
  ) {}

  /** @param at address of the name of the entry that somebody comes from, or has just changed. @throws NotFoundError when the folder is not there. */
  async of(project: Project, state: ListState, at = ''): Promise<FolderView> {
    const { folder } = state;
    let pages = pagesOf(state.page, PER_PAGE, Number.MAX_SAFE_INTEGER);
    let listing = await this.list(project, state, pages.from);
    pages = pagesOf(state.page, PER_PAGE, listing.matching);
    if (listing.entries.length === 0 && listing.matching > 0) listing = await this.list(project, state, pages.from);
    const { entries, matching, total, complete } = listing;
    const links = await this.linksAmong(project, folder, entries);
    const to = (change: Partial<ListState>) => listAddress(project.id, { ...state, ...change });
    return {
      path: formatEntryPath(folder),
      name: folder.map(showEntryName).join('/'),
      crumbs: folder.map((name, index) => ({ name: showEntryName(name), path: formatEntryPath(folder.slice(0, index + 1)) })),
      upHref: folder.length === 0 ? null : to({ folder: folder.slice(0, -1), filter: '', page: 1 }),
      rows: entries.map((entry) => withLink(project.id, this.row(project, state, entry, at), links)),
      matching,
      total,
      complete,
      pages,
      previousHref: pages.previous === null ? null : to({ page: pages.previous }),
      nextHref: pages.next === null ? null : to({ page: pages.next }),
      columns: sortColumns(state, to),
      filter: state.filter,
      unfilteredHref: to({ filter: '', page: 1 }),
      state: listQuery({ ...state, page: pages.page }),
      isInResults: this.files.isInResults(folder),
      trashCount: await this.trash.countOf(project.id),
    };
  }

  private list(project: Project, { folder, by, descending, filter }: ListState, from: number): Promise<SortedListing> {
    return this.files.of(project).listSorted(folder, this.indexes, { by, descending, filter, from, limit: PER_PAGE });
  }

  private linksAmong(project: Project, folder: EntryPath, entries: readonly Entry[]): Promise<Map<string, LinkState>> {
    const files = entries.filter(({ kind }) => kind === 'file').map(({ name, size }) => ({ path: [...folder, name], size }));
    return this.links.among(project, this.files.of(project), files);
  }

  private row(project: Project, state: ListState, entry: Entry, at: string): EntryRow {
    const name = showEntryName(entry.name);
    const path = [...state.folder, entry.name];
    const isInResults = this.files.isInResults(path);
    const written = formatEntryName(entry.name);
    return {
      id: entryId(entry.name),
      name,
      address: written,
      href: hrefOf(project.id, state, entry, path),
      thumbnails: thumbnailsOf(project.id, entry, path, name),
      path: formatEntryPath(path),
      isFolder: entry.kind === 'folder',
      isFile: entry.kind === 'file',
      canUnpack: entry.kind === 'file' && !isInResults && isZip(name),
      ...kindAndIcon(entry, name),
      size: entry.size,
      changedMs: Math.round(entry.mtimeMs),
      ...this.resultsNote(path, entry),
      canMove: !isInResults,
      canDelete: !isInResults || path.length > 1,
      isAt: at === written,
      link: null,
    };
  }

  private resultsNote(path: EntryPath, entry: Entry): Pick<EntryRow, 'note' | 'runId'> {
    if (entry.kind === 'link') return { note: text('projects.linkHint'), runId: null };
    if (entry.kind === 'other') return { note: text('projects.specialHint'), runId: null };
    if (entry.kind !== 'folder' || !this.files.isInResults(path) || path.length > 2) return { note: '', runId: null };
    if (path.length === 1) return { note: text('projects.resultsFolder'), runId: null };
    const number = /^[1-9]\d{0,8}$/.exec(entry.name.toString())?.[0];
    return number === undefined
      ? { note: '', runId: null }
      : { note: text('projects.resultsOfRun', { run: number }), runId: Number(number) };
  }
}

function withLink(projectId: string, row: EntryRow, links: ReadonlyMap<string, LinkState>): EntryRow {
  const link = links.get(row.path);
  if (!link) return row;
  // The picture of a file that was changed has another address.
  const version = `${link.size.toString(36)}-${row.changedMs.toString(36)}-${link.state}`;
  const thumbnails = row.thumbnails && link.state !== 'gone' ? picturesAt(projectId, row.path, version) : null;
  return { ...row, link: linkView(link), kind: text('inbox.kindLink'), icon: 'link', thumbnails, canUnpack: false, size: link.size };
}

export function linkView({ target, size, state, source }: LinkState): LinkView {
  const name = target.map(showEntryName).join('/');
  return { target: text(source === 'own' ? 'inbox.inOwn' : 'inbox.inShared', { name }), size, state };
}

/** Of the line of an entry in its page. */
export function entryId(name: Buffer): string {
  return `entry-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

function hrefOf(projectId: string, state: ListState, entry: Entry, path: EntryPath): string | null {
  if (entry.kind === 'folder') return listAddress(projectId, { ...state, folder: path, filter: '', page: 1 });
  if (entry.kind !== 'file') return null;
  const { path: _folder, page: _page, ...order } = listQuery(state);
  return address('/projects', [projectId, 'view', formatEntryPath(path)], order);
}

/** The version of the file stands in the address, so that a browser may keep the picture. */
function thumbnailsOf(projectId: string, entry: Entry, path: EntryPath, name: string): EntryRow['thumbnails'] {
  const { kind } = fileTypeOf(name);
  if (entry.kind !== 'file' || entry.size === 0 || (kind !== 'image' && kind !== 'scan')) return null;
  return picturesAt(projectId, formatEntryPath(path), `${entry.size.toString(36)}-${Math.round(entry.mtimeMs).toString(36)}`);
}

/** @param path address in the project. @param version of the file, so that a browser may keep the pictures. */
function picturesAt(projectId: string, path: string, version: string): { list: string; grid: string } {
  const of = (size: string) => address('/projects', [projectId, 'thumbnails', path], { size, v: version });
  return { list: of('list'), grid: of('grid') };
}

/** @param to the address of the list in another state. */
export function sortColumns(state: ListState, to: (change: Partial<ListState>) => string): SortColumn[] {
  return (Object.keys(COLUMNS) as OrderBy[]).map((by) => {
    const { label, descendsFirst } = COLUMNS[by];
    const isSorted = state.by === by;
    return {
      by,
      label: text(label),
      href: to({ by, descending: isSorted ? !state.descending : descendsFirst, page: 1 }),
      sorted: isSorted ? (state.descending ? 'descending' : 'ascending') : null,
      isNumber: by !== 'name',
    };
  });
}

export function kindAndIcon(entry: Entry, name: string): Pick<EntryRow, 'kind' | 'icon'> {
  if (entry.kind === 'folder') return { kind: text('projects.kindFolder'), icon: 'folder' };
  if (entry.kind === 'link') return { kind: text('projects.kindLink'), icon: 'link' };
  if (entry.kind === 'other') return { kind: text('projects.kindOther'), icon: 'alert-triangle' };
  if (isPdf(name)) return { kind: text('browse.kindDocument'), icon: 'file-type-pdf' };
  const type = fileTypeOf(name);
  if (isZip(name)) return { kind: text('projects.kindArchive'), icon: type.icon };
  return { kind: text(KINDS[type.kind]), icon: type.icon };
}
