import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Brackets, In, type Repository, type SelectQueryBuilder } from 'typeorm';
import { Project } from '../../common/projects/project.entity';
import { FINAL_STATES, type FinalState } from '../../common/queue/run-state';
import { Run, RunDetails } from '../../common/queue/run.entity';
import type { Cursor } from '../../common/queue/runs.repository';
import { User } from '../../common/users/user.entity';

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

/** The reads of the queue page that filter, beside those of `RunsRepository`. */
@Injectable()
export class QueueListsRepository {
  constructor(
    @InjectRepository(Run) private readonly runs: Repository<Run>,
    @InjectRepository(RunDetails) private readonly details: Repository<RunDetails>,
  ) {}

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
