import { Injectable, Logger } from '@nestjs/common';
import { DomainError, UnavailableError } from '../common/errors';
import { QueueStore } from '../common/queue/queue-store';
import type { Run } from '../common/queue/run.entity';
import { text } from '../locales/text';
import { writeAttemptRecord } from './attempt-record';
import { CrashPoints } from './crash-points';
import { PrepareError, type Assignment, type HeldProgram } from './executors/executor';
import { keepDeadline } from './kept-deadline';
import { Patience } from './patience';
import { Preparation, type Prepared } from './preparation';
import { RunnerSelf } from './runner-self';
import { Sealing } from './sealing';
import type { TrackedRun, Work } from './tracked-runs';

/** What to follow, or why there is nothing: the run is not ours any more (`over`), or this machine could not prepare it (`troubled`). */
export type LaunchOutcome = Work | 'over' | 'troubled';

/** Starts a claimed run in three steps: prepare a held program, ask the database for the one permission, let go. */
@Injectable()
export class Launcher {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly store: QueueStore,
    private readonly preparation: Preparation,
    private readonly sealing: Sealing,
    private readonly patience: Patience,
    private readonly self: RunnerSelf,
    private readonly crashPoints: CrashPoints,
  ) {}

  async launch(tracked: TrackedRun): Promise<LaunchOutcome> {
    this.crashPoints.reached('afterClaim');
    let prepared: Prepared;
    try {
      prepared = await this.preparation.prepare(tracked);
    } catch (error) {
      return this.giveUp(tracked, error);
    }
    this.crashPoints.reached('afterPrepare');
    const { assignment, held, manifest } = prepared;
    const noted = this.note(tracked.run, prepared);
    if (!(await this.authorise(tracked, held))) return this.giveBack(tracked, prepared);
    this.crashPoints.reached('afterAuthorise');
    // What is not let go never begins, and goes back to the queue.
    if (await noted) {
      await this.keepDeadline(tracked.run, assignment);
      await held.go();
    } else await held.discard();
    this.crashPoints.reached('afterGo');
    const deadlineMs = performance.now() + tracked.run.timeLimitSeconds * 1000;
    this.logger.log(`Run ${tracked.run.id} [${tracked.run.pipelineId}] started, attempt ${tracked.run.attempt}.`);
    return {
      manifest,
      deadlineMs,
      execution: {
        runId: assignment.runId,
        attempt: assignment.attempt,
        engine: tracked.run.engine,
        folder: assignment.folder,
        handle: held.handle,
      },
    };
  }

  /** For whoever finds the run when the database has forgotten that it was permitted. @returns whether that stands. */
  private async note({ id, submissionId }: Run, { assignment, held }: Prepared): Promise<boolean> {
    try {
      await writeAttemptRecord(assignment.folder, { submissionId, handle: held.handle });
      return true;
    } catch (error) {
      this.logger.error(`Run ${id} is not let go, because nobody would find it again: ${String(error)}`);
      return false;
    }
  }

  /** For whoever takes the run over should we not live to follow it; until then the clock of the database would count. */
  private async keepDeadline({ id, timeLimitSeconds }: Run, { folder }: Assignment): Promise<void> {
    try {
      await keepDeadline(folder, this.self.bootId, timeLimitSeconds * 1000);
    } catch (error) {
      this.logger.warn(`The end of the time of run ${id} is not noted: ${String(error)}`);
    }
  }

  private async authorise({ lease, dropped }: TrackedRun, held: HeldProgram): Promise<boolean> {
    try {
      return await this.patience.insist(() => this.store.authorise(lease, held.handle), dropped);
    } catch (error) {
      // Whether the permission was given is not known; whoever takes the run over finds that nothing began.
      await held.discard();
      throw error;
    }
  }

  /** The database refused: a cancel was asked for, or the run is somebody else's by now. */
  private async giveBack(tracked: TrackedRun, { held, tidy }: Prepared): Promise<LaunchOutcome> {
    await held.discard();
    if (!(await this.seal(tracked))) return 'over';
    await tidy();
    await this.patience.insist(() => this.store.cancelStarting(tracked.lease), tracked.dropped);
    return 'over';
  }

  /** Nothing was prepared. What lies in the run ends it; what lies in this machine gives it back to the queue. */
  private async giveUp(tracked: TrackedRun, error: unknown): Promise<LaunchOutcome> {
    const { lease, run, dropped } = tracked;
    dropped.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    // Also what can never run: another program may have the folder of this attempt, and be at work.
    if (!(await this.seal(tracked))) return 'over';
    const isHopeless = error instanceof PrepareError || (error instanceof DomainError && !(error instanceof UnavailableError));
    if (isHopeless) {
      this.logger.log(`Run ${run.id} [${run.pipelineId}] cannot start: ${reason}`);
      await this.patience.insist(() => this.store.failStart(lease, reason), dropped);
      return 'over';
    }
    this.logger.error(`Run ${run.id} [${run.pipelineId}] could not be prepared`, error instanceof Error ? error.stack : reason);
    await this.patience.insist(() => this.store.unclaim(lease, text('runner.startFailed', { reason })), dropped);
    return 'troubled';
  }

  /** @returns false when it has begun and is dealt with. */
  private seal({ run, dropped }: TrackedRun): Promise<boolean> {
    return this.patience.insist(() => this.sealing.seal(run), dropped);
  }
}
