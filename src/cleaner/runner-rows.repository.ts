import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { repeatWhileBusy } from '../common/database/repeat-while-busy';
import { HELD_STATES } from '../common/queue/run-state';
import { Run, Runner } from '../common/queue/run.entity';

const HELD = HELD_STATES.map((state) => `'${state}'`).join(', ');
const DEAD = `beat_ms < :beforeMs
  AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.runner_name = runners.name AND queue.state IN (${HELD}))`;

/** Rows of runners as the cleaner sees them, and how far the numbers of runs have come. */
@Injectable()
export class RunnerRowsRepository {
  constructor(
    @InjectRepository(Runner) private readonly runners: Repository<Runner>,
    @InjectRepository(Run) private readonly runs: Repository<Run>,
  ) {}

  /** Runners without a sign of life since then that hold no run. */
  countDead(beforeMs: number): Promise<number> {
    return this.runners.createQueryBuilder('runners').where(DEAD, { beforeMs }).getCount();
  }

  async deleteDead(beforeMs: number): Promise<void> {
    await repeatWhileBusy(() => this.runners.createQueryBuilder().delete().where(DEAD, { beforeMs }).execute());
  }

  /** The highest number of a run in the queue; 0 when it is empty. */
  async highestRunId(): Promise<number> {
    return (await this.runs.maximum('id')) ?? 0;
  }
}
