import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../../browser/amounts';
import { text } from '../../../locales/text';
import type { EndCause, Observation } from '../executor';
import type { JobFiles } from './job-files';
import { detailOf, phaseOf, type SlurmJob } from './slurm-job';
import { SlurmTools } from './slurm-tools';

interface Cause {
  cause: EndCause;
  note: string;
}

/** What slurmstepd writes into the log of a job before it kills it. */
const MEMORY_WORDS = /^slurmstepd.*(exceeded (job |step )?memory limit|oom.?kill)/im;
const FAILED_NODE = new Set(['NODE_FAIL', 'BOOT_FAIL']);

/** What the end of a job means for its program, beyond the record of the program itself. */
@Injectable()
export class JobEndings {
  constructor(private readonly tools: SlurmTools) {}

  isFailedNode({ state }: SlurmJob): boolean {
    return FAILED_NODE.has(state);
  }

  failedNode({ nodes, state }: SlurmJob): string {
    return text('slurm.nodeFailed', { nodes: nodes || '?', state });
  }

  /** Why the program ended, where that lies in the cluster; nothing where it did so by itself. */
  async cause(job: SlurmJob, files: JobFiles): Promise<Partial<Cause>> {
    if (phaseOf(job) === 'waiting') return { cause: 'stoppedOutside', note: text('slurm.requeued') };
    switch (job.state) {
      case 'TIMEOUT':
      case 'DEADLINE':
        return { cause: 'timeLimit', note: text('slurm.timeLimit') };
      case 'OUT_OF_MEMORY':
        return this.outOfMemory(files);
      case 'CANCELLED':
        return { cause: 'stoppedOutside', note: await this.cancelled(job) };
      case 'PREEMPTED':
        return { cause: 'stoppedOutside', note: text('slurm.preempted') };
      case 'NODE_FAIL':
      case 'BOOT_FAIL':
        return { cause: 'nodeFailure', note: this.failedNode(job) };
      default:
        return MEMORY_WORDS.test(await files.lastWords()) ? this.outOfMemory(files) : {};
    }
  }

  /** The program began and left no record, and the cluster has ended all of it: only its word is left, and never as a success. */
  async withoutRecord(job: SlurmJob, files: JobFiles): Promise<Observation> {
    const { id, state } = job;
    const asked = await files.has('asked');
    if (asked) return { kind: 'ended', exitCode: null, asked };
    if (state === 'COMPLETED' || this.isFailedNode(job)) {
      return { kind: 'dead', evidence: state === 'COMPLETED' ? text('slurm.noRecord', { job: id, state }) : this.failedNode(job) };
    }
    const because = await this.cause(job, files);
    if (because.cause !== undefined) return { kind: 'ended', exitCode: null, asked, ...because };
    return { kind: 'ended', exitCode: await this.exitStatus(job), asked, note: text('slurm.noRecord', { job: id, state }) };
  }

  /** The cluster ended the job and the program had not begun, which can never happen any more. */
  neverBegan({ id, state, reason }: SlurmJob): Observation {
    const isItself = state === 'FAILED' || state === 'COMPLETED';
    const note = isItself ? text('slurm.neverBeganHere', { job: id }) : text('slurm.neverBegan', { job: id, state, reason });
    return { kind: 'ended', exitCode: null, asked: false, cause: 'stoppedOutside', note };
  }

  private async outOfMemory(files: JobFiles): Promise<Cause> {
    const limit = await files.memoryLimit();
    const note = limit === null ? text('slurm.outOfMemory') : text('slurm.memoryExceeded', { size: formatBytes(limit) });
    return { cause: 'outOfMemory', note };
  }

  private async cancelled(job: SlurmJob): Promise<string> {
    const name = await this.tools.cancelledBy(job.name).catch(() => null);
    return name === null ? text('slurm.cancelled') : text('slurm.cancelledBy', { name });
  }

  /** As a shell would say it: 128 and the signal; null when Slurm does not tell, or tells a success that nobody recorded. */
  private async exitStatus({ id, name }: SlurmJob): Promise<number | null> {
    const details = await this.tools.details(id).catch(() => null);
    if (details === null || detailOf(details, 'JobName') !== name) return null;
    const [, code, signal] = /^(\d+):(\d+)$/.exec(detailOf(details, 'ExitCode') ?? '') ?? [];
    const status = Number(signal ?? 0) > 0 ? 128 + Number(signal) : Number(code ?? 0);
    return status === 0 || status > 255 ? null : status;
  }
}
