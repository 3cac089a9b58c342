import { Injectable, Logger } from '@nestjs/common';
import type { FileTask } from './file-task.entity';
import { FileTasksRepository } from './file-tasks.repository';
import { TaskLedger } from './task-ledger';
import { TaskStaging } from './task-staging';

/** Silence after which a worker counts as dead: its tasks beat once a second. */
const SILENCE_MS = 30_000;

/** Finds tasks whose worker died, and clears up after them. */
@Injectable()
export class TaskRecovery {
  private readonly logger = new Logger('FileTasks');
  /** Tests are in a hurry. */
  silenceMs = SILENCE_MS;

  constructor(
    private readonly tasks: FileTasksRepository,
    private readonly staging: TaskStaging,
    private readonly ledger: TaskLedger,
  ) {}

  findSilent(): Promise<FileTask[]> {
    return this.tasks.findSilent(this.silenceMs);
  }

  /**
   * Takes over what others left behind, and one's own whose end the database was not told.
   * @param atWork ids of tasks under way in this process: they are alive, even where a busy machine kept them from saying so.
   */
  async takeSilent(worker: string, atWork: ReadonlySet<string>): Promise<FileTask[]> {
    const taken: FileTask[] = [];
    for (const task of await this.findSilent()) {
      if (!atWork.has(task.id) && (await this.tasks.takeOver(task, worker))) taken.push(task);
    }
    return taken;
  }

  /** Removes what a task has written, and says so on its row. @param worker to whom the task belongs. */
  async giveUp(task: FileTask, worker: string): Promise<void> {
    await this.staging.remove(task);
    await this.ledger.release(task);
    await this.tasks.finish(task.id, worker, { state: 'failed', note: [{ key: 'tasks.interrupted' }], resultPath: null });
    this.logger.warn(`${task.kind} ${task.id} in project ${task.projectId} was interrupted; its files are removed`);
  }
}
