import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { QueueFiguresRepository } from '../../common/queue/queue-figures.repository';
import { HELD_STATES } from '../../common/queue/run-state';
import { text } from '../../locales/text';

/** Says when a run that is asked for now would start. */
@Injectable()
export class StartOutlook {
  constructor(
    private readonly figures: QueueFiguresRepository,
    private readonly config: AppConfig,
  ) {}

  /** One sentence; `isStuck` when nobody would carry it. */
  async now(): Promise<{ sentence: string; isStuck: boolean }> {
    const [alive, counts] = await Promise.all([this.figures.aliveRunners(this.config.settings.RUNNER_STALE), this.figures.countsByState()]);
    if (alive.length === 0) return { sentence: text('run.startsNever'), isStuck: true };
    const slots = alive.reduce((sum, runner) => sum + runner.slots, 0);
    const busy = HELD_STATES.reduce((sum, state) => sum + counts[state], 0);
    const ahead = counts.queued + Math.max(0, busy - slots + 1);
    if (counts.queued === 0 && busy < slots) return { sentence: text('run.startsNow'), isStuck: false };
    return { sentence: text('run.startsAfter', { count: ahead }), isStuck: false };
  }

  /** Typical seconds of a pipeline; null when it has not run often enough to tell. */
  typicalSeconds(pipelineId: string): Promise<number | null> {
    return this.figures.typicalSeconds(pipelineId);
  }
}
