import { Logger } from '@nestjs/common';
import { DomainError } from '../errors';
import type { SafeDirectory } from '../files/safe-directory';
import type { KeptSentence } from '../kept-sentences';
import type { FileTask } from './file-task.entity';
import type { FileTaskKind } from './file-task-kind';
import type { FileTasksRepository, TaskProgress } from './file-tasks.repository';
import type { TaskLedger } from './task-ledger';
import type { Amounts } from '../space/space';
import type { WrittenFile } from './task-messages';
import { TaskProcess } from './task-process';
import type { TaskStaging } from './task-staging';

/** Why a task under way was stopped. */
class Stopped extends Error {
  constructor(readonly why: 'cancelled' | 'interrupted' | 'lost') {
    super(why);
  }
}

export interface TaskServices {
  tasks: FileTasksRepository;
  staging: TaskStaging;
  ledger: TaskLedger;
  /** Id of this process in the rows of its tasks. */
  worker: string;
}

const BEAT_MS = 1000;

/** One task that this process has taken: carried out, placed, written down; or undone. */
export class TaskRun {
  private readonly logger = new Logger('FileTasks');
  private readonly stopping = new AbortController();
  private done: Amounts = { bytes: 0, files: 0 };
  private total: Amounts = { bytes: 0, files: 0 };
  private isPlaced = false;

  constructor(
    readonly task: FileTask,
    private readonly kind: FileTaskKind,
    private readonly services: TaskServices,
  ) {}

  /** Ends it soon, unless it only moves its results to their place. */
  stop(why: 'cancelled' | 'interrupted' | 'lost'): void {
    this.stopping.abort(new Stopped(why));
  }

  /** Looks whether somebody cancelled it, and gives a sign of life. */
  async look(): Promise<void> {
    try {
      const fate = await this.services.tasks.beat(this.task.id, this.services.worker, this.progress());
      if (fate !== 'mine') return this.stop(fate);
      await this.services.ledger.renew(this.task, this.total);
    } catch (error) {
      // The next beat tries again; another process takes over when none comes through for long.
      this.logger.warn(`${this.label()}: ${describe(error)}`);
    }
  }

  /** From the start to the row's last word. Never throws: what the database could not be told is found by the next sweep. */
  carryOut(): Promise<void> {
    const { tasks, staging, worker } = this.services;
    return this.toTheEnd(async () => {
      const folder = await staging.make(this.task);
      const result = await this.work(folder);
      if (!(await tasks.beginPlacing(this.task.id, worker, this.progress()))) throw new Stopped('cancelled');
      await this.place(folder, result);
    });
  }

  /** Goes on where another process died: all is written, and some of it moved. Never throws. */
  resumePlacing(): Promise<void> {
    const { doneBytes, doneFiles, totalBytes, totalFiles } = this.task;
    this.done = { bytes: doneBytes, files: doneFiles };
    this.total = { bytes: totalBytes, files: totalFiles };
    return this.toTheEnd(async () => this.place(await this.services.staging.again(this.task), undefined));
  }

  private async toTheEnd(work: () => Promise<void>): Promise<void> {
    const beat = setInterval(() => void this.look(), BEAT_MS);
    try {
      await work();
    } catch (error) {
      await this.undo(error).catch((fault: unknown) => this.logger.error(`${this.label()}: ${describe(fault)}`));
    } finally {
      clearInterval(beat);
    }
  }

  private async work(folder: SafeDirectory): Promise<unknown> {
    const means = await this.kind.open(this.task);
    try {
      const staging = await folder.openFolder([]);
      try {
        return await new TaskProcess(this.kind.program, staging, means, this.listener()).run(this.stopping.signal);
      } finally {
        await staging.close();
      }
    } finally {
      for (const handle of means.handles) await handle.close();
    }
  }

  private listener() {
    const { ledger } = this.services;
    return {
      progress: (done: Amounts, total: Amounts) => {
        this.done = done;
        this.total = total;
      },
      need: async (amounts: Amounts) => {
        await ledger.reserve(this.task, amounts);
        this.total = amounts;
      },
      written: (files: readonly WrittenFile[]) => ledger.remember(this.task, files),
    };
  }

  private async place(folder: SafeDirectory, result: unknown): Promise<void> {
    const { tasks, staging, ledger, worker } = this.services;
    const outcome = await this.kind.place(this.task, folder, result);
    this.isPlaced = true;
    await ledger.settle(this.task, this.done);
    await staging.remove(this.task);
    await tasks.finish(this.task.id, worker, { state: 'done', ...outcome });
    this.logger.log(`${this.label()}: done, ${this.done.files} files, ${this.done.bytes} bytes`);
  }

  private async undo(error: unknown): Promise<void> {
    const { tasks, staging, ledger, worker } = this.services;
    // All is there: only the last word is missing, which is said when the task is found silent.
    if (this.isPlaced) throw error;
    const stopped = error instanceof Stopped ? error.why : null;
    // Whoever took it over has its staging folder now.
    if (stopped === 'lost' || !(await tasks.beginUndoing(this.task.id, worker))) {
      return this.logger.warn(`${this.label()}: taken over by another process`);
    }
    await staging.remove(this.task);
    await ledger.release(this.task);
    const state = stopped === 'cancelled' ? 'cancelled' : 'failed';
    await tasks.finish(this.task.id, worker, { state, note: [this.noteOf(error, stopped)], resultPath: null });
  }

  private noteOf(error: unknown, stopped: 'cancelled' | 'interrupted' | null): KeptSentence {
    if (stopped) return { key: `tasks.${stopped}` };
    if (error instanceof DomainError) {
      this.logger.log(`${this.label()}: ${error.message}`);
      return { key: error.key, values: error.values };
    }
    this.logger.error(`${this.label()}: ${describe(error)}`);
    return { key: 'tasks.broke' };
  }

  private progress(): TaskProgress {
    return { doneBytes: this.done.bytes, doneFiles: this.done.files, totalBytes: this.total.bytes, totalFiles: this.total.files };
  }

  private label(): string {
    return `${this.task.kind} ${this.task.id} in project ${this.task.projectId}`;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
