import { Injectable } from '@nestjs/common';
import { ForbiddenError, NotFoundError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import type { Schedule } from '../../common/schedules/schedule.entity';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import type { User } from '../../common/users/user.entity';
import { isUuid } from '../http/ids';
import { Permissions } from '../http/access/permissions';

/** Finds the schedule of an address, for whoever may do something with it. */
@Injectable()
export class OwnSchedules {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly permissions: Permissions,
  ) {}

  /** @throws NotFoundError where there is none in the project. */
  async require({ id: projectId }: Project, id: string): Promise<Schedule> {
    const schedule = isUuid(id) ? await this.schedules.find(projectId, id) : null;
    if (!schedule) throw new NotFoundError('schedules.noSuch');
    return schedule;
  }

  /** @throws NotFoundError where there is none, ForbiddenError for those of others. */
  async find(person: User, project: Project, id: string, rule: 'scheduleKeeper' | 'scheduleAuthor'): Promise<Schedule> {
    return this.allowed(person, project, await this.require(project, id), rule);
  }

  /** One that was deleted a short while ago. @returns null where that was long ago. @throws as `find`. */
  async findDeleted(person: User, project: Project, id: string): Promise<Schedule | null> {
    const schedule = isUuid(id) ? await this.schedules.findDeleted(project.id, id) : null;
    return schedule && this.allowed(person, project, schedule, 'scheduleKeeper');
  }

  private async allowed(person: User, project: Project, schedule: Schedule, rule: 'scheduleKeeper' | 'scheduleAuthor'): Promise<Schedule> {
    if (!(await this.permissions.allows(rule, { person, project, schedule }))) throw new ForbiddenError('errors.forbidden');
    return schedule;
  }
}
