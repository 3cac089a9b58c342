import { Injectable } from '@nestjs/common';
import { InvalidInputError, NotFoundError } from '../../common/errors';
import { Memberships } from '../../common/members/memberships';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { Policy } from '../http/access/policy';

export const MOST_COMPARED = 6;

/** A run that is compared, and the project that it is of. */
export interface ComparedRun {
  run: Run;
  project: Project | null;
}

/** Finds the runs that somebody wants to compare, as far as they may read them. */
@Injectable()
export class ComparedRuns {
  constructor(
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly policy: Policy,
    private readonly memberships: Memberships,
  ) {}

  /** Those of other projects, too. What the person may not read is left out, as what is not there. */
  async find(person: User, runIds: readonly number[]): Promise<ComparedRun[]> {
    const found = new Map((await this.runs.findByIds(runIds)).map((run) => [run.id, run]));
    const runs = runIds.flatMap((id) => found.get(id) ?? []);
    const ids = [...new Set(runs.map(({ projectId }) => projectId))];
    const projects = new Map(await Promise.all(ids.map(async (id) => [id, await this.projects.findById(id)] as const)));
    const roles = await this.memberships.rolesAmong(
      person,
      [...projects.values()].filter((project) => project !== null),
    );
    return runs
      .map((run) => ({ run, project: projects.get(run.projectId) ?? null }))
      .filter(({ run, project }) => this.policy.allows('runReader', { person, run, project, role: roles.get(run.projectId) ?? null }));
  }

  /**
   * Two of the runs; the first two where none of them is `wanted`.
   * @throws InvalidInputError where fewer are named, NotFoundError where fewer are there.
   */
  async pair(person: User, runIds: readonly number[], wanted: readonly (number | null)[]): Promise<{ all: Run[]; pair: [Run, Run] }> {
    if (runIds.length < 2) throw new InvalidInputError('compare.choose', { most: MOST_COMPARED });
    const all = (await this.find(person, runIds)).map(({ run }) => run);
    const first = all.find(({ id }) => id === wanted[0]) ?? all[0];
    const second = all.find(({ id }) => id === wanted[1] && id !== first?.id) ?? all.find(({ id }) => id !== first?.id);
    if (!first || !second) throw new NotFoundError('errors.notFound');
    return { all, pair: [first, second] };
  }
}
