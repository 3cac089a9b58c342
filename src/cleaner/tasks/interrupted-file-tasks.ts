import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FileTask } from '../../common/file-tasks/file-task.entity';
import { FileTasksRepository } from '../../common/file-tasks/file-tasks.repository';
import { TaskRecovery } from '../../common/file-tasks/task-recovery';
import { TaskStaging } from '../../common/file-tasks/task-staging';
import { Chore, DAY_MS, NOTHING, rowsWaste, type Amount, type Waste } from '../../common/cleaning/chore';
import { sizeOf } from '../../common/cleaning/folder-waste';

const ROW_DAYS = 7;

/**
 * Work on files whose process died, with what it has written, and the rows of work that ended long ago. What was written completely and
 * only has to be moved to its place is left to the web processes, which finish it.
 */
@Injectable()
export class InterruptedFileTasks extends Chore {
  readonly name = 'interrupted and old work on files';

  constructor(
    private readonly rows: FileTasksRepository,
    private readonly recovery: TaskRecovery,
    private readonly staging: TaskStaging,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const silent = (await this.recovery.findSilent()).filter((task) => task.placingMs === null);
    const beforeMs = nowMs - ROW_DAYS * DAY_MS;
    const old = rowsWaste('rows of work on files', await this.rows.countFinished(beforeMs), () => this.rows.deleteFinished(beforeMs));
    return [...silent.map((task) => this.waste(task)), ...old];
  }

  private waste(task: FileTask): Waste {
    const measure = async () => sizeOf(await this.staging.of(task), []);
    return { what: `interrupted work on ${task.title}`, measure, remove: () => this.remove(task, measure) };
  }

  private async remove(task: FileTask, measure: () => Promise<Amount>): Promise<Amount> {
    const worker = randomUUID();
    if (!(await this.rows.takeOver(task, worker))) return NOTHING;
    const freed = await measure();
    await this.recovery.giveUp(task, worker);
    return freed;
  }
}
