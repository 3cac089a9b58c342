import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { RunsRepository } from '../common/queue/runs.repository';
import { isFinal, isHeld } from '../common/queue/run-state';
import { Executors } from './executors/executors';
import { OutboxCopy } from './outbox-copy';

const EVERY_MS = 5 * 60_000;

/**
 * Now and then asks every engine to end what it holds for this installation without a run that wants it, such as a job submitted by a runner
 * that died, and publishes the copies in the outbox that such a one had still to publish.
 */
@Injectable()
export class OrphanSweep implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Runner');
  private readonly ending = new AbortController();

  constructor(
    private readonly executors: Executors,
    private readonly runs: RunsRepository,
    private readonly outbox: OutboxCopy,
  ) {}

  /** Sweeps at once and every few minutes from then on, beside everything else. */
  start(): void {
    void this.goOn();
  }

  /** Nothing waits for a sweep: what it has not reached the next one finds, and without the database it removes nothing. */
  beforeApplicationShutdown(): void {
    this.ending.abort();
  }

  /** One sweep over the outbox and all engines; what fails is tried again with the next. */
  async sweep(): Promise<void> {
    try {
      await this.outbox.sweep();
    } catch (error) {
      if (this.ending.signal.aborted) return;
      this.logger.warn(`Could not tidy the outbox: ${String(error)}`);
    }
    for (const executor of this.executors.all()) {
      try {
        await executor.removeOrphans((runId, attempt) => this.isWanted(runId, attempt));
      } catch (error) {
        if (this.ending.signal.aborted) return;
        this.logger.warn(`Could not look for what the engine ${executor.engine} holds in vain: ${String(error)}`);
      }
    }
  }

  /** A later attempt than the row knows is one that the database forgot, when a backup of it was put back: it is found again by its folder. */
  private async isWanted(runId: number, attempt: number): Promise<boolean> {
    const run = await this.runs.find(runId);
    if (run === null) return false;
    return attempt > run.attempt ? !isFinal(run.state) : attempt === run.attempt && isHeld(run.state);
  }

  private async goOn(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      await this.sweep();
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
