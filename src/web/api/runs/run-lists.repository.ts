import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository, SelectQueryBuilder } from 'typeorm';
import type { RunState } from '../../../common/queue/run-state';
import { Run } from '../../../common/queue/run.entity';

/** Whose runs, and which of them. Those of one person, or of one project. */
export type RunFilter = ({ ownerId: string; projectId?: string | undefined } | { projectId: string }) & {
  states?: readonly RunState[];
  pipelineId?: string | undefined;
  /** Only lower numbers. */
  before: number | null;
};

/** So many runs are looked through at a time: each costs a few microseconds, and there may be millions of which none fits. */
const LOOKED_AT = 5000;

/** Lists of runs for programs, newest first. None of them reads all that ever ran. */
@Injectable()
export class RunListsRepository {
  constructor(@InjectRepository(Run) private readonly runs: Repository<Run>) {}

  /**
   * @returns at most `limit` runs, and the number below which a next list begins; null at the end. Where few fit, a list may hold fewer than
   * that, or none, and go on all the same.
   */
  async list(filter: RunFilter, limit: number): Promise<{ runs: Run[]; next: number | null }> {
    const isAny =
      filter.states === undefined && filter.pipelineId === undefined && !('ownerId' in filter && filter.projectId !== undefined);
    const edge = isAny ? null : await this.edgeOf(filter);
    const query = narrowed(this.inOrder(filter), filter).limit(limit + 1);
    if (edge !== null) query.andWhere('run.id >= :edge', { edge });
    const found = await query.getMany();
    const runs = found.slice(0, limit);
    if (found.length > limit) return { runs, next: runs.at(-1)?.id ?? null };
    return { runs, next: edge };
  }

  /** The last of those that are looked through at once; null where there are no more. */
  private async edgeOf(filter: RunFilter): Promise<number | null> {
    const row = await this.inOrder(filter)
      .select('run.id', 'id')
      .offset(LOOKED_AT - 1)
      .limit(1)
      .getRawOne<{ id: number | string }>();
    return row ? Number(row.id) : null;
  }

  private inOrder(filter: RunFilter): SelectQueryBuilder<Run> {
    const query = this.runs.createQueryBuilder('run').orderBy('run.id', 'DESC');
    if ('ownerId' in filter) query.where('run.ownerId = :ownerId', { ownerId: filter.ownerId });
    else query.where('run.projectId = :projectId', { projectId: filter.projectId });
    if (filter.before !== null) query.andWhere('run.id < :before', { before: filter.before });
    return query;
  }
}

function narrowed(query: SelectQueryBuilder<Run>, filter: RunFilter): SelectQueryBuilder<Run> {
  // Without an index of their own: they are looked for among the runs above the edge.
  if (filter.states) query.andWhere('run.state IN (:...states)', { states: [...filter.states] });
  if (filter.pipelineId !== undefined) query.andWhere('run.pipelineId = :pipelineId', { pipelineId: filter.pipelineId });
  if ('ownerId' in filter && filter.projectId !== undefined) query.andWhere('run.projectId = :projectId', { projectId: filter.projectId });
  return query;
}
