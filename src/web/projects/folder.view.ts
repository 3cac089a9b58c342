import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { ProjectFiles } from '../../common/files/project-files';
import type { Entry, SafeDirectory } from '../../common/files/safe-directory';
import { text, type TextKey } from '../../locales/text';
import { fileTypeOf, type FileKind } from '../show/file-type';
import { pagesOf, type Pages } from './pages';

/** One line of the list of files. */
export interface EntryRow {
  /** For people. */
  name: string;
  /** Address of the name in its folder. */
  address: string;
  /** Address of the whole path in the project. */
  path: string;
  isFolder: boolean;
  isFile: boolean;
  /** Whether a browser may show it in place. */
  opensInPlace: boolean;
  kind: string;
  icon: string;
  size: number;
  changedMs: number;
  /** A few words under the name; '' for most. */
  note: string;
  /** Number of the run whose results the folder holds. */
  runId: number | null;
}

export interface Crumb {
  name: string;
  path: string;
}

export interface FolderView {
  /** Address of the folder; '' is the project itself. */
  path: string;
  name: string;
  /** The folders above and the folder itself. */
  crumbs: Crumb[];
  rows: EntryRow[];
  total: number;
  complete: boolean;
  pages: Pages;
  /** Inside the results of runs nothing is uploaded. */
  isInResults: boolean;
}

const PER_PAGE = 200;
const KINDS: Record<FileKind, TextKey> = {
  image: 'projects.kindImage',
  scan: 'projects.kindImage',
  table: 'projects.kindTable',
  text: 'projects.kindText',
  other: 'projects.kindFile',
};

/** One page of a folder of a project. @throws NotFoundError when the folder is not there. */
export async function folderView(files: ProjectFiles, directory: SafeDirectory, folder: EntryPath, page: number): Promise<FolderView> {
  const isInResults = files.isInResults(folder);
  let pages = pagesOf(page, PER_PAGE, Number.MAX_SAFE_INTEGER);
  let listing = await directory.list(folder, { limit: PER_PAGE, from: pages.from });
  pages = pagesOf(page, PER_PAGE, listing.total);
  if (listing.entries.length === 0 && listing.total > 0) listing = await directory.list(folder, { limit: PER_PAGE, from: pages.from });
  const { entries, total, complete } = listing;
  return {
    path: formatEntryPath(folder),
    name: folder.map(showEntryName).join('/'),
    crumbs: folder.map((name, index) => ({ name: showEntryName(name), path: formatEntryPath(folder.slice(0, index + 1)) })),
    rows: entries.map((entry) => entryRow(files, folder, entry)),
    total,
    complete,
    pages,
    isInResults,
  };
}

function entryRow(files: ProjectFiles, folder: EntryPath, entry: Entry): EntryRow {
  const name = showEntryName(entry.name);
  const path = [...folder, entry.name];
  const isFile = entry.kind === 'file';
  return {
    name,
    address: formatEntryName(entry.name),
    path: formatEntryPath(path),
    isFolder: entry.kind === 'folder',
    isFile,
    opensInPlace: isFile && fileTypeOf(name).inline !== null,
    ...kindAndIcon(entry, name),
    size: entry.size,
    changedMs: Math.round(entry.mtimeMs),
    ...resultsNote(files, path, entry),
  };
}

function kindAndIcon(entry: Entry, name: string): Pick<EntryRow, 'kind' | 'icon'> {
  if (entry.kind === 'folder') return { kind: text('projects.kindFolder'), icon: 'folder' };
  if (entry.kind === 'link') return { kind: text('projects.kindLink'), icon: 'link' };
  if (entry.kind === 'other') return { kind: text('projects.kindOther'), icon: 'alert-triangle' };
  const type = fileTypeOf(name);
  return { kind: text(KINDS[type.kind]), icon: type.icon };
}

function resultsNote(files: ProjectFiles, path: EntryPath, entry: Entry): Pick<EntryRow, 'note' | 'runId'> {
  if (entry.kind === 'link') return { note: text('projects.linkHint'), runId: null };
  if (entry.kind === 'other') return { note: text('projects.specialHint'), runId: null };
  if (entry.kind !== 'folder' || !files.isInResults(path) || path.length > 2) return { note: '', runId: null };
  if (path.length === 1) return { note: text('projects.resultsFolder'), runId: null };
  const number = /^[1-9]\d{0,8}$/.exec(entry.name.toString())?.[0];
  return number === undefined ? { note: '', runId: null } : { note: text('projects.resultsOfRun', { run: number }), runId: Number(number) };
}
