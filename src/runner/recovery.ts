import { Injectable, Logger } from '@nestjs/common';
import { QueueStore, type HeldRun } from '../common/queue/queue-store';
import { isElsewhere } from '../common/queue/run-handle';
import type { Run } from '../common/queue/run.entity';
import { engineWords } from '../common/waiting/waiting-words';
import { text } from '../locales/text';
import { Assignments } from './assignments';
import { CrashPoints } from './crash-points';
import { Executors } from './executors/executors';
import { readDeadline } from './kept-deadline';
import { RunnerSelf } from './runner-self';
import { Sealing } from './sealing';
import type { Work } from './tracked-runs';

/** Silence of another machine after which its runs are shown as unknown. */
const OTHER_HOST_SILENT_MS = 5 * 60_000;

/**
 * Takes over runs whose runner is gone: what was being started goes back to the queue, what was started is followed again. Silence is
 * a reason to look, never a reason to start anything.
 */
@Injectable()
export class Recovery {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly store: QueueStore,
    private readonly executors: Executors,
    private readonly assignments: Assignments,
    private readonly self: RunnerSelf,
    private readonly sealing: Sealing,
    private readonly crashPoints: CrashPoints,
  ) {}

  /**
   * Looks at a held run that this process does not know.
   * @returns the run under its new fence, or null: its owner lives, somebody else was quicker, or it is dealt with.
   */
  async adopt(held: HeldRun): Promise<Run | null> {
    const { run } = held;
    if (!this.isAbandoned(held)) return null;
    if (!this.executors.serves(run.engine)) return this.isMine(run) ? this.disown(run, this.notServed(run)) : null;
    // What is unknown may be so because it cannot be seen from here.
    return isElsewhere(run.handle, this.self) || run.state === 'unknown' ? this.adoptIfSeen(held) : this.takeOver(run);
  }

  /** Finds out what to do with a run that was adopted. @returns what to follow, or `over` when it is dealt with. */
  recover(run: Run): Promise<Work | 'over'> {
    return run.state === 'starting' ? this.putBack(run) : this.workOf(run);
  }

  private isAbandoned({ run, owner }: HeldRun): boolean {
    if (this.isMine(run) || owner === null || owner.stopped) return true;
    // Shown as unknown by a runner that cannot see it from where it is; here it can be seen again.
    if (run.state === 'unknown' && owner.host !== this.self.host && !isElsewhere(run.handle, this.self)) return true;
    return owner.silentMs >= this.self.staleSeconds * 1000;
  }

  private isMine({ runnerName }: Run): boolean {
    return runnerName === this.self.name;
  }

  /** A program on another machine: its exit record, in the shared folder, is all that can be seen of it from here. */
  private async adoptIfSeen({ run, owner }: HeldRun): Promise<Run | null> {
    const seen = await this.executors.of(run.engine).observe(await this.assignments.find(run));
    if (seen.kind !== 'elsewhere') return this.takeOver(run);
    // A name that is ours means that its machine is no more what it was; the runner of another one may only be away.
    return !this.isMine(run) && owner && owner.silentMs < OTHER_HOST_SILENT_MS ? null : this.disown(run, seen.evidence);
  }

  /** Says what became of it as far as that is known, and takes no place for it; once. */
  private async disown(before: Run, evidence: string): Promise<null> {
    if (before.state === 'unknown' && before.runnerName === null) return null;
    const run = await this.takeOver(before);
    if (!run) return null;
    const lease = { runId: run.id, fence: run.fence };
    if (run.state === 'starting') await this.store.discover(lease, run.handle, evidence);
    await this.store.disown(lease, evidence);
    this.logger.warn(`Run ${run.id} is unknown: ${evidence}`);
    return null;
  }

  private notServed({ engine }: Run): string {
    return text('runner.engineNotServed', { runner: this.self.name, engine: engineWords(engine) });
  }

  private async takeOver(before: Run): Promise<Run | null> {
    const run = await this.store.takeOver({ runId: before.id, fence: before.fence }, this.self, this.self.staleSeconds);
    if (!run) return null;
    this.crashPoints.reached('afterTakeOver');
    this.logger.log(`Run ${run.id} [${run.pipelineId}] ${run.state}: taken over from ${before.runnerName ?? 'nobody'}.`);
    return run;
  }

  private async workOf(run: Run): Promise<Work> {
    const { manifest } = await this.assignments.read(run);
    const execution = await this.assignments.find(run);
    const kept = await readDeadline(execution.folder, this.self.bootId).catch(() => null);
    return { manifest, deadlineMs: performance.now() + (kept ?? (await this.timeLeft(run))), execution };
  }

  /**
   * Without a kept deadline: on another machine, and after a restart of this one. By the clock of the database, which may have been set
   * meanwhile; so where the engine keeps the time as well, ours begins anew, and only catches what the engine overlooks.
   */
  private async timeLeft({ engine, timeLimitSeconds, begunMs, startedMs, requestedMs }: Run): Promise<number> {
    if (this.executors.of(engine).keepsTime) return timeLimitSeconds * 1000;
    return timeLimitSeconds * 1000 - ((await this.store.nowMs()) - (begunMs ?? startedMs ?? requestedMs));
  }

  /** It was never authorised, so nothing of it ought to have begun; sealed, nothing can begin any more. */
  private async putBack(run: Run): Promise<'over'> {
    const lease = { runId: run.id, fence: run.fence };
    if (!(await this.sealing.seal(run))) return 'over';
    if (run.cancelRequestedMs !== null) await this.store.cancelStarting(lease);
    else await this.store.unclaim(lease, text('runner.runnerLost'));
    return 'over';
  }
}
