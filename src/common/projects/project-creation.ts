import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../errors';
import { ProjectFiles } from '../files/project-files';
import { QueueStore } from '../queue/queue-store';
import { Space } from '../space/space';
import type { Project } from './project.entity';
import { checkProjectName } from './project-name';
import { ProjectsRepository } from './projects.repository';

/** Creates and renames projects: the row and the folder together. */
@Injectable()
export class ProjectCreation {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly files: ProjectFiles,
    private readonly queue: QueueStore,
    private readonly space: Space,
  ) {}

  /** @throws InvalidInputError for the field `name`: not a name, the owner has a project of that name, or may have no more projects. */
  async create(ownerId: string, enteredName: string): Promise<Project> {
    const name = checkProjectName(enteredName);
    const nowMs = await this.queue.nowMs();
    const project: Project = { id: randomUUID(), ownerId, homeId: ownerId, name, createdMs: nowMs, changedMs: nowMs, keepUntilMs: null };
    // The folder first: a row without a folder would be a project that cannot be opened, a folder without a row is tidied up.
    const folder = await this.files.create(project);
    const { projects: most } = await this.space.allowanceFor(ownerId);
    const outcome = await this.projects.add(project, most);
    if (outcome === 'added') return project;
    await folder.remove([]);
    if (outcome === 'full') throw new InvalidInputError('space.projectsFull', { count: most ?? 0 }, 'name');
    throw new InvalidInputError('projects.nameTaken', { name }, 'name');
  }

  /** @throws InvalidInputError for the field `name`, as `create`. */
  async rename(project: Project, enteredName: string): Promise<void> {
    const name = checkProjectName(enteredName);
    if (await this.projects.rename(project.id, name)) return;
    throw new InvalidInputError('projects.nameTaken', { name }, 'name');
  }
}
