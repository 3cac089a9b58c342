import { Injectable } from '@nestjs/common';
import type { Project } from '../../../common/projects/project.entity';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import { QueueStore } from '../../../common/queue/queue-store';

/** Writes down that a project was changed. */
@Injectable()
export class ProjectTouch {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly queue: QueueStore,
  ) {}

  async now({ id }: Pick<Project, 'id'>): Promise<void> {
    await this.projects.touch(id, await this.queue.nowMs());
  }
}
