import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { RunsRepository } from '../queue/runs.repository';
import { Chore, DAY_MS, type Waste } from './chore';
import { RunExpiry } from './run-expiry';
import { RunRemoval } from './run-removal';

/** What is more goes at the next cleaning. */
const MOST_AT_ONCE = 10_000;

/** Runs that ended more than RETENTION_DAYS ago, that nobody keeps and no other run reads, and of whose end their owners were told: results, log, rows. */
@Injectable()
export class ExpiredRuns extends Chore {
  readonly name = 'expired runs';

  constructor(
    private readonly config: AppConfig,
    private readonly runs: RunsRepository,
    private readonly removal: RunRemoval,
    private readonly expiry: RunExpiry,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const runs = await this.runs.finishedBefore(nowMs - this.config.settings.RETENTION_DAYS * DAY_MS, MOST_AT_ONCE, nowMs);
    const gone = await this.expiry.goneMsOf(runs);
    const expired = await this.removal.unread(runs.filter(({ id }) => (gone.get(id) ?? Infinity) <= nowMs));
    return expired.map((run) => ({
      dueMs: gone.get(run.id),
      ownerId: run.ownerId,
      runId: run.id,
      what: `run ${run.id} [${run.pipelineId}], ended ${new Date(run.finishedMs ?? 0).toISOString().slice(0, 10)}`,
      measure: () => this.removal.measure(run),
      remove: () => this.removal.remove(run),
    }));
  }
}
