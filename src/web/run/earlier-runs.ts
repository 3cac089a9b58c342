import { Injectable } from '@nestjs/common';
import { ForbiddenError, NotFoundError } from '../../common/errors';
import type { Manifest, ParameterValues } from '../../common/pipelines/manifest';
import { entriesOf, type Entered } from '../../common/pipelines/parameters';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { Permissions } from '../http/access/permissions';
import { runNumberIn } from '../http/ids';

/** Reads what a run was asked for, to fill the form with it again. */
@Injectable()
export class EarlierRuns {
  constructor(
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly permissions: Permissions,
  ) {}

  /**
   * @param asked number of the run, as it stands in the address.
   * @returns null when none is asked for, or when it was a run of another pipeline.
   * @throws NotFoundError for a run that is not there, ForbiddenError for one that the person may not read.
   */
  async entriesOf(person: User, manifest: Manifest, asked: unknown): Promise<{ runId: number; entered: Entered } | null> {
    if (asked === undefined || asked === '') return null;
    const number = runNumberIn(asked);
    const run = number === null ? null : await this.runs.find(number);
    if (!run) throw new NotFoundError('errors.noSuchRun', { number: typeof asked === 'string' ? asked.slice(0, 12) : '' });
    const project = await this.projects.findById(run.projectId);
    if (!(await this.permissions.allows('runReader', { person, run, project }))) throw new ForbiddenError('errors.forbidden');
    const details = run.pipelineId === manifest.id ? await this.runs.details(run.id) : null;
    if (!details) return null;
    const earlier = details.manifest as unknown as Partial<Manifest>;
    return {
      runId: run.id,
      entered: entriesOf(manifest, { parameters: earlier.parameters ?? [] }, details.parameters as ParameterValues),
    };
  }
}
