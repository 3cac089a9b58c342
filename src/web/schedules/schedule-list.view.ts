import { Injectable } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import type { Schedule } from '../../common/schedules/schedule.entity';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import { ScheduleTicksRepository } from '../../common/schedules/schedule-ticks.repository';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { text } from '../../locales/text';
import { Permissions } from '../http/access/permissions';
import { scheduleLine, type ScheduleLine } from './schedule-line';

/** What `views/schedules/index.hbs` shows. */
export interface ScheduleListView {
  title: string;
  project: { id: string; name: string };
  schedules: ScheduleLine[];
  /** Whether the reader may make one. */
  mayMake: boolean;
}

/** The schedules of a project as somebody sees them. */
@Injectable()
export class ScheduleListViews {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly ticks: ScheduleTicksRepository,
    private readonly users: UsersRepository,
    private readonly permissions: Permissions,
  ) {}

  async of(person: User, project: Project): Promise<ScheduleListView> {
    return {
      title: text('schedules.title'),
      project: { id: project.id, name: project.name },
      schedules: await this.lines(person, await this.schedules.ofProject(project.id)),
      mayMake: await this.permissions.allows('projectScheduler', { person, project }),
    };
  }

  async lines(person: User, schedules: readonly Schedule[]): Promise<ScheduleLine[]> {
    const [last, owners] = await Promise.all([
      this.ticks.latestOf(schedules.map(({ id }) => id)),
      this.users.findByIds([...new Set(schedules.map(({ ownerId }) => ownerId))]),
    ]);
    const names = new Map(owners.map(({ id, displayName }) => [id, displayName]));
    const nameOf = ({ ownerId }: Schedule) => (ownerId === person.id ? '' : (names.get(ownerId) ?? ''));
    return schedules.map((schedule) => scheduleLine(schedule, last.get(schedule.id) ?? null, nameOf(schedule)));
  }
}
