import { Injectable } from '@nestjs/common';
import { ProjectContents } from '../../common/files/project-contents';
import type { Amount } from '../../common/files/tree-walk';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { Space } from '../../common/space/space';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { SpaceAlarms, type SpaceAlarm } from '../space/space-alarms';
import { meterView, type SpaceMeterView } from '../space/space-meter.view';
import { pagesOf, type Pages } from './pages';
import { ProjectCovers } from './project-covers';
import { SharedProjects, type SharedFew } from './shared-projects';
import { chosenProjects, type ProjectListQuery } from './project-list-query';

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
  /** Address of a picture of its latest result, below the base path; null for none. */
  cover: string | null;
}

export interface ProjectList {
  title: string;
  cards: ProjectCard[];
  /** The latest of those of others. */
  shared: SharedFew;
  /** Whether any of these has one: else nobody misses them, and cards are low. */
  hasCovers: boolean;
  /** Of those that were asked for. */
  total: number;
  /** Of all. */
  all: number;
  /** What was asked for. */
  filter: ProjectListQuery & { isSet: boolean };
  /** Whether there are so many that one looks for one. */
  hasFilter: boolean;
  pages: Pages;
  /** Null where there is nothing to say. */
  space: SpaceMeterView | null;
  /** Null where there is room. */
  spaceAlarm: SpaceAlarm | null;
  /** What was entered in the form. */
  name: string;
}

const PER_PAGE = 60;
/** So many are seen at a glance. */
const FEW = 8;
const ALL: ProjectListQuery = { words: '', order: 'changed', page: 1 };

/** How full somebody's own space is. */
@Injectable()
export class OwnSpace {
  constructor(
    private readonly space: Space,
    private readonly alarms: SpaceAlarms,
  ) {}

  async of(ownerId: string): Promise<Pick<ProjectList, 'space' | 'spaceAlarm'>> {
    const use = await this.space.useFor(ownerId);
    const space = meterView(use, await this.space.lastDetailsOf(ownerId));
    return { space, spaceAlarm: await this.alarms.of({ id: ownerId }, ownerId, use) };
  }
}

/** The page of all projects of a person. */
@Injectable()
export class ProjectListView {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly runs: ProjectRunsRepository,
    private readonly contents: ProjectContents,
    private readonly covers: ProjectCovers,
    private readonly room: OwnSpace,
    private readonly shared: SharedProjects,
  ) {}

  /** @param query a page out of range counts as the nearest. @param enteredName shown again when it was refused. */
  async of(person: User, query: ProjectListQuery = ALL, enteredName = ''): Promise<ProjectList> {
    const everything = await this.projects.findByOwner(person.id);
    const chosen = chosenProjects(everything, query);
    const pages = pagesOf(query.page, PER_PAGE, chosen.length);
    const projects = chosen.slice(pages.from, pages.from + PER_PAGE);
    const covers = await this.covers.of(projects);
    const newest = await this.runs.newestOf(projects.map((project) => project.id));
    const cards = await Promise.all(projects.map((project) => this.card(project, newest.get(project.id), covers.get(project.id))));
    const room = await this.room.of(person.id);
    const filter = { ...query, isSet: query.words !== '' };
    const [total, all] = [chosen.length, everything.length];
    const hasFilter = all > FEW || filter.isSet;
    const hasCovers = covers.size > 0;
    return {
      title: text('projects.title'),
      cards,
      hasCovers,
      total,
      all,
      filter,
      hasFilter,
      pages,
      ...room,
      name: enteredName,
      shared: await this.shared.latest(person, FEW),
    };
  }

  private async card(project: Project, run: Run | undefined, cover: string | undefined): Promise<ProjectCard> {
    const { id, name, changedMs } = project;
    return { id, name, changedMs, amount: await this.contents.amountOf(project), run: run ? latestRun(run) : null, cover: cover ?? null };
  }
}

function latestRun(run: Run): LatestRun {
  return { state: run.state, pipelineTitle: titleInReadersWords(run), atMs: run.finishedMs ?? run.startedMs ?? run.requestedMs };
}
