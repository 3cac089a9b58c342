import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../common/errors';
import { QueueStore, type Ending } from '../common/queue/queue-store';
import type { OutcomeRecord } from '../common/pipelines/outcome/outcome-record';
import { settleEnding, withCounts } from '../common/queue/settle-ending';
import { text } from '../locales/text';
import { CrashPoints } from './crash-points';
import type { Observation } from './executors/executor';
import { Executors } from './executors/executors';
import { memoryAdvice } from './memory-advice';
import { OutboxCopy } from './outbox-copy';
import { Patience } from './patience';
import { ResultCheck } from './result-check';
import type { TrackedRun, Work } from './tracked-runs';

type End = Extract<Observation, { kind: 'ended' | 'dead' }>;

/** Weighs the end of a program and writes it down: final, or back to the queue where the pipeline asks for another try. */
@Injectable()
export class Settlement {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly store: QueueStore,
    private readonly executors: Executors,
    private readonly results: ResultCheck,
    private readonly outbox: OutboxCopy,
    private readonly patience: Patience,
    private readonly crashPoints: CrashPoints,
  ) {}

  async settle(tracked: TrackedRun, { manifest, execution }: Work, end: End): Promise<void> {
    const { run, lease, dropped } = tracked;
    this.crashPoints.reached('afterExit');
    const left = await this.patience.insist(() => this.executors.of(execution.engine).sweep(execution), dropped);
    await tracked.lastLook?.();
    if (left > 0) this.logger.log(`Run ${run.id} left ${left} processes behind; they were ended.`);
    const parts = await this.partsOf(tracked, manifest);
    const ending =
      end.kind === 'dead' ? withCounts(lost(tracked, end.evidence), parts) : await this.weigh(tracked, manifest, { ...end, parts });
    if (manifest.retry.on.some((state) => state === ending.state) && (await this.tryAgain(tracked, ending))) return this.forget(execution);
    await this.tidy(tracked, manifest);
    const final = await this.copyForPickUp(tracked, ending);
    const isOurs = await this.patience.insist(() => this.store.finish(lease, final), dropped);
    this.crashPoints.reached('afterFinish');
    await this.leaveForPickUp(run, isOurs);
    if (isOurs) await this.forget(execution);
    if (isOurs) this.results.digest(run);
    if (isOurs) this.logger.log(`Run ${run.id} [${run.pipelineId}] ${final.state}${final.note ? `: ${final.note}` : '.'}`);
  }

  /** What is left behind in the engine is found by its search for orphans later. */
  private async forget(execution: Work['execution']): Promise<void> {
    try {
      await this.executors.of(execution.engine).forget(execution);
    } catch (error) {
      this.logger.warn(`Run ${execution.runId}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** What became of its steps and rows, kept for its page: what cannot be kept is still told in one sentence. */
  private async partsOf({ run, dropped }: TrackedRun, manifest: Work['manifest']): Promise<OutcomeRecord | null> {
    const parts = await this.patience.insist(() => this.results.parts(run, manifest), dropped);
    if (!parts) return null;
    await this.results.keep(run, parts).catch((error: unknown) => {
      this.logger.warn(`What became of the parts of run ${run.id} is not kept: ${String(error)}`);
    });
    return parts;
  }

  private async weigh(
    { run, stopOrder, dropped }: TrackedRun,
    manifest: Work['manifest'],
    end: Extract<End, { kind: 'ended' }> & { parts: OutcomeRecord | null },
  ) {
    const missingOutputs = await this.patience.insist(() => this.missingOutputs(run, manifest), dropped);
    return settleEnding({
      exitCode: end.exitCode,
      signal: null,
      stopReason: stopOrder?.reason ?? null,
      stopNote: stopOrder?.note ?? null,
      endedBeforeStop: !end.asked,
      outcome: manifest.outcome,
      missingOutputs,
      parts: end.parts,
      cause: end.cause ?? null,
      causeNote: causeNote(end, manifest),
      completed: end.completed ?? false,
    });
  }

  /** A folder that the program made unreadable counts as empty: nobody could fetch anything from it. */
  private async missingOutputs(run: TrackedRun['run'], manifest: Work['manifest']): Promise<string[]> {
    try {
      return await this.results.missing(run, manifest);
    } catch (error) {
      if (error instanceof DomainError) return manifest.outcome.requiredOutputs;
      throw error;
    }
  }

  /** What stays behind is a nuisance and no reason to keep the end of the run back. */
  private async tidy({ run, dropped }: TrackedRun, manifest: Work['manifest']): Promise<void> {
    const tidy = async () => {
      try {
        await this.results.tidy(run, manifest);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        this.logger.warn(`Run ${run.id}: its folder could not be tidied: ${error.message}`);
      }
    };
    await this.patience.insist(tidy, dropped);
  }

  private async tryAgain({ run, lease, dropped }: TrackedRun, ending: Ending): Promise<boolean> {
    if (run.starts >= run.maxStarts) return false;
    const note = text('runner.triedAgain', { reason: ending.note ?? ending.state });
    const isQueued = await this.patience.insist(() => this.store.retry(lease, note), dropped);
    if (isQueued) this.logger.log(`Run ${run.id} [${run.pipelineId}] ${ending.state}; it is tried again.`);
    return isQueued;
  }

  private async copyForPickUp({ run }: TrackedRun, ending: Ending): Promise<Ending> {
    if (ending.state !== 'succeeded' && ending.state !== 'partial') return ending;
    try {
      await this.outbox.make(run);
      return ending;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`The results of run ${run.id} could not be copied to the outbox: ${reason}`);
      return { ...ending, note: [ending.note, text('runner.notInOutbox', { reason })].filter(Boolean).join(' ') };
    }
  }

  /** Only now: people may have fetched and removed what the runner left that settled the run in our place. */
  private async leaveForPickUp(run: TrackedRun['run'], isOurs: boolean): Promise<void> {
    try {
      await (isOurs ? this.outbox.publish(run) : this.outbox.discard(run));
    } catch (error) {
      this.logger.warn(`Run ${run.id}: its copy in the outbox is tidied later: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The engine's own words, and for want of memory who can give more. */
function causeNote({ cause, note }: Extract<End, { kind: 'ended' }>, manifest: Work['manifest']): string | null {
  return cause === 'outOfMemory' ? `${note ?? text('queue.endedOutOfMemory')} ${memoryAdvice(manifest)}` : (note ?? null);
}

/** What left no record was lost, unless it was being stopped: then that is what happened to it. */
function lost({ stopOrder }: TrackedRun, evidence: string): Ending {
  if (!stopOrder) return { state: 'lost', exitCode: null, note: evidence };
  return { state: stopOrder.reason === 'cancel' ? 'cancelled' : 'timed_out', exitCode: null, note: stopOrder.note };
}
