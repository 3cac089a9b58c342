import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import type { Pipeline } from '../../common/pipelines/manifest';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Reason, Schedule } from '../../common/schedules/schedule.entity';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { OpenPipelines } from '../http/access/open-pipelines';
import { Permissions } from '../http/access/permissions';

/** In whose name a schedule starts what, where. */
export interface ScheduleAsker {
  person: User;
  project: Project;
  pipeline: Pipeline;
}

export type AskerOrReason = { asker: ScheduleAsker } | { reason: Reason };

/** Looks at each time whether whoever made a schedule may still ask for its runs. */
@Injectable()
export class ScheduleAskers {
  constructor(
    private readonly users: UsersRepository,
    private readonly projects: ProjectsRepository,
    private readonly permissions: Permissions,
    private readonly pipelines: OpenPipelines,
  ) {}

  async of({ ownerId, projectId, pipelineId }: Pick<Schedule, 'ownerId' | 'projectId' | 'pipelineId'>): Promise<AskerOrReason> {
    const [person, project] = [await this.users.findById(ownerId), await this.projects.findById(projectId)];
    if (!person || person.leavingMs !== null) return because('schedules.whyLeft');
    if (person.suspendedMs !== null) return because('schedules.whySuspended');
    if (!project) return because('schedules.whyNoProject');
    if (!(await this.permissions.allows('projectScheduler', { person, project }))) return because('schedules.whyNoAccess');
    try {
      const pipeline = await this.pipelines.require(person, pipelineId);
      await this.pipelines.requireOn(person, pipelineId);
      return { asker: { person, project, pipeline } };
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  }
}

/** @throws what is no refusal but a defect, or a database that is away: that is no reason to pass a time over. */
export function reasonOf(error: unknown): Reason {
  if (!(error instanceof DomainError)) throw error;
  return { key: error.key, values: error.values };
}

function because(key: Reason['key']): { reason: Reason } {
  return { reason: { key, values: {} } };
}
