import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { dialectOf } from '../database/dialect';
import { Mail } from '../mail/mail.entity';
import { useIndex, words } from '../queue/queue-sql';
import { FINAL_STATES, type RunState } from '../queue/run-state';
import { Run, RunDetails, RunEvent } from '../queue/run.entity';

const FINAL = In([...FINAL_STATES]);
const GOOD_STATES: RunState[] = ['succeeded', 'partial'];
const GOOD = In(GOOD_STATES);
/** The latest runs of a project, of which one that came to something is looked for. */
const LATELY = 200;
/** Statements that are asked as one. */
const MOST_UNITED = 100;
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
    return this.newestAmong(projectIds, 1, '');
  }

  /** As `newestOf`, of those that came to something, as far as that was lately. */
  newestGoodOf(projectIds: readonly string[]): Promise<Map<string, Run>> {
    return this.newestAmong(projectIds, LATELY, `WHERE state IN (${words(GOOD_STATES)})`);
  }

  /** One step into the index for each project: databases would read all runs of all of them to find the greatest numbers. */
  private async newestAmong(projectIds: readonly string[], most: number, which: string): Promise<Map<string, Run>> {
    if (projectIds.length === 0) return new Map();
    const index = useIndex(dialectOf(this.runs.manager.connection.options), 'idx_queue_project');
    const latest = `SELECT id, state FROM queue ${index} WHERE project_id = ? ORDER BY id DESC LIMIT ${most}`;
    const each = projectIds.map((_, number) => `SELECT MAX(id) AS id FROM (${latest}) latest${number} ${which}`);
    const rows: { id: number | string | null }[] = [];
    for (let from = 0; from < each.length; from += MOST_UNITED) {
      const part = each.slice(from, from + MOST_UNITED).join(' UNION ALL ');
      rows.push(...(await this.runs.query<typeof rows>(part, projectIds.slice(from, from + MOST_UNITED))));
    }
    const ids = rows.flatMap(({ id }) => (id === null ? [] : Number(id)));
    const runs = ids.length === 0 ? [] : await this.runs.findBy({ id: In(ids) });
    return new Map(runs.map((run) => [run.projectId, run]));
  }

  /** Values that were submitted for these runs, by run number. */
  async parametersOf(runIds: readonly number[]): Promise<Map<number, Record<string, unknown>>> {
    if (runIds.length === 0) return new Map();
    // A manifest is many times as long.
    const rows = await this.details.find({ select: { runId: true, parameters: true }, where: { runId: In([...runIds]) } });
    return new Map(rows.map(({ runId, parameters }) => [runId, parameters]));
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
