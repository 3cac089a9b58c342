import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Brackets, In, type Repository, type SelectQueryBuilder } from 'typeorm';
import { RunLinksRepository } from '../../common/chains/run-links.repository';
import { likeWords } from '../../common/database/search-words';
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
  /** Of pipelines that the reader knows by a title with these words in it; other titles are those that are stored. */
  pipelineIds?: readonly string[];
  states: readonly FinalState[];
  before: Cursor | null;
}

/** Ended runs that fit, last first. */
export interface FoundRuns {
  runs: Run[];
  /** The last run that was looked at, where older ones were not searched any more. */
  searchedTo: Cursor | null;
}

/** So many ended runs are searched for words at a time: each is read, which takes a few microseconds, and there may be millions. */
export const SEARCHED_AT_ONCE = 5000;

/** The reads of the queue page that filter, beside those of `RunsRepository`. None of them reads all that ever ran. */
@Injectable()
export class QueueListsRepository {
  constructor(
    @InjectRepository(Run) private readonly runs: Repository<Run>,
    @InjectRepository(RunDetails) private readonly details: Repository<RunDetails>,
    private readonly links: RunLinksRepository,
  ) {}

  countQueued(): Promise<number> {
    return this.runs.countBy({ state: 'queued' });
  }

  /** Runs that have ended, last first. */
  async finished(filter: FinishedFilter, limit: number): Promise<FoundRuns> {
    if (filter.words !== '') return this.search(filter, limit);
    if (filter.mineOnly || hasAllStates(filter)) {
      return { runs: await whereState(this.inOrder(filter, limit), filter, AMONG_THOSE).getMany(), searchedTo: null };
    }
    // A common state is soon found among the last ones, and one that is rare there by the index of states, which sorts what it finds.
    const edge = await this.edgeOf(filter);
    const lately = await whereState(downTo(this.inOrder(filter, limit), edge), filter, AMONG_THOSE).getMany();
    if (edge === null || lately.length === limit) return { runs: lately, searchedTo: null };
    return { runs: await whereState(this.inOrder(filter, limit), filter, BY_INDEX).getMany(), searchedTo: null };
  }

  detailsOf(runIds: readonly number[]): Promise<RunDetails[]> {
    return runIds.length === 0 ? Promise.resolve([]) : this.details.findBy({ runId: In([...runIds]) });
  }

  /** By the numbers of runs that wait, or waited, for another one: which one. */
  async followedBy(runIds: readonly number[]): Promise<Map<number, number>> {
    return new Map((await this.links.ofRuns(runIds)).map(({ runId, afterRun }) => [runId, afterRun]));
  }

  /** What words fit, as far back as is searched at once; the run of a number however old it is, before all others. */
  private async search(filter: FinishedFilter, limit: number): Promise<FoundRuns> {
    const edge = await this.edgeOf(filter);
    const query = whereState(downTo(this.inOrder(filter, limit), edge), filter, AMONG_THOSE);
    whereWords(query, filter);
    const number = Number(/^#?(\d{1,9})$/.exec(filter.words)?.[1] ?? 0);
    if (number === 0) return foundBy(await query.getMany(), edge, limit);
    const found = foundBy(await query.andWhere('run.id <> :number', { number }).getMany(), edge, limit);
    if (filter.before) return found;
    const named = await whereState(this.inOrder(filter, 1), filter, BY_INDEX).andWhere('run.id = :number', { number }).getOne();
    return named ? { ...found, runs: [named, ...found.runs] } : found;
  }

  /** The last of those runs that are searched at once; null where there are no more. */
  private edgeOf(filter: FinishedFilter): Promise<Cursor | null> {
    return this.inOrder(filter, 1)
      .select(['run.id', 'run.finishedMs'])
      .offset(SEARCHED_AT_ONCE - 1)
      .getOne()
      .then((run) => (run?.finishedMs ? { finishedMs: run.finishedMs, id: run.id } : null));
  }

  private inOrder({ mineOnly, readerId, before }: FinishedFilter, limit: number): SelectQueryBuilder<Run> {
    const query = this.runs
      .createQueryBuilder('run')
      .where('run.finishedMs IS NOT NULL')
      .orderBy('run.finishedMs', 'DESC')
      .addOrderBy('run.id', 'DESC')
      .limit(limit);
    if (mineOnly) query.andWhere('run.ownerId = :readerId', { readerId });
    if (before) {
      query.andWhere('(run.finishedMs < :finishedMs OR (run.finishedMs = :finishedMs AND run.id < :id))', { ...before });
    }
    return query;
  }
}

/** How a state is asked for: databases take an index for a column as it is, and none for what is made of it. */
const [BY_INDEX, AMONG_THOSE] = ['run.state', `COALESCE(run.state, '')`];

function hasAllStates({ states }: FinishedFilter): boolean {
  return states.length === FINAL_STATES.length;
}

function whereState(query: SelectQueryBuilder<Run>, filter: FinishedFilter, state: string): SelectQueryBuilder<Run> {
  return hasAllStates(filter) ? query : query.andWhere(`${state} IN (:...states)`, { states: filter.states });
}

function downTo(query: SelectQueryBuilder<Run>, edge: Cursor | null): SelectQueryBuilder<Run> {
  if (!edge) return query;
  const { finishedMs: edgeMs, id: edgeId } = edge;
  return query.andWhere('run.finishedMs >= :edgeMs', { edgeMs }).andWhere('(run.finishedMs > :edgeMs OR run.id >= :edgeId)', { edgeId });
}

function foundBy(runs: Run[], edge: Cursor | null, limit: number): FoundRuns {
  return { runs, searchedTo: runs.length < limit ? edge : null };
}

/** A part of the pipeline's title or of the requester's name, or of the name of a project of one's own. */
function whereWords(query: SelectQueryBuilder<Run>, { words, readerId, pipelineIds = [] }: FinishedFilter): void {
  const like = likeWords(words);
  query.leftJoin(User, 'user', 'user.id = run.ownerId');
  query.leftJoin(Project, 'project', 'project.id = run.projectId AND project.ownerId = :readerId', { readerId });
  query.andWhere(
    new Brackets((any) => {
      any.where(`LOWER(run.pipelineTitle) LIKE :like ESCAPE '!'`, { like });
      if (pipelineIds.length > 0) any.orWhere('run.pipelineId IN (:...pipelineIds)', { pipelineIds });
      any.orWhere(`LOWER(user.displayName) LIKE :like ESCAPE '!'`);
      any.orWhere(`LOWER(project.name) LIKE :like ESCAPE '!'`);
    }),
  );
}
