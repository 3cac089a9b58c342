import { Injectable } from '@nestjs/common';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Entry } from '../../common/files/safe-directory';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import type { RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { address } from '../views/helpers';
import { pagesOf, type Pages } from '../projects/pages';
import { summariseParameters } from '../queue/parameter-summary';
import { QueueListsRepository } from '../queue/queue-lists.repository';
import { fileTypeOf } from '../show/file-type';
import { FirstDeletion } from './first-deletion';

/** What `views/shares/project.hbs` shows. */
export interface SharedProjectView {
  title: string;
  project: { id: string; name: string };
  /** Names and addresses of the folders on the way; none in the project itself. */
  crumbs: { name: string; href: string }[];
  entries: SharedEntry[];
  pages: Pages;
  previousHref: string | null;
  nextHref: string | null;
  /** Shown in the project itself only. */
  runs: SharedRun[] | null;
  /** Addresses of the page with newer runs, and of the one with older ones; null where there are none. */
  newerHref: string | null;
  olderHref: string | null;
  /** All of the folder as one archive. */
  zipHref: string | null;
  /** Until when the link opens; null for those who may read the project anyway. */
  sharedUntilMs: number | null;
  /** When the first results go before that; null elsewhere. */
  firstGoMs: number | null;
}

interface SharedRun {
  id: number;
  title: string;
  /** What it was asked for with, in short and in full; '' for nothing. */
  values: string;
  allValues: string;
  state: RunState;
  atMs: number;
}

interface SharedEntry {
  name: string;
  /** Null for what is never opened. */
  href: string | null;
  /** Of the page that shows an image closely; null for all else. */
  viewerHref: string | null;
  icon: string;
  isFile: boolean;
  size: number;
  changedMs: number;
}

/** Where in it somebody is. */
export interface SharedPlace {
  folder: EntryPath;
  /** Of its files, from 1. */
  page: number;
  /** Of its runs, from 1. */
  runsPage: number;
}

const PER_PAGE = 100;
const MOST_RUNS = 50;

/** A project as whoever has a link to it sees it: its files and runs, and nothing that changes anything. */
@Injectable()
export class SharedProject {
  constructor(
    private readonly files: ProjectFiles,
    private readonly runs: RunsRepository,
    private readonly lists: QueueListsRepository,
    private readonly firstDeletion: FirstDeletion,
  ) {}

  /** @throws NotFoundError when the folder is not there. */
  async of(project: Project, { folder, page, runsPage }: SharedPlace, sharedUntilMs: number | null): Promise<SharedProjectView> {
    const directory = this.files.of(project);
    const isTop = folder.length === 0;
    let pages = pagesOf(page, PER_PAGE, Number.MAX_SAFE_INTEGER);
    const { entries, total } = await directory.list(folder, { from: pages.from, limit: PER_PAGE });
    pages = pagesOf(page, PER_PAGE, total);
    const runs = isTop ? await this.runs.byProject(project.id, MOST_RUNS + 1, (runsPage - 1) * MOST_RUNS) : [];
    const runsTo = (number: number) => `${address('/projects', [project.id, 'shared'], { runs: number })}#runs-heading`;
    // The results of runs are on the pages of the runs.
    const [results] = this.files.resultsRoot();
    const shown = isTop ? entries.filter(({ name }) => !results || !name.equals(results)) : entries;
    const to = (path: EntryPath, number?: number | null) =>
      address('/projects', [project.id, 'shared'], { path: formatEntryPath(path) || undefined, page: number ?? undefined });
    return {
      title: project.name,
      project: { id: project.id, name: project.name },
      crumbs: folder.map((name, index) => ({ name: showEntryName(name), href: to(folder.slice(0, index + 1)) })),
      entries: shown.map((entry) => entryOf(project.id, [...folder, entry.name], entry, to)),
      pages,
      previousHref: pages.previous === null ? null : to(folder, pages.previous),
      nextHref: pages.next === null ? null : to(folder, pages.next),
      runs: isTop ? await this.runViews(runs.slice(0, MOST_RUNS)) : null,
      newerHref: isTop && runsPage > 1 ? runsTo(runsPage - 1) : null,
      olderHref: runs.length > MOST_RUNS ? runsTo(runsPage + 1) : null,
      zipHref: shown.length > 0 ? address('/projects', [project.id, 'zip'], { path: formatEntryPath(folder) || undefined }) : null,
      sharedUntilMs,
      firstGoMs: sharedUntilMs === null ? null : await this.firstGoMs(project, sharedUntilMs),
    };
  }

  private async firstGoMs(project: Project, untilMs: number): Promise<number | null> {
    const first = await this.firstDeletion.of(project);
    return first && first.atMs < untilMs ? first.atMs : null;
  }

  private async runViews(runs: readonly Run[]): Promise<SharedRun[]> {
    const details = new Map((await this.lists.detailsOf(runs.map(({ id }) => id))).map((one) => [one.runId, one]));
    return runs.map((run) => {
      const known = details.get(run.id);
      const { short, all } = known ? summariseParameters(known) : { short: '', all: '' };
      return {
        id: run.id,
        title: titleInReadersWords(run),
        values: short,
        allValues: all,
        state: run.state,
        atMs: run.finishedMs ?? run.startedMs ?? run.requestedMs,
      };
    });
  }
}

function entryOf(projectId: string, path: EntryPath, { name, kind, size, mtimeMs }: Entry, to: (path: EntryPath) => string): SharedEntry {
  const shown = showEntryName(name);
  const isFile = kind === 'file';
  const type = fileTypeOf(shown);
  const isImage = type.kind === 'image' || type.kind === 'scan';
  const file = isFile ? address('/projects', [projectId, 'files', formatEntryPath(path)]) : null;
  return {
    name: shown,
    href: kind === 'folder' ? to(path) : file,
    viewerHref: isFile && isImage ? address('/projects', [projectId, 'viewer', formatEntryPath(path)]) : null,
    icon: kind === 'folder' ? 'folder' : type.icon,
    isFile,
    size,
    changedMs: mtimeMs,
  };
}
