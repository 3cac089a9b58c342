import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { FileTask } from './file-task.entity';
import { FileTaskKinds } from './file-task-kind';
import { FileTasks } from './file-tasks';
import { FileTasksRepository } from './file-tasks.repository';
import { TaskLedger } from './task-ledger';
import { TaskRecovery } from './task-recovery';
import { TaskRun } from './task-run';
import { TaskStaging } from './task-staging';
import { TaskTurns } from './task-turns';

/** Programs of one process at the same time: the disk gets no faster by more. */
const MOST_AT_ONCE = 2;
/** One more for somebody who has none at work: the long work of one person must not keep all others waiting. */
const MOST_IN_ALL = 3;
const LOOK_EVERY_MS = 10_000;

/**
 * Carries out the tasks that wait, some at a time, people taking turns. Each process that has one takes part; a task is done by whoever
 * claims it, and those of processes that died are found by their silence.
 */
@Injectable()
export class FileTaskPool implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('FileTasks');
  private readonly worker = randomUUID();
  private readonly runs = new Map<TaskRun, Promise<void>>();
  private readonly turns = new TaskTurns();
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;
  private looking: Promise<void> | undefined;
  private lookAgain = false;

  constructor(
    private readonly kinds: FileTaskKinds,
    private readonly fileTasks: FileTasks,
    private readonly tasks: FileTasksRepository,
    private readonly staging: TaskStaging,
    private readonly ledger: TaskLedger,
    private readonly recovery: TaskRecovery,
  ) {}

  onApplicationBootstrap(): void {
    this.fileTasks.onWake(() => this.wake());
    this.timer = setInterval(() => this.wake(), LOOK_EVERY_MS).unref();
    this.wake();
  }

  /** Tasks under way are undone and told so, those that only move their results are finished. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.looking;
    for (const run of this.runs.keys()) run.stop('interrupted');
    await Promise.all(this.runs.values());
  }

  private wake(): void {
    this.lookAgain = true;
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
      // Somebody may have called between the last look and this moment.
      if (this.lookAgain && !this.isStopping) this.wake();
    });
  }

  private async look(): Promise<void> {
    while (this.lookAgain && !this.isStopping) {
      this.lookAgain = false;
      try {
        await this.recoverSilent();
        await this.stopCancelled();
        while (!this.isStopping && this.runs.size < MOST_IN_ALL && (await this.takeNext()));
      } catch (error) {
        this.logger.warn(`Work on files waits: ${(error as Error).message}`);
      }
    }
  }

  private async recoverSilent(): Promise<void> {
    const atWork = new Set([...this.runs.keys()].map((run) => run.task.id));
    for (const task of await this.recovery.takeSilent(this.worker, atWork)) {
      const kind = this.kinds.find(task.kind);
      if (kind && task.placingMs !== null) this.follow(this.newRun(task, kind), (run) => run.resumePlacing());
      else await this.recovery.giveUp(task, this.worker);
    }
  }

  private async stopCancelled(): Promise<void> {
    for (const run of this.runs.keys()) await run.look();
  }

  /** @returns false when nothing waits that may begin now. */
  private async takeNext(): Promise<boolean> {
    const waiting = (await this.tasks.unfinished()).filter((task) => task.state === 'waiting' && this.kinds.find(task.kind));
    const atWork = this.ownersAtWork();
    this.turns.keepOnly([...atWork, ...waiting.map(({ ownerId }) => ownerId)]);
    const task = this.turns.fairest(waiting, atWork);
    if (!task || (this.runs.size >= MOST_AT_ONCE && atWork.includes(task.ownerId))) return false;
    if (!(await this.tasks.claim(task.id, this.worker))) return true;
    this.turns.note(task.ownerId);
    this.follow(this.newRun(task, this.kinds.find(task.kind)!), (run) => run.carryOut());
    return true;
  }

  private newRun(task: FileTask, kind: NonNullable<ReturnType<FileTaskKinds['find']>>): TaskRun {
    return new TaskRun(task, kind, { tasks: this.tasks, staging: this.staging, ledger: this.ledger, worker: this.worker });
  }

  private follow(run: TaskRun, work: (run: TaskRun) => Promise<void>): void {
    const end = work(run).finally(() => {
      this.runs.delete(run);
      if (!this.isStopping) this.wake();
    });
    this.runs.set(run, end);
  }

  private ownersAtWork(): string[] {
    return [...this.runs.keys()].map((run) => run.task.ownerId);
  }
}
