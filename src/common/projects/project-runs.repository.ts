import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type FindOptionsWhere, type Repository } from 'typeorm';
import { Mail } from '../mail/mail.entity';
import { FINAL_STATES, type RunState } from '../queue/run-state';
import { Run, RunDetails, RunEvent } from '../queue/run.entity';

const FINAL = In([...FINAL_STATES]);
const GOOD = In<RunState>(['succeeded', 'partial']);
/** Numbers in one IN list. */
const MOST_AT_ONCE = 500;

/** What a project wants to know of its runs beyond `RunsRepository`, and what goes when it goes. */
@Injectable()
export class ProjectRunsRepository {
  constructor(
    @InjectRepository(Run) private readonly runs: Repository<Run>,
    @InjectRepository(RunDetails) private readonly details: Repository<RunDetails>,
    @InjectRepository(RunEvent) private readonly events: Repository<RunEvent>,
    @InjectRepository(Mail) private readonly mails: Repository<Mail>,
  ) {}

  count(projectId: string): Promise<number> {
    return this.runs.countBy({ projectId });
  }

  /** The run that finished last, of those that came to something if there are any; null when none has finished. */
  async latestFinished(projectId: string): Promise<Run | null> {
    const order = { finishedMs: 'DESC', id: 'DESC' } as const;
    const good = await this.runs.findOne({ where: { projectId, state: GOOD }, order });
    return good ?? this.runs.findOne({ where: { projectId, state: FINAL }, order });
  }

  /** The newest run of each project that has any, by project id. */
  newestOf(projectIds: readonly string[]): Promise<Map<string, Run>> {
    return this.newestAmong(projectIds, {});
  }

  /** As `newestOf`, of those that came to something. */
  newestGoodOf(projectIds: readonly string[]): Promise<Map<string, Run>> {
    return this.newestAmong(projectIds, { state: GOOD });
  }

  private async newestAmong(projectIds: readonly string[], which: FindOptionsWhere<Run>): Promise<Map<string, Run>> {
    if (projectIds.length === 0) return new Map();
    const newest = await this.runs
      .createQueryBuilder('run')
      .select('MAX(run.id)', 'id')
      .where({ projectId: In([...projectIds]), ...which })
      .groupBy('run.projectId')
      .getRawMany<{ id: number | string }>();
    const runs = await this.runs.findBy({ id: In(newest.map(({ id }) => Number(id))) });
    return new Map(runs.map((run) => [run.projectId, run]));
  }

  /** Values that were submitted for these runs, by run number. */
  async parametersOf(runIds: readonly number[]): Promise<Map<number, Record<string, unknown>>> {
    return new Map([...(await this.detailsOf(runIds))].map(([id, { parameters }]) => [id, parameters]));
  }

  /** These values with the manifest that was in force then, by run number. */
  async detailsOf(runIds: readonly number[]): Promise<Map<number, RunDetails>> {
    if (runIds.length === 0) return new Map();
    const rows = await this.details.findBy({ runId: In([...runIds]) });
    return new Map(rows.map((row) => [row.runId, row]));
  }

  /**
   * Deletes all rows of the project's finished runs: the runs first, because their other rows are found by nothing else.
   * @returns the numbers of the runs that were deleted.
   */
  async deleteFinished(projectId: string): Promise<number[]> {
    const rows = await this.runs.find({ select: { id: true }, where: { projectId, state: FINAL } });
    const ids = rows.map(({ id }) => id);
    for (let index = 0; index < ids.length; index += MOST_AT_ONCE) {
      const runId = In(ids.slice(index, index + MOST_AT_ONCE));
      await this.runs.delete({ id: runId });
      await this.details.delete({ runId });
      await this.events.delete({ runId });
      await this.mails.delete({ runId });
    }
    return ids;
  }
}
