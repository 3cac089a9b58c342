import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, type Dialect } from '../../common/database/dialect';
import { OwnerTransactions } from '../../common/database/owner-transactions';
import type { FinalState } from '../../common/queue/run-state';
import { clip } from '../../common/queue/run-row';
import { Run } from '../../common/queue/run.entity';

/** A run that ended in another system. */
export interface TakenRun {
  /** UUID; the same again makes no second run. */
  submissionId: string;
  pipelineId: string;
  pipelineTitle: string;
  projectId: string;
  ownerId: string;
  state: FinalState;
  note: string;
  exitCode: number | null;
  requestedMs: number;
  startedMs: number | null;
  finishedMs: number;
  parameters: Record<string, unknown>;
  manifest: Record<string, unknown>;
}

/**
 * Runs that come as ended ones. No transition of `QueueStore` makes them: nothing of them ever was in this queue. Their event is written by
 * the trigger as for any run; it gets the time of the end there and counts as mailed, since nobody waits for news of it.
 */
@Injectable()
export class TakenRunsRepository {
  private readonly statements: string[];

  constructor(
    @InjectRepository(Run) private readonly runs: Repository<Run>,
    private readonly transactions: OwnerTransactions,
  ) {
    this.statements = statementsFor(dialectOf(runs.manager.connection.options));
  }

  /** @returns the number that it has here. */
  async add({ parameters, manifest, ...run }: TakenRun): Promise<number> {
    const texts = {
      pipelineId: clip(run.pipelineId, 100),
      pipelineTitle: clip(run.pipelineTitle, 200),
      note: clip(run.note, 1000),
      parameters: JSON.stringify(parameters),
      manifest: JSON.stringify(manifest),
    };
    const known = await this.runs.findOneBy({ submissionId: run.submissionId });
    // An INSERT that is ignored would use up a number all the same.
    if (known) return known.id;
    await this.transactions.run(run.ownerId, this.statements, { ...run, ...texts, started: run.startedMs === null ? 0 : 1 });
    return (await this.runs.findOneByOrFail({ submissionId: run.submissionId })).id;
  }
}

function statementsFor(dialect: Dialect): string[] {
  const ignore = dialect === 'sqlite' ? 'OR IGNORE' : 'IGNORE';
  const id = '(SELECT id FROM queue WHERE submission_id = :submissionId)';
  return [
    `INSERT ${ignore} INTO queue (submission_id, pipeline_id, pipeline_title, project_id, owner_id, state, \`rank\`, fence, attempt, starts,
       max_starts, start_failures, engine, need_cpu, need_memory, need_gpus, time_limit_seconds, note, exit_code, requested_ms, available_ms,
       started_ms, finished_ms, keep)
     VALUES (:submissionId, :pipelineId, :pipelineTitle, :projectId, :ownerId, :state, 0, 0, :started, :started, 1, 0, 'process', 0, 0, 0, 0,
       :note, :exitCode, :requestedMs, :requestedMs, :startedMs, :finishedMs, 1)`,
    `INSERT ${ignore} INTO run_details (run_id, parameters, manifest)
     SELECT id, :parameters, :manifest FROM queue WHERE submission_id = :submissionId`,
    `UPDATE run_events SET mailed = 1, at_ms = :finishedMs WHERE run_id = ${id}`,
  ];
}
