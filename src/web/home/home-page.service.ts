import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import type { BrokenPipeline } from '../../common/pipelines/manifest';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueFiguresRepository } from '../../common/queue/queue-figures.repository';
import { isHeld } from '../../common/queue/run-state';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { QueuePage } from '../queue/queue-page.service';
import type { RunRow } from '../queue/run-row';
import { Assets, type Picture } from '../views/assets';

const LATEST_RUNS = 8;
const LATEST_PROJECTS = 6;

/** A pipeline in the list of what can be run here. */
interface PipelineRow {
  id: string;
  title: string;
  summary: string;
  takes: string;
  gives: string;
  icon: string;
  /** Seconds that it usually takes; null when nobody has run it lately. */
  usually: number | null;
}

/** What can be run here, and how busy it is. */
interface OfferView {
  pipelines: PipelineRow[];
  /** Whether the time of any of them is known. */
  hasTimes: boolean;
  activity: { runners: number; waiting: number };
}

export interface NewcomerView extends OfferView {
  /** A result of a pipeline, drawn by the build; the page is complete without it. */
  picture: Picture | null;
  guests: { days: number } | null;
  hasSample: boolean;
}

/** The one thing that the dashboard proposes. */
type Next = { kind: 'createProject' } | { kind: 'watch' | 'look'; run: RunRow } | { kind: 'run'; project: { id: string; name: string } };

export interface DashboardView extends OfferView {
  next: Next;
  runs: RunRow[];
  projects: { id: string; name: string; changedMs: number }[];
  /** More than are listed. */
  hasMoreProjects: boolean;
  /** Project in which the links of the pipelines begin a run: the one that was worked on last. */
  runIn: string | null;
  /** For administrators. */
  broken: BrokenPipeline[];
}

/** What the home page says: to somebody who is new here, and to somebody who has work here. */
@Injectable()
export class HomePage {
  private readonly assets: Assets;

  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly figures: QueueFiguresRepository,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly queue: QueuePage,
    private readonly config: AppConfig,
  ) {
    this.assets = new Assets(join(config.home, 'dist', 'public'));
  }

  async forNewcomers(): Promise<NewcomerView> {
    const { ALLOW_GUESTS, GUEST_DAYS, SAMPLE_PROJECT } = this.config.settings;
    return {
      ...(await this.offer()),
      picture: this.assets.picture,
      guests: ALLOW_GUESTS ? { days: GUEST_DAYS } : null,
      hasSample: SAMPLE_PROJECT,
    };
  }

  async dashboard(person: User): Promise<DashboardView> {
    const { projects, total } = await this.projects.pageByOwner(person.id, 0, LATEST_PROJECTS);
    const runs = await this.latestRuns(person);
    return {
      next: nextStep(runs, projects),
      runs,
      projects: projects.map(({ id, name, changedMs }) => ({ id, name, changedMs })),
      hasMoreProjects: total > projects.length,
      ...(await this.offer()),
      runIn: projects[0]?.id ?? null,
      broken: person.isAdmin ? await this.catalogue.broken() : [],
    };
  }

  private async latestRuns(person: User): Promise<RunRow[]> {
    const live = await this.runs.liveOfOwner(person.id);
    const { runs: ended } = await this.runs.listFinished({ ownerId: person.id, limit: LATEST_RUNS });
    const latest = [...live, ...ended].sort((left, right) => right.id - left.id).slice(0, LATEST_RUNS);
    return this.queue.rowsOf(person, latest);
  }

  private async offer(): Promise<OfferView> {
    const pipelines = await this.pipelineRows();
    return { pipelines, hasTimes: pipelines.some(({ usually }) => usually !== null), activity: await this.activity() };
  }

  private async pipelineRows(): Promise<PipelineRow[]> {
    const pipelines = await this.catalogue.list();
    return Promise.all(
      pipelines.map(async ({ manifest: { id, title, summary, takes, gives, icon } }) => {
        const usually = await this.figures.typicalSeconds(id);
        return { id, title, summary, takes, gives, icon, usually };
      }),
    );
  }

  private async activity(): Promise<{ runners: number; waiting: number }> {
    const alive = await this.figures.aliveRunners(this.config.settings.RUNNER_STALE);
    return { runners: alive.length, waiting: await this.queue.countWaiting() };
  }
}

function nextStep(runs: readonly RunRow[], projects: readonly { id: string; name: string }[]): Next {
  const [project] = projects;
  if (!project) return { kind: 'createProject' };
  const [newest] = runs;
  if (!newest) return { kind: 'run', project: { id: project.id, name: project.name } };
  const going = runs.find((run) => run.state === 'running') ?? runs.find((run) => isHeld(run.state));
  return { kind: going || newest.finishedMs === null ? 'watch' : 'look', run: going ?? newest };
}
