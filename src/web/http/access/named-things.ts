import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { NotFoundError } from '../../../common/errors';
import { Memberships } from '../../../common/members/memberships';
import type { ProjectRole } from '../../../common/members/project-member.entity';
import type { Project } from '../../../common/projects/project.entity';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import type { Run } from '../../../common/queue/run.entity';
import { RunsRepository } from '../../../common/queue/runs.repository';
import { isUuid, runNumberIn } from '../ids';

/** What a request is about. */
export interface NamedThings {
  run: Run | null;
  project: Project | null;
  /** What its owner lets the asker do in the project; null for nobody, and for the owner. */
  role: ProjectRole | null;
}

/** Loads what a route names by `:project` and `:run`. */
@Injectable()
export class ThingsOfRoutes {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly runs: RunsRepository,
    private readonly memberships: Memberships,
  ) {}

  /** @throws NotFoundError for what is not there. */
  async of(request: Request): Promise<NamedThings> {
    const run = await this.loadRun(request);
    const project = await this.loadProject(request, run);
    return { run, project, role: await this.memberships.roleOf(request.user, project) };
  }

  private async loadRun(request: Request): Promise<Run | null> {
    const number = request.params['run'];
    if (number === undefined) return null;
    const id = runNumberIn(number);
    const run = id === null ? null : await this.runs.find(id);
    if (!run) throw new NotFoundError('errors.noSuchRun', { number: String(number).slice(0, 12) });
    return run;
  }

  /** A route with both names one run of that project: any other pair is not there. */
  private async loadProject(request: Request, run: Run | null): Promise<Project | null> {
    const named = request.params['project'];
    const id = named === undefined ? run?.projectId : String(named);
    if (id === undefined) return null;
    const project = isUuid(id) && (!run || run.projectId === id) ? await this.projects.findById(id) : null;
    if (!project && named !== undefined) throw new NotFoundError('errors.noSuchProject');
    return project;
  }
}
