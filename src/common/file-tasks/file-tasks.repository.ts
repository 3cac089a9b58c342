import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, LessThan, Not, type FindOptionsWhere, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { keepSentences, type KeptSentence } from '../kept-sentences';
import { FileTask, type TaskState } from './file-task.entity';

export type NewFileTask = Pick<FileTask, 'id' | 'projectId' | 'ownerId' | 'homeId' | 'kind' | 'title' | 'brief'>;

/** How far a task is. */
export type TaskProgress = Pick<FileTask, 'doneBytes' | 'doneFiles' | 'totalBytes' | 'totalFiles'>;

export type TaskEnd = Pick<FileTask, 'state' | 'resultPath'> & { note: readonly KeptSentence[] };

const UNFINISHED = In<TaskState>(['waiting', 'working']);
const FINISHED = In<TaskState>(['done', 'failed', 'cancelled']);
const MOST_SHOWN = 50;
const MOST_NOTE = 1000;

/** The rows of tasks. Whoever carries one out stands in `worker`, and in the WHERE of each of its writes: who lost a task writes nothing. */
@Injectable()
export class FileTasksRepository {
  private readonly now: string;

  constructor(@InjectRepository(FileTask) private readonly tasks: Repository<FileTask>) {
    this.now = NOW_MS[dialectOf(tasks.manager.connection.options)];
  }

  async add(task: NewFileTask): Promise<void> {
    const amounts: TaskProgress = { doneBytes: 0, totalBytes: 0, doneFiles: 0, totalFiles: 0 };
    const none = { note: null, resultPath: null, worker: null, cancelMs: null, placingMs: null, startedMs: null, finishedMs: null };
    const values = { ...task, ...amounts, ...none, state: 'waiting' as const, createdMs: () => this.now, beatMs: () => this.now };
    // The typings of insert want a document of the exact shape of `brief`, which is unknown here.
    await repeatWhileBusy(() =>
      this.tasks
        .createQueryBuilder()
        .insert()
        .values(values as object)
        .execute(),
    );
  }

  find(id: string): Promise<FileTask | null> {
    return this.tasks.findOneBy({ id });
  }

  /** Newest first. */
  ofProject(projectId: string): Promise<FileTask[]> {
    return this.tasks.find({ where: { projectId }, order: { createdMs: 'DESC', id: 'ASC' }, take: MOST_SHOWN });
  }

  countUnfinished(ownerId: string): Promise<number> {
    return this.tasks.countBy({ ownerId, state: UNFINISHED });
  }

  /** Everything that waits or is worked on, oldest first. */
  unfinished(): Promise<FileTask[]> {
    return this.tasks.find({ where: { state: UNFINISHED }, order: { createdMs: 'ASC', id: 'ASC' } });
  }

  /** Tasks under way without a sign of life for so long. */
  findSilent(silenceMs: number): Promise<FileTask[]> {
    return this.tasks
      .createQueryBuilder('task')
      .where("task.state = 'working'")
      .andWhere(`task.beat_ms < ${this.now} - ${Math.round(silenceMs)}`)
      .getMany();
  }

  /** Takes a task that waits. @returns false when somebody else was quicker, or it was cancelled. */
  claim(id: string, worker: string): Promise<boolean> {
    return this.change({ id, state: 'waiting' }, { state: 'working', worker, startedMs: () => this.now, beatMs: () => this.now });
  }

  /** Takes over a task whose worker is silent. @returns false when somebody else was quicker. */
  takeOver({ id, worker, beatMs }: FileTask, newWorker: string): Promise<boolean> {
    return this.change({ id, state: 'working', worker: worker ?? IsNull(), beatMs }, { worker: newWorker, beatMs: () => this.now });
  }

  /** Sign of life, with progress. @returns what became of the task meanwhile. */
  async beat(id: string, worker: string, progress: TaskProgress): Promise<'mine' | 'cancelled' | 'lost'> {
    if (!(await this.change({ id, worker, state: 'working' }, { ...progress, beatMs: () => this.now }))) return 'lost';
    const isCancelled = await this.tasks.existsBy({ id, cancelMs: Not(IsNull()), placingMs: IsNull() });
    return isCancelled ? 'cancelled' : 'mine';
  }

  /** From here on the task is finished and no longer cancelled. @returns false when it was cancelled before, or lost. */
  beginPlacing(id: string, worker: string, progress: TaskProgress): Promise<boolean> {
    const change = { ...progress, placingMs: () => this.now, beatMs: () => this.now };
    return this.change({ id, worker, state: 'working', cancelMs: IsNull() }, change);
  }

  /** From here on what it wrote is removed, and no longer moved to its place. @returns false when the task is not this worker's any more. */
  beginUndoing(id: string, worker: string): Promise<boolean> {
    return this.change({ id, worker, state: 'working' }, { placingMs: null, beatMs: () => this.now });
  }

  /** @returns false when the task is no longer this worker's. */
  finish(id: string, worker: string, end: TaskEnd): Promise<boolean> {
    const note = keepSentences(end.note, MOST_NOTE);
    return this.change({ id, worker, state: 'working' }, { ...end, note, worker: null, finishedMs: () => this.now });
  }

  /** @returns whether it is cancelled, or will be. */
  async cancel(id: string, sentence: KeptSentence): Promise<boolean> {
    const note = keepSentences([sentence], MOST_NOTE);
    if (await this.change({ id, state: 'waiting' }, { state: 'cancelled', note, finishedMs: () => this.now })) return true;
    return this.change({ id, state: 'working', placingMs: IsNull() }, { cancelMs: () => this.now });
  }

  /** Takes the row of a task that has ended out of the list. */
  async dismiss(id: string): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.tasks.delete({ id, state: FINISHED }));
    return (affected ?? 0) > 0;
  }

  countFinished(beforeMs: number): Promise<number> {
    return this.tasks.countBy({ state: FINISHED, createdMs: LessThan(beforeMs) });
  }

  async deleteFinished(beforeMs: number): Promise<void> {
    await repeatWhileBusy(() => this.tasks.delete({ state: FINISHED, createdMs: LessThan(beforeMs) }));
  }

  private async change(where: FindOptionsWhere<FileTask>, change: Parameters<Repository<FileTask>['update']>[1]): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.tasks.update(where, change));
    return (affected ?? 0) > 0;
  }
}
