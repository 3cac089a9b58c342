import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { QueueFiguresRepository } from '../queue/queue-figures.repository';
import { isHeld } from '../queue/run-state';
import type { Run } from '../queue/run.entity';
import { RunnersRepository } from '../queue/runners.repository';
import { RunsRepository } from '../queue/runs.repository';
import { Quotas } from '../quotas/quotas';
import type { Situation } from './situation';
import { WaitingLine } from './waiting-line';

/** Runs that are not over and that are read; more only where many people wait. */
export const MOST_ACTIVE = 600;

/** What is not over, and why what waits does. */
export interface ActiveRuns {
  held: Run[];
  /** The first of the line, in the order in which they will probably start, then scheduled ones by their time. */
  waiting: Run[];
  line: WaitingLine;
}

/** Reads all that decides on the line of waiting runs, in a handful of questions for however many runs. */
@Injectable()
export class WaitingLines {
  constructor(
    private readonly runs: RunsRepository,
    private readonly runners: RunnersRepository,
    private readonly figures: QueueFiguresRepository,
    private readonly config: AppConfig,
    private readonly quotas: Quotas,
  ) {}

  /** @param more a run that nobody has asked for yet: as if it had been, just now. */
  async read(more?: Run): Promise<ActiveRuns> {
    const { RUNNER_STALE } = this.config.settings;
    const [active, heads, { nowMs, runners, hold }, typicalSeconds] = await Promise.all([
      this.runs.listWaitingAndHeld({ limit: MOST_ACTIVE }),
      this.runs.headsOfLine(MOST_ACTIVE),
      this.runners.all(RUNNER_STALE),
      this.figures.typicalTimes(),
    ]);
    const held = active.filter((run) => isHeld(run.state));
    const waiting = active.filter((run) => !isHeld(run.state));
    const known = new Set(active.map(({ id }) => id));
    const queued = [...waiting.filter((run) => run.state === 'queued'), ...heads.filter(({ id }) => !known.has(id))];
    const ownerIds = [...new Set([...queued, ...(more ? [more] : [])].map(({ ownerId }) => ownerId))];
    const situation: Situation = {
      nowMs,
      queued: more ? [...queued, more] : queued,
      moreQueued: active.length >= MOST_ACTIVE,
      held,
      runners,
      hold,
      limits: await this.quotas.runLimitsAmong(ownerIds),
      turns: await this.runs.turnsOf(ownerIds),
      typicalSeconds,
    };
    const line = new WaitingLine(situation);
    return { held, waiting: line.inOrder(waiting), line };
  }
}
