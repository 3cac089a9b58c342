import { Injectable } from '@nestjs/common';
import type { BrokenPipeline } from '../../common/pipelines/manifest';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { User } from '../../common/users/user.entity';
import { OpenPipelines } from '../http/access/open-pipelines';
import { SharedProjects, type SharedFew } from '../projects/shared-projects';
import { QueuePage } from '../queue/queue-page.service';
import type { RunRow } from '../queue/run-row';
import type { QueueItem } from '../queue/sweep-lines';
import type { Alarm } from '../queue/alarm';
import { LatestRuns } from './latest-runs';
import { NextSteps, type NextStep } from './next-step.service';
import { Offer, type OfferView } from './offer.service';

const LATEST_RUNS = 8;
const LATEST_PROJECTS = 6;

/** What `views/home/dashboard.hbs` shows. */
export interface DashboardView extends OfferView {
  next: NextStep;
  /** The latest runs; those that were asked for together in one line. */
  runs: QueueItem[];
  projects: { id: string; name: string; changedMs: number }[];
  /** The latest of those of others. */
  shared: SharedFew;
  /** More than are listed. */
  hasMoreProjects: boolean;
  /** Project in which the links of the pipelines begin a run: the one that was worked on last. */
  runIn: { id: string; name: string } | null;
  /** What only an administrator can set right, of one's own runs; for administrators of all runs. */
  alarms: Alarm[];
  /** For administrators. */
  broken: BrokenPipeline[];
}

/** What somebody works on: the latest of their own projects, and of those that others share with them. */
@Injectable()
export class LatestProjects {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly shared: SharedProjects,
  ) {}

  async of(person: User): Promise<{ projects: Project[]; total: number; shared: SharedFew }> {
    const shared = await this.shared.latest(person, LATEST_PROJECTS);
    return { ...(await this.projects.pageByOwner(person.id, 0, LATEST_PROJECTS)), shared };
  }
}

/** The home page of somebody who has work here. */
@Injectable()
export class Dashboard {
  constructor(
    private readonly offer: Offer,
    private readonly pipelines: OpenPipelines,
    private readonly projects: LatestProjects,
    private readonly latest: LatestRuns,
    private readonly queue: QueuePage,
    private readonly nextSteps: NextSteps,
  ) {}

  async show(person: User): Promise<DashboardView> {
    const { projects, total, shared } = await this.projects.of(person);
    const { rows, items, alarms, projectOf } = await this.latestRuns(person);
    return {
      ...(await this.offer.view(person)),
      next: await this.nextSteps.of(person, rows, projects, projectOf),
      runs: items,
      alarms,
      projects: projects.map(({ id, name, changedMs }) => ({ id, name, changedMs })),
      shared,
      hasMoreProjects: total > projects.length,
      runIn: projects[0] ?? shared.projects.find(({ role }) => role === 'run') ?? null,
      broken: person.isAdmin ? await this.pipelines.broken(person) : [],
    };
  }

  private async latestRuns(person: User): Promise<{ rows: RunRow[]; items: QueueItem[]; alarms: Alarm[]; projectOf: Map<number, string> }> {
    const latest = await this.latest.of(person.id, LATEST_RUNS);
    const { rows, items, alarms } = await this.queue.showRuns(person, latest);
    return { rows, items: items.slice(0, LATEST_RUNS), alarms, projectOf: new Map(latest.map(({ id, projectId }) => [id, projectId])) };
  }
}
