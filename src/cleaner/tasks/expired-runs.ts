import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { RunsRepository } from '../../common/queue/runs.repository';
import { Chore, DAY_MS, type Waste } from '../chore';
import { RunRemoval } from '../run-removal';

/** What is more goes at the next cleaning. */
const MOST_AT_ONCE = 10_000;

/** Runs that ended more than RETENTION_DAYS ago and that nobody keeps and no other run reads: results, log, rows. */
@Injectable()
export class ExpiredRuns extends Chore {
  readonly name = 'expired runs';

  constructor(
    private readonly config: AppConfig,
    private readonly runs: RunsRepository,
    private readonly removal: RunRemoval,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const runs = await this.runs.finishedBefore(nowMs - this.config.settings.RETENTION_DAYS * DAY_MS, MOST_AT_ONCE);
    const expired = await this.removal.unread(runs);
    return expired.map((run) => ({
      what: `run ${run.id} [${run.pipelineId}], ended ${new Date(run.finishedMs ?? 0).toISOString().slice(0, 10)}`,
      measure: () => this.removal.measure(run),
      remove: () => this.removal.remove(run),
    }));
  }
}
