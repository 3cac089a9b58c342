import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { text } from '../../../locales/text';
import { Executor, PrepareError, type Assignment, type Execution, type HeldProgram, type Observation } from '../executor';
import { JobFiles } from './job-files';
import { JobObserver } from './job-observer';
import { JobTable } from './job-table';
import { sbatchWords } from './sbatch-words';
import { isSame, phaseOf, type JobIdentity } from './slurm-job';
import { identityOf, SlurmNames } from './slurm-names';
import { ClusterAwayError, SlurmTools } from './slurm-tools';
import { Watches } from './watches';

/** Between two looks at the exit record, which tells of an end before the cluster does. */
const LOOK_MS = 400;
const STOP_LOOK_MS = 500;
/** Between two signals to a job that goes on. */
const AGAIN_MS = 3000;

/**
 * Batch jobs of a Slurm cluster. A job is submitted held, released once it is authorised, and known by its name and comment; its record, log
 * and start-once marker lie in the control folder, on a file system that the nodes share.
 */
@Injectable()
export class SlurmExecutor extends Executor implements BeforeApplicationShutdown {
  readonly engine = 'slurm';
  /** `--time` of each job. */
  override readonly keepsTime = true;
  private readonly logger = new Logger('Runner');
  private isClosing = false;

  constructor(
    private readonly config: AppConfig,
    private readonly tools: SlurmTools,
    private readonly table: JobTable,
    private readonly names: SlurmNames,
    private readonly observer: JobObserver,
    private readonly watches: Watches,
  ) {
    super();
  }

  /** False while the cluster does not answer; asks it again meanwhile. */
  override get isReachable(): boolean {
    if (this.table.silentMs === 0) return true;
    void this.table.jobs().catch(() => undefined);
    return false;
  }

  /** What is being stopped goes on to be stopped by the next runner. */
  beforeApplicationShutdown(): void {
    this.isClosing = true;
  }

  async check(): Promise<void> {
    await this.tools.check();
    try {
      await this.tools.ping();
      await this.table.jobs();
    } catch (error) {
      // It may come back, and what runs in it goes on.
      if (error instanceof ClusterAwayError) this.table.noteAway(error);
      else throw error;
    }
  }

  async prepare(assignment: Assignment): Promise<HeldProgram> {
    const { folder, attempt, argv, cwd, env } = assignment;
    const files = new JobFiles(folder, attempt);
    const identity = await this.names.of(assignment);
    const words = sbatchWords(assignment, identity, this.config.settings.STOP_GRACE);
    if ([...argv, cwd, ...Object.values(env)].some((word) => word.includes('\0'))) throw new PrepareError(text('slurm.notForSlurm'));
    if (!(await stat(cwd).catch(() => null))) throw new PrepareError(text('runner.cannotPrepare', { reason: cwd }));
    await files.lay({ argv, cwd, env, cutNote: `\n${text('runner.logCut')}\n` });
    await files.layLimits(assignment.needs.memory);
    const jobId = await this.submitOnce(assignment, files, identity, words);
    const job = { ...identity, jobId };
    let isLetGo = false;
    return {
      handle: { kind: 'slurm', jobId, name: job.name, comment: job.comment, host: null },
      go: () => {
        isLetGo = true;
        return this.observer.release(job, files);
      },
      discard: async () => {
        if (!isLetGo) await this.sealJob(files, job);
      },
    };
  }

  async observe(execution: Execution): Promise<Observation> {
    const seen = await this.observer.look(execution);
    this.watches.of(execution).told = seen;
    return seen;
  }

  async change(execution: Execution, signal: AbortSignal): Promise<void> {
    const files = new JobFiles(execution.folder, execution.attempt);
    const { told } = this.watches.of(execution);
    const news = { hasCome: false };
    let looking: Promise<void> | null = null;
    while (!signal.aborted && !news.hasCome) {
      looking ??= this.observer
        .look(execution)
        .then((seen) => void (news.hasCome ||= !isSameTelling(seen, told)))
        .catch(() => undefined)
        .finally(() => (looking = null));
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
      // Beside a look that waits for the cluster: the record alone is enough.
      const isWaitingForCause = this.watches.of(execution).recordedMs !== null;
      if (!isWaitingForCause && (await files.exitCode().catch(() => null)) !== null) return;
    }
  }

  async seal(execution: Execution): Promise<boolean> {
    const files = new JobFiles(execution.folder, execution.attempt);
    return this.sealJob(files, identityOf(execution) ?? (await this.names.of(execution)));
  }

