import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { parseEntryPath, showEntryName } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import type { Deletion } from '../../common/trash/deletion.entity';
import { Trash } from '../../common/trash/trash';
import { TrashRepository, type TrashOrder } from '../../common/trash/trash.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Policy } from '../http/access/policy';
import { pagesOf, type Pages } from '../projects/pages';

/** One time that somebody deleted something. */
interface DeletionRow {
  id: string;
  /** "a.tif", or "a.tif and 3 more". */
  what: string;
  /** All names, as far as they are kept. */
  names: string;
  /** Where it came from, for people; null for the project itself. */
  folder: string | null;
  /** Address of that folder. */
  folderPath: string;
  deletedMs: number;
  goneMs: number;
  byName: string;
  files: number;
  bytes: number;
  complete: boolean;
}

export interface TrashPage {
  title: string;
  project: { id: string; name: string };
  canChange: boolean;
  rows: DeletionRow[];
  total: number;
  /** Of all pages. */
  files: number;
  bytes: number;
  /** Whether all of it was counted. */
  complete: boolean;
  /** `size`: largest first. */
  by: TrashOrder;
  pages: Pages;
  days: number;
}

const PER_PAGE = 50;
const DAY_MS = 86_400_000;

/** The page of what was deleted from a project. */
@Injectable()
export class TrashView {
  constructor(
    private readonly trash: Trash,
    private readonly rows: TrashRepository,
    private readonly policy: Policy,
    private readonly config: AppConfig,
  ) {}

  async of(project: Project, reader: User, page: number, by: TrashOrder): Promise<TrashPage> {
    const { deletions: count, files, bytes, complete } = await this.rows.sumsOf(project.id);
    const pages = pagesOf(page, PER_PAGE, count);
    const { deletions, total } = await this.trash.list(project, { from: pages.from, most: PER_PAGE, by });
    const days = this.config.settings.TRASH_DAYS;
    return {
      title: text('browse.trashTitle', { name: project.name }),
      project: { id: project.id, name: project.name },
      canChange: this.policy.allows('projectOwner', { person: reader, project }),
      rows: deletions.map((deletion) => toRow(deletion, days)),
      total,
      files,
      bytes,
      complete,
      by,
      pages,
      days,
    };
  }
}

function toRow({ id, names, entries, folder, deletedMs, byName, files, bytes, complete }: Deletion, days: number): DeletionRow {
  const first = names[0] ?? '';
  const shown = parseEntryPath(folder).map(showEntryName).join('/');
  return {
    id,
    what: entries > 1 ? text('browse.andMore', { name: first, count: entries - 1 }) : first,
    names: names.join(', ') + (entries > names.length ? ' …' : ''),
    folder: shown === '' ? null : shown,
    folderPath: folder,
    deletedMs,
    goneMs: deletedMs + days * DAY_MS,
    byName,
    files,
    bytes,
    complete,
  };
}
