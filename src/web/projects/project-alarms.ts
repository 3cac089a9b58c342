import { Injectable } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { QueuePage } from '../queue/queue-page.service';
import type { Alarm } from '../queue/alarm';

/** What keeps runs of a project waiting until an administrator does something. */
@Injectable()
export class ProjectAlarms {
  constructor(
    private readonly runs: RunsRepository,
    private readonly queue: QueuePage,
  ) {}

  async of(project: Project, reader: User): Promise<Alarm[]> {
    const live = await this.runs.liveOfProject(project.id);
    return live.some((run) => run.state === 'queued') ? this.queue.alarmsOfProject(reader, project.id) : [];
  }
}
