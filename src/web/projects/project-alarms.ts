import { Injectable } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { SpaceUse } from '../../common/space/space';
import type { User } from '../../common/users/user.entity';
import { QueuePage } from '../queue/queue-page.service';
import type { Alarm } from '../queue/alarm';
import { SpaceAlarms, type SpaceAlarm } from '../space/space-alarms';

/** What keeps runs of a project waiting until an administrator does something, and what keeps files out of it. */
@Injectable()
export class ProjectAlarms {
  constructor(
    private readonly runs: RunsRepository,
    private readonly queue: QueuePage,
    private readonly space: SpaceAlarms,
  ) {}

  async of(project: Project, reader: User): Promise<Alarm[]> {
    const live = await this.runs.liveOfProject(project.id);
    return live.some((run) => run.state === 'queued') ? this.queue.alarmsOfProject(reader, project.id) : [];
  }

  /** @returns null where there is room. */
  ofSpace(project: Project, reader: User, use: SpaceUse): Promise<SpaceAlarm | null> {
    return this.space.of(reader, project.ownerId, use);
  }
}
