import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Brackets, In, type Repository, type SelectQueryBuilder } from 'typeorm';
import { dialectOf, NOW_MS } from '../../common/database/dialect';
import { Project } from '../../common/projects/project.entity';
import { FINAL_STATES, HELD_STATES, type FinalState } from '../../common/queue/run-state';
import { Run, RunDetails, Runner } from '../../common/queue/run.entity';
import { User } from '../../common/users/user.entity';

/** Where an older page begins: the last run of the page before it. */
export interface Cursor {
  finishedMs: number;
  id: number;
}

/** Which finished runs are wanted. */
export interface FinishedFilter {
  /** Whose page it is; only their own projects' names are searched. */
  readerId: string;
  mineOnly: boolean;
  /** Lower case; '' for all. */
  words: string;
  states: readonly FinalState[];
  before: Cursor | null;
}

/** A runner and how long it has been silent, by the database's clock. */
export interface RunnerSign {
  name: string;
  slots: number;
  stopped: boolean;
  beatMs: number;
  silentMs: number;
}

/** The reads of the queue page. */
@Injectable()
export class QueueListsRepository {
  constructor(
    @InjectRepository(Run) private readonly runs: Repository<Run>,
    @InjectRepository(RunDetails) private readonly details: Repository<RunDetails>,
    @InjectRepository(Runner) private readonly runners: Repository<Runner>,
  ) {}

  /** Every run that takes a place, oldest first. */
  held(): Promise<Run[]> {
    return this.runs.find({ where: { state: In([...HELD_STATES]) }, order: { id: 'ASC' } });
  }

  /** Runs that wait: those that may start first come first, scheduled ones last. */
  async waiting(limit: number): Promise<Run[]> {
    const queued = await this.runs.find({ where: { state: 'queued' }, order: { rank: 'ASC', id: 'ASC' }, take: limit });
    const scheduled = await this.runs.find({ where: { state: 'scheduled' }, order: { availableMs: 'ASC', id: 'ASC' }, take: limit });
    return [...queued, ...scheduled];
  }

  countQueued(): Promise<number> {
    return this.runs.countBy({ state: 'queued' });
  }

  /** Runs that have ended, last first. */
  finished(filter: FinishedFilter, limit: number): Promise<Run[]> {
    const query = this.runs
      .createQueryBuilder('run')
      .where('run.finishedMs IS NOT NULL')
      .orderBy('run.finishedMs', 'DESC')
      .addOrderBy('run.id', 'DESC')
      .limit(limit);
    if (filter.mineOnly) query.andWhere('run.ownerId = :readerId', { readerId: filter.readerId });
    if (filter.states.length < FINAL_STATES.length) query.andWhere('run.state IN (:...states)', { states: filter.states });
    if (filter.before) {
      const { finishedMs, id } = filter.before;
      query.andWhere('(run.finishedMs < :finishedMs OR (run.finishedMs = :finishedMs AND run.id < :id))', { finishedMs, id });
    }
    if (filter.words !== '') whereWords(query, filter);
    return query.getMany();
  }

  detailsOf(runIds: readonly number[]): Promise<RunDetails[]> {
    return runIds.length === 0 ? Promise.resolve([]) : this.details.findBy({ runId: In([...runIds]) });
  }

  /** All runners that were ever here, last heard first. */
  async runnerSigns(): Promise<RunnerSign[]> {
    const now = NOW_MS[dialectOf(this.runners.manager.connection.options)];
    const rows = await this.runners
      .createQueryBuilder('runner')
      .select('runner.name', 'name')
      .addSelect('runner.slots', 'slots')
      .addSelect('runner.stopped', 'stopped')
      .addSelect('runner.beatMs', 'beatMs')
      .addSelect(`${now} - runner.beatMs`, 'silentMs')
      .orderBy('runner.beatMs', 'DESC')
      .getRawMany<Record<keyof RunnerSign, string | number>>();
    return rows.map((row) => ({
      name: String(row.name),
      slots: Number(row.slots),
      stopped: Number(row.stopped) === 1,
      beatMs: Number(row.beatMs),
      silentMs: Number(row.silentMs),
    }));
  }
}

/** A number, a part of the pipeline's title or of the requester's name, or of the name of a project of one's own. */
function whereWords(query: SelectQueryBuilder<Run>, { words, readerId }: FinishedFilter): void {
  const like = `%${words.replace(/[!%_]/g, '!$&')}%`;
  query.leftJoin(User, 'user', 'user.id = run.ownerId');
  query.leftJoin(Project, 'project', 'project.id = run.projectId AND project.ownerId = :readerId', { readerId });
  query.andWhere(
    new Brackets((any) => {
      any.where(`LOWER(run.pipelineTitle) LIKE :like ESCAPE '!'`, { like });
      any.orWhere(`LOWER(user.displayName) LIKE :like ESCAPE '!'`);
      any.orWhere(`LOWER(project.name) LIKE :like ESCAPE '!'`);
      const number = /^#?(\d{1,9})$/.exec(words)?.[1];
      if (number !== undefined) any.orWhere('run.id = :number', { number: Number(number) });
    }),
  );
}
