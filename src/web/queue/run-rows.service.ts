import { Injectable } from '@nestjs/common';
import { Memberships } from '../../common/members/memberships';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import type { WaitingLine } from '../../common/waiting/waiting-line';
import { OpenPipelines } from '../http/access/open-pipelines';
import { Policy } from '../http/access/policy';
import { QueueListsRepository } from './queue-lists.repository';
import { runRow, type RowContext, type RunRow } from './run-row';

/** Turns runs into the rows that one person may see. */
@Injectable()
export class RunRows {
  constructor(
    private readonly lists: QueueListsRepository,
    private readonly projects: ProjectsRepository,
    private readonly users: UsersRepository,
    private readonly policy: Policy,
    private readonly memberships: Memberships,
    private readonly pipelines: OpenPipelines,
  ) {}

  /** Rows without what was asked for, of which programs read as much as they want. */
  async withoutValues(person: User, runs: readonly Run[], line: WaitingLine): Promise<RunRow[]> {
    const context = await this.readContext(person, runs, line, false);
    return runs.map((run) => runRow(run, context));
  }

  /**
   * @param fits leaves runs out; it is asked with what was read about them.
   * @returns rows in the order of the runs.
   */
  async of(
    person: User,
    runs: readonly Run[],
    line: WaitingLine,
    fits: (run: Run, context: RowContext) => boolean = () => true,
  ): Promise<RunRow[]> {
    const context = await this.readContext(person, runs, line, true);
    return runs.filter((run) => fits(run, context)).map((run) => runRow(run, context));
  }

  private async readContext(person: User, runs: readonly Run[], line: WaitingLine, withValues: boolean): Promise<RowContext> {
    const [requesters, projectList] = await Promise.all([
      this.users.findByIds([...new Set(runs.map((run) => run.ownerId))]),
      this.projects.findByIds([...new Set(runs.map((run) => run.projectId))]),
    ]);
    const projects = new Map(projectList.map((project) => [project.id, project]));
    const roles = await this.memberships.rolesAmong(person, projectList);
    const about = (run: Run) => ({ person, run, project: projects.get(run.projectId) ?? null, role: roles.get(run.projectId) ?? null });
    const mayRead = (run: Run) => this.policy.allows('runReader', about(run));
    const closed = runs.every(mayRead) ? new Set<string>() : await this.pipelines.closedTo(person);
    const details = withValues ? await this.lists.detailsOf(runs.filter(mayRead).map((run) => run.id)) : [];
    return {
      person,
      requesters: new Map(requesters.map((user) => [user.id, user])),
      projects,
      followed: await this.lists.followedBy(runs.map((run) => run.id)),
      details: new Map(details.map((one) => [one.runId, one])),
      line,
      mayRead,
      isClosed: ({ pipelineId }) => closed.has(pipelineId),
      mayCancel: (run) => this.policy.allows('runOwner', about(run)),
    };
  }
}
