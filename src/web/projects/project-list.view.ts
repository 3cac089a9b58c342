import { Injectable } from '@nestjs/common';
import { ProjectContents } from '../../common/files/project-contents';
import type { Amount } from '../../common/files/tree-walk';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { Space } from '../../common/space/space';
import { text } from '../../locales/text';
import { meterView, type SpaceMeterView } from '../space/space-meter.view';
import { pagesOf, type Pages } from './pages';

/** The newest run of a project in one line. */
interface LatestRun {
  state: RunState;
  pipelineTitle: string;
  /** When it reached this state, as far as that is known; milliseconds since 1970. */
  atMs: number;
}

export interface ProjectCard {
  id: string;
  name: string;
  changedMs: number;
  /** Null while it is being measured. */
  amount: Amount | null;
  run: LatestRun | null;
}

export interface ProjectList {
  title: string;
  cards: ProjectCard[];
  total: number;
  pages: Pages;
  /** Null where there is nothing to say. */
  space: SpaceMeterView | null;
  /** What was entered in the form. */
  name: string;
}

const PER_PAGE = 60;

/** The page of all projects of a person. */
@Injectable()
export class ProjectListView {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly runs: ProjectRunsRepository,
    private readonly contents: ProjectContents,
    private readonly space: Space,
  ) {}

  /** @param page from 1; out of range counts as the nearest. @param enteredName shown again when it was refused. */
  async of(ownerId: string, page: number, enteredName = ''): Promise<ProjectList> {
    const pages = pagesOf(page, PER_PAGE, await this.projects.countByOwner(ownerId));
    const { projects, total } = await this.projects.pageByOwner(ownerId, pages.from, PER_PAGE);
    const newest = await this.runs.newestOf(projects.map((project) => project.id));
    const cards = await Promise.all(projects.map((project) => this.card(project, newest.get(project.id))));
    const meter = meterView(await this.space.useFor(ownerId), await this.space.lastDetailsOf(ownerId));
    return { title: text('projects.title'), cards, total, pages, space: meter, name: enteredName };
  }

  private async card(project: Project, run: Run | undefined): Promise<ProjectCard> {
    const { id, name, changedMs } = project;
    return { id, name, changedMs, amount: await this.contents.amountOf(project), run: run ? latestRun(run) : null };
  }
}

function latestRun(run: Run): LatestRun {
  return { state: run.state, pipelineTitle: run.pipelineTitle, atMs: run.finishedMs ?? run.startedMs ?? run.requestedMs };
}
