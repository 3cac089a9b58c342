import { Injectable, Logger } from '@nestjs/common';
import type { RunHandle } from '../common/queue/run-handle';
import { QueueStore, type Lease } from '../common/queue/queue-store';
import type { Run } from '../common/queue/run.entity';
import { text } from '../locales/text';
import { Assignments } from './assignments';
import { readAttemptRecord } from './attempt-record';
import { CrashPoints } from './crash-points';
import { Executors } from './executors/executors';

/**
 * Forbids attempts that the queue has not permitted, for ever. Some of them have begun all the same: the database lost the permission, by
 * a commit that did not last or a backup that was put back. They are never given back to the queue, which would start the run a second
 * time beside the first: the run is shown as unknown, with what is known of it, and the next round over all held runs follows it.
 */
@Injectable()
export class Sealing {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly store: QueueStore,
    private readonly executors: Executors,
    private readonly assignments: Assignments,
    private readonly crashPoints: CrashPoints,
  ) {}

  /** @param run that is `starting`. @returns false when it has begun; then there is nothing left to do for who asked. */
  async seal(run: Run): Promise<boolean> {
    const execution = await this.assignments.find(run);
    const isSealed = await this.executors.of(run.engine).seal(execution);
    this.crashPoints.reached('afterSeal');
    if (isSealed) return true;
    const record = await readAttemptRecord(execution.folder);
    if (record && record.submissionId !== run.submissionId) {
      this.logger.warn(
        `Run ${run.id}, attempt ${run.attempt}: its control folder was used by a run of another database, so it is left out.`,
      );
      return true;
    }
    await this.discover({ runId: run.id, fence: run.fence }, record?.handle ?? null);
    return false;
  }

  /** Shows a run that is `starting` as one that has begun. @returns false when it is something else. */
  async discover(lease: Lease, handle: RunHandle | null): Promise<boolean> {
    const isDiscovered = await this.store.discover(lease, handle, text('runner.hasBegun'));
    if (isDiscovered) this.logger.error(`Run ${lease.runId} has begun, and the queue knew nothing of it. It is not started again.`);
    return isDiscovered;
  }
}
