import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../errors';
import type { Project } from '../projects/project.entity';
import type { User } from '../users/user.entity';
import type { FileTask, TaskKind } from './file-task.entity';
import { FileTasksRepository } from './file-tasks.repository';

export interface TaskOrder {
  kind: TaskKind;
  project: Pick<Project, 'id' | 'ownerId' | 'homeId'>;
  by: Pick<User, 'id'>;
  /** What it is about, for people: the name of an archive, of a folder. */
  title: string;
  /** For the kind alone; JSON. */
  brief: unknown;
}

const MOST_UNFINISHED = 20;
const MOST_TITLE = 300;

/** Long work on files (unpacking, large copies), as pages see it: ask for it, look at it, cancel it. `FileTaskPool` carries it out. */
@Injectable()
export class FileTasks {
  private readonly logger = new Logger(FileTasks.name);
  private readonly listeners = new Set<() => void>();

  constructor(private readonly tasks: FileTasksRepository) {}

  /**
   * @returns the id of the task, which waits for its turn.
   * @throws ConflictError while the owner has too many tasks that are not finished.
   */
  async start({ kind, project, by, title, brief }: TaskOrder): Promise<string> {
    if ((await this.tasks.countUnfinished(project.ownerId)) >= MOST_UNFINISHED) throw new ConflictError('tasks.tooMany');
    const id = randomUUID();
    await this.tasks.add({
      id,
      projectId: project.id,
      ownerId: project.ownerId,
      homeId: project.homeId,
      kind,
      title: title.slice(0, MOST_TITLE).toWellFormed(),
      brief,
    });
    this.logger.log(`${kind} ${id} in project ${project.id} asked for by ${by.id}`);
    this.wake();
    return id;
  }

  /** The newest tasks of a project, finished or not, newest first. */
  ofProject(projectId: string): Promise<FileTask[]> {
    return this.tasks.ofProject(projectId);
  }

  /** @throws NotFoundError when the project has no such task. */
  async find(projectId: string, id: string): Promise<FileTask> {
    const task = await this.tasks.find(id);
    if (task?.projectId !== projectId) throw new NotFoundError('tasks.gone');
    return task;
  }

  /** Nothing of it remains, soon. @throws ConflictError when it has ended, or only moves its results to their place. */
  async cancel(id: string): Promise<void> {
    if (!(await this.tasks.cancel(id, { key: 'tasks.cancelled' }))) throw new ConflictError('tasks.tooLate');
    this.wake();
  }

  /** Cancels what is not finished: the project goes. */
  async cancelOfProject(projectId: string): Promise<void> {
    for (const task of await this.tasks.unfinished()) {
      if (task.projectId === projectId) await this.tasks.cancel(task.id, { key: 'tasks.cancelled' });
    }
    this.wake();
  }

  /** Takes a task that has ended out of the list. @throws ConflictError while it has not. */
  async dismiss(id: string): Promise<void> {
    if (!(await this.tasks.dismiss(id))) throw new ConflictError('tasks.notEnded');
  }

  /** Calls back whenever there may be something to do in this process. */
  onWake(listener: () => void): void {
    this.listeners.add(listener);
  }

  private wake(): void {
    for (const listener of this.listeners) listener();
  }
}
