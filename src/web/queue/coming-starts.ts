import { Injectable } from '@nestjs/common';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { text } from '../../locales/text';
import { Permissions } from '../http/access/permissions';
import { scheduleLine, type ScheduleLine } from '../schedules/schedule-line';
import type { QueueQuery } from './queue-query';

/** A run for which nobody has to ask any more. `owner` names whoever made the schedule, as the rows of runs do. */
export interface ComingStart extends ScheduleLine {
  projectName: string;
  /** Whether the reader may stop it. */
  mayPause: boolean;
}

const MOST = 5;
const FITTING_STATES = new Set(['', 'waiting', 'scheduled']);

/** What schedules will start next: the reader's own, and those in projects of theirs; for administrators, who look after the machine, anybody's. */
@Injectable()
export class ComingStarts {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly projects: ProjectsRepository,
    private readonly users: UsersRepository,
    private readonly permissions: Permissions,
  ) {}

  /** None on pages with older runs, and among runs that were searched for. */
  async beside(person: User, { words, state, before, whose }: QueueQuery): Promise<ComingStart[]> {
    if (words !== '' || before !== null || !FITTING_STATES.has(state)) return [];
    const isOfAll = person.isAdmin && whose === 'all';
    const coming = isOfAll ? await this.schedules.coming(MOST) : await this.schedules.comingFor(person.id, whose, MOST);
    if (coming.length === 0) return [];
    const [projects, people] = await Promise.all([
      this.projects.findByIds([...new Set(coming.map(({ projectId }) => projectId))]),
      this.users.findByIds([...new Set(coming.map(({ ownerId }) => ownerId))]),
    ]);
    const projectOf = new Map(projects.map((project) => [project.id, project]));
    const names = new Map(people.map(({ id, displayName }) => [id, id === person.id ? text('common.you') : displayName]));
    const starts: ComingStart[] = [];
    for (const schedule of coming) {
      const project = projectOf.get(schedule.projectId);
      if (!project) continue;
      const mayPause = await this.permissions.allows('scheduleKeeper', { person, project, schedule });
      starts.push({ ...scheduleLine(schedule, null, names.get(schedule.ownerId) ?? ''), projectName: project.name, mayPause });
    }
    return starts;
  }
}