  async stop(execution: Execution, graceMs: number): Promise<void> {
    const files = new JobFiles(execution.folder, execution.attempt);
    const identity = identityOf(execution) ?? (await this.names.of(execution));
    // What has not begun is never asked to end: it simply cannot begin any more.
    if (await this.sealJob(files, identity)) return;
    const deadlineMs = performance.now() + graceMs;
    let isAsked = false;
    let killedMs = Number.NEGATIVE_INFINITY;
    if (await this.hasEnded(execution)) return;
    // Without room for the word it is ended all the same; only an answer with a success then looks like a success.
    await files.note('asked').catch((error: unknown) => this.logger.warn(String(error)));
    do {
      const leftMs = deadlineMs - performance.now();
      if (leftMs > 0) isAsked ||= await this.signal(identity, 'TERM');
      else if (performance.now() - killedMs >= AGAIN_MS && (await this.signal(identity))) killedMs = performance.now();
      await sleep(leftMs > 0 ? Math.min(STOP_LOOK_MS, leftMs) : STOP_LOOK_MS);
    } while (!this.isClosing && !(await this.hasEnded(execution)));
  }

  /** Slurm ends what a job leaves behind, and `job.sh` waits for the end of the log. */
  sweep(): Promise<number> {
    return Promise.resolve(0);
  }

  override async forget(execution: Execution): Promise<void> {
    const identity = identityOf(execution);
    // A job whose run is over although the cluster may still have it, such as one on a node that failed.
    const jobs = identity && (await this.table.jobs().catch(() => []));
    if (identity && jobs?.some((job) => isSame(identity, job) && phaseOf(job) === 'waiting')) await this.tools.cancel(identity);
  }

  override async removeOrphans(isWanted: (runId: number, attempt: number) => Promise<boolean>): Promise<void> {
    for (const job of await this.table.jobs(performance.now())) {
      const run = phaseOf(job) === 'over' ? null : await this.names.read(job);
      if (!run || (await isWanted(run.runId, run.attempt))) continue;
      this.logger.warn(
        `Slurm has job ${job.id} (${job.state}) of run ${run.runId}, attempt ${run.attempt}, which nobody waits for; it is cancelled.`,
      );
      await this.tools.cancel(job);
    }
  }

  /** Submits at most one job for an attempt: whatever the answer was, the cluster is asked for the name before anything else. */
  private async submitOnce(assignment: Assignment, files: JobFiles, identity: JobIdentity, words: string[]): Promise<string> {
    const askedMs = performance.now();
    let failure: unknown = new Error(text('slurm.lostSubmission'));
    if (await files.claimSubmission()) {
      try {
        const jobId = await this.tools.submit(words, assignment.folder, assignment.attempt);
        this.table.expire();
        return jobId;
      } catch (error) {
        if (error instanceof ClusterAwayError) this.table.noteAway(error);
        failure = error;
      }
    }
    this.table.expire();
    const found = await this.findSubmitted(identity, askedMs);
    if (found !== null) return found;
    throw failure instanceof ClusterAwayError ? new Error(failure.message, { cause: failure }) : failure;
  }

  private async findSubmitted(identity: JobIdentity, askedMs: number): Promise<string | null> {
    try {
      this.table.retry();
      return (await this.observer.find(identity, { state: 'open' }, askedMs))?.id ?? null;
    } catch (error) {
      if (error instanceof ClusterAwayError) return null;
      throw error;
    }
  }

  /** The marker decides; the cluster is told so that it does not keep the job, and what it does not hear the search for orphans finds. */
  private async sealJob(files: JobFiles, identity: JobIdentity): Promise<boolean> {
    if (!(await files.seal())) return false;
    try {
      await this.tools.cancel(identity);
    } catch (error) {
      if (!(error instanceof ClusterAwayError)) throw error;
      this.table.noteAway(error);
    }
    this.table.expire();
    return true;
  }

  private async hasEnded(execution: Execution): Promise<boolean> {
    const { kind } = await this.observer.look(execution);
    return kind === 'ended' || kind === 'dead' || kind === 'never_began';
  }

  /** TERM goes to the program; the end of the job to all of it, by Slurm's own way: TERM, KillWait, KILL. @returns whether Slurm took it. */
  private async signal(identity: JobIdentity, signal?: 'TERM'): Promise<boolean> {
    try {
      await this.tools.cancel(identity, signal);
      return true;
    } catch (error) {
      if (!(error instanceof ClusterAwayError)) throw error;
      this.table.noteAway(error);
      return false;
    } finally {
      this.table.expire();
    }
  }
}

/** Whether what is seen is what was told last. */
function isSameTelling(seen: Observation, told: Observation | null): boolean {
  if (told === null || seen.kind !== told.kind) return false;
  return seen.kind !== 'pending' || (told.kind === 'pending' && seen.note === told.note);
}
