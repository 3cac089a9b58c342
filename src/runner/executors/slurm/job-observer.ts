import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { text } from '../../../locales/text';
import type { Execution, Observation } from '../executor';
import { identityOf, SlurmNames } from './slurm-names';
import { JobEndings } from './job-endings';
import { JobFiles, type Marker } from './job-files';
import { JobTable } from './job-table';
import { pendingNote } from './pending-note';
import { isSame, parseDetails, phaseOf, type JobIdentity, type SlurmJob } from './slurm-job';
import { ClusterAwayError, SlurmTools } from './slurm-tools';
import { Watches, type Watch } from './watches';

/** A program that was ended by a signal may owe that to Slurm, which says so once the job is over; so long its word is waited for. */
const CAUSE_WITHIN_MS = 10_000;
/** A run whose job the cluster lost before it began is handed in again, but not without end. */
const MOST_ATTEMPTS = 10;
const SIGNALLED = 128;

/**
 * What can be said of a job. The files on the shared file system are the truth; the word of the cluster fills in what they do not tell, and
 * only a word that certainly means this job; silence proves nothing.
 */
@Injectable()
export class JobObserver {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly config: AppConfig,
    private readonly tools: SlurmTools,
    private readonly table: JobTable,
    private readonly names: SlurmNames,
    private readonly endings: JobEndings,
    private readonly watches: Watches,
  ) {}

  async look(execution: Execution): Promise<Observation> {
    const files = new JobFiles(execution.folder, execution.attempt);
    const watch = this.watches.of(execution);
    const identity = identityOf(execution) ?? (await this.names.of(execution));
    try {
      const seen = (await this.recorded(watch, files, identity)) ?? (await this.asTheClusterSays(execution, watch, files, identity));
      watch.unseenMs = null;
      return seen;
    } catch (error) {
      if (!(error instanceof ClusterAwayError)) throw error;
      this.table.noteAway(error);
      return this.unseen(watch, files, error);
    }
  }

  /** The job as the cluster knows it: the one that began, where one did. @param marker of its attempt. @throws ClusterAwayError */
  async find(identity: JobIdentity, marker: Marker, notBeforeMs?: number): Promise<SlurmJob | null> {
    const jobs = (await this.table.jobs(notBeforeMs)).filter((job) => isSame(identity, job));
    const wanted = (marker.state === 'began' ? marker.jobId : null) ?? identity.jobId;
    if (marker.state === 'began' && marker.jobId !== null) return jobs.find(({ id }) => id === marker.jobId) ?? null;
    const live = jobs.filter((job) => phaseOf(job) !== 'over');
    return live.find(({ id }) => id === wanted) ?? live[0] ?? jobs.find(({ id }) => id === wanted) ?? jobs.at(-1) ?? null;
  }

  private async recorded(watch: Watch, files: JobFiles, identity: JobIdentity): Promise<Observation | null> {
    const exitCode = await files.exitCode();
    if (exitCode === null) return null;
    const asked = await files.has('asked');
    if (exitCode <= SIGNALLED || asked) return { kind: 'ended', exitCode, asked };
    watch.recordedMs ??= performance.now();
    const isLate = performance.now() - watch.recordedMs > CAUSE_WITHIN_MS;
    try {
      const askedMs = performance.now();
      const marker = await files.marker();
      const job = (await this.find(identity, marker)) ?? (await this.searchAll(identity, marker, askedMs));
      // The accounting learns of an end a little later than the controller.
      if ((!job || phaseOf(job) === 'active') && !isLate) return { kind: 'running' };
      return { kind: 'ended', exitCode, asked, ...(job ? await this.endings.cause(job, files) : {}) };
    } catch (error) {
      if (!(error instanceof ClusterAwayError)) throw error;
      return isLate || this.table.silentMs > CAUSE_WITHIN_MS ? { kind: 'ended', exitCode, asked } : { kind: 'running' };
    }
  }

  private async asTheClusterSays(execution: Execution, watch: Watch, files: JobFiles, identity: JobIdentity): Promise<Observation> {
    const askedMs = performance.now();
    const marker = await files.marker();
    const job = (await this.find(identity, marker)) ?? (await this.searchAll(identity, marker, askedMs));
    // It may have ended, or begun, between the looks.
    await files.refresh();
    const late = await this.recorded(watch, files, identity);
    if (late) return late;
    const now = await files.marker();
    if (now.state !== marker.state) return this.asTheClusterSays(execution, watch, files, identity);
    if (!job) return this.absent(execution, watch, marker, identity);
    watch.goneMs = null;
    switch (phaseOf(job)) {
      case 'waiting':
        return this.waiting(identity, files, marker, job);
      case 'active':
        return this.active(marker, job);
      case 'over':
        return this.over(watch, files, marker, job);
      case 'strange':
        return { kind: 'orphaned', evidence: text('slurm.strange', { job: job.id, state: job.state }) };
    }
  }

  /** What one answer does not show is asked for in every other way before it counts as absent. */
  private async searchAll(identity: JobIdentity, marker: Marker, askedMs: number): Promise<SlurmJob | null> {
    const fresh = await this.find(identity, marker, askedMs);
    if (fresh) return fresh;
    const jobId = (marker.state === 'began' ? marker.jobId : null) ?? identity.jobId;
    const details = jobId === null ? null : await this.tools.details(jobId);
    const described = details === null ? null : parseDetails(details);
    if (described && isSame(identity, described)) return described;
    // Without its accounting the cluster is as silent about the job as one that keeps none.
    const account = await this.tools.account(identity).catch(() => null);
    return account && phaseOf(account) === 'over' ? account : null;
  }

  private absent({ attempt }: Execution, watch: Watch, marker: Marker, { jobId }: JobIdentity): Observation {
    if (marker.state !== 'began') {
      const note = text('slurm.lostTooOften');
      return attempt < MOST_ATTEMPTS
        ? { kind: 'never_began' }
        : { kind: 'ended', exitCode: null, asked: false, cause: 'nodeFailure', note };
    }
    watch.goneMs ??= performance.now();
    const job = marker.jobId ?? jobId ?? '?';
    if (performance.now() - watch.goneMs < this.patienceMs) return { kind: 'orphaned', evidence: text('slurm.gone', { job }) };
    return { kind: 'dead', evidence: text('slurm.goneForGood', { job }) };
  }

  private async waiting(identity: JobIdentity, files: JobFiles, marker: Marker, job: SlurmJob): Promise<Observation> {
    if (marker.state === 'sealed') return { kind: 'never_began' };
    if (marker.state === 'began') {
      // An answer from before it began says nothing: only one that was asked for since tells of a job that waits again.
      const now = await this.find(identity, marker, performance.now());
      if (!now || phaseOf(now) !== 'waiting') return { kind: 'running' };
      // Slurm requeues a job after it has ended all of it. What would begin now meets the marker.
      await this.tools.cancel(identity);
      return { kind: 'ended', exitCode: null, asked: false, cause: 'stoppedOutside', note: text('slurm.requeued') };
    }
    if (job.reason !== 'JobHeldUser') return { kind: 'pending', note: pendingNote(job, Date.now()) };
    if (!(await files.has('releaseAsked'))) return { kind: 'held' };
    // A release may not have arrived, or a controller that crashed may have forgotten it. Who means to hold a job holds it as an administrator.
    await this.release(identity, files);
    return { kind: 'pending', note: text('slurm.waitsRelease') };
  }

  /** Asks Slurm to let a job go that may go; what is not heard is asked again at the next look. */
  async release(identity: JobIdentity, files: JobFiles): Promise<void> {
    await files.note('releaseAsked');
    try {
      if (!(await this.tools.release(identity))) this.logger.warn(`Slurm did not release job ${identity.name}; it is asked again.`);
    } catch (error) {
      if (!(error instanceof ClusterAwayError)) throw error;
      this.table.noteAway(error);
    } finally {
      this.table.expire();
    }
  }

  private active(marker: Marker, { nodes }: SlurmJob): Observation {
    if (marker.state === 'began') return { kind: 'running' };
    return marker.state === 'sealed'
      ? { kind: 'never_began' }
      : { kind: 'pending', note: text('slurm.waitsBegin', { nodes: nodes || '…' }) };
  }

  private async over(watch: Watch, files: JobFiles, marker: Marker, job: SlurmJob): Promise<Observation> {
    if (marker.state === 'sealed') return { kind: 'never_began' };
    if (marker.state === 'open') {
      // The marker may be on its way over the network; sealed, the question is settled.
      if (!(await files.seal())) return { kind: 'running' };
      return this.endings.neverBegan(job);
    }
    watch.overMs ??= performance.now();
    const isFailedNode = this.endings.isFailedNode(job);
    const waitedMs = performance.now() - watch.overMs;
    if (isFailedNode && waitedMs < this.patienceMs) return { kind: 'orphaned', evidence: this.endings.failedNode(job) };
    // The record may be on its way over the network.
    if (waitedMs < this.patienceMs / 6) return { kind: 'running' };
    return this.endings.withoutRecord(job, files);
  }

  /** The cluster does not answer: for a while nothing is said that was not said before. */
  private async unseen(watch: Watch, files: JobFiles, error: ClusterAwayError): Promise<Observation> {
    watch.unseenMs ??= performance.now();
    const silentMs = Math.max(this.table.silentMs, performance.now() - watch.unseenMs);
    if (silentMs >= this.patienceMs) return { kind: 'orphaned', evidence: text('slurm.silent', { reason: error.message }), unseen: true };
    if (watch.told?.kind === 'running' || watch.told?.kind === 'pending' || watch.told?.kind === 'orphaned') return watch.told;
    const { state } = await files.marker();
    if (state === 'sealed') return { kind: 'never_began' };
    return state === 'began' ? { kind: 'running' } : { kind: 'pending', note: text('slurm.away', { reason: error.message }) };
  }

  private get patienceMs(): number {
    return this.config.settings.SLURM_SILENCE * 1000;
  }
}
