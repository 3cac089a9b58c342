import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { FileUses } from '../../common/files/file-uses';
import { ProjectFiles } from '../../common/files/project-files';
import { FolderIndexes } from '../../common/files/threads/folder-indexes';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { FileChecksums, type ChecksumView } from '../checksums/file-checksums';
import { Policy } from '../http/access/policy';
import type { Crumb, LinkView } from '../projects/folder.view';
import { listAddress, listQuery, type ListQuery, type ListState } from '../projects/list-state';
import { fileTypeOf, isZip } from '../show/file-type';
import { address } from '../views/helpers';
import { FilePreviews, type Preview } from './file-previews';

interface Neighbour {
  name: string;
  href: string;
}

export interface FilePage extends Preview {
  title: string;
  project: { id: string; name: string };
  crumbs: Crumb[];
  canChange: boolean;
  /** The results of runs keep their names and places. */
  canMove: boolean;
  canUnpack: boolean;
  name: string;
  /** Address of the name in its folder, and of the whole path in the project. */
  address: string;
  path: string;
  icon: string;
  ending: string;
  size: number;
  changedMs: number;
  downloadHref: string;
  /** Where a browser shows the file itself; null where it never does. */
  originalHref: string | null;
  backHref: string;
  state: ListQuery;
  previous: Neighbour | null;
  next: Neighbour | null;
  /** Runs that are not over and need the file. */
  neededBy: number[];
  checksum: ChecksumView;
  /** The file of the inbox that it stands for; null for what is no link. */
  link: LinkView | null;
  /** The latest runs that have read it. */
  readBy: number[];
}

const RUNS_LOOKED_AT = 200;
const MOST_READERS = 8;

/** The page of one file: what is in it, what is known of it, and the files before and after it. */
@Injectable()
export class FileView {
  constructor(
    private readonly files: ProjectFiles,
    private readonly indexes: FolderIndexes,
    private readonly uses: FileUses,
    private readonly policy: Policy,
    private readonly checksums: FileChecksums,
    private readonly previews: FilePreviews,
  ) {}

  /**
   * @param order of the list from which somebody comes. @param expected what the checksum is to be compared with.
   * @throws NotFoundError when there is no such file.
   */
  async of(project: Project, reader: User, path: EntryPath, order: ListState, expected: unknown = ''): Promise<FilePage> {
    const state = { ...order, folder: path.slice(0, -1) };
    const entry = await this.files.of(project).stat(path);
    const name = showEntryName(path.at(-1)!);
    if (entry.kind !== 'file') throw new NotFoundError('files.notRegular', { name });
    const [{ preview, link }, uses, readers, neighbours, checksum] = await Promise.all([
      this.previews.of(project, path, entry),
      this.uses.usesOf(project, [path]),
      this.uses.readersOf(project, path, RUNS_LOOKED_AT),
      this.files.of(project).neighbours(path, this.indexes, state),
      this.checksums.of(project, path, expected),
    ]);
    const neededBy = uses.map((use) => use.runId);
    const written = formatEntryPath(path);
    return {
      ...preview,
      title: name,
      project: { id: project.id, name: project.name },
      crumbs: state.folder.map((name, index) => ({ name: showEntryName(name), path: formatEntryPath(path.slice(0, index + 1)) })),
      canChange: this.policy.allows('projectOwner', { person: reader, project }),
      canMove: !this.files.isInResults(path),
      canUnpack: !link && isZip(name) && !this.files.isInResults(path),
      name,
      address: formatEntryName(path.at(-1)!),
      path: written,
      icon: link ? 'link' : fileTypeOf(name).icon,
      ending: endingOf(name),
      size: link?.size ?? entry.size,
      link,
      changedMs: Math.round(entry.mtimeMs),
      downloadHref: address('/projects', [project.id, 'files', written]),
      originalHref:
        link?.state === 'gone' || fileTypeOf(name).inline === null
          ? preview.pdf
          : address('/projects', [project.id, 'files', written], { view: '1' }),
      backHref: listAddress(project.id, state, { at: formatEntryName(path.at(-1)!) }),
      state: listQuery(state),
      previous: neighbour(project, state, neighbours.previous),
      next: neighbour(project, state, neighbours.next),
      neededBy,
      checksum,
      readBy: readers.filter((id) => !neededBy.includes(id)).slice(0, MOST_READERS),
    };
  }
}

function neighbour(project: Project, state: ListState, name: Buffer | null): Neighbour | null {
  if (!name) return null;
  const { path: _folder, page: _page, ...order } = listQuery(state);
  const path = formatEntryPath([...state.folder, name]);
  return { name: showEntryName(name), href: address('/projects', [project.id, 'view', path], order) };
}

/** '' for names without one. */
function endingOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 && name.length - dot <= 12 ? name.slice(dot + 1).toUpperCase() : '';
}
