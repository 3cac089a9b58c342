import { Injectable } from '@nestjs/common';
import { FactsRepository } from '../../../common/database/facts.repository';
import type { Execution } from '../executor';
import type { JobIdentity } from './slurm-job';

const INSTALLATION_LENGTH = 12;

/** How jobs of this installation are called, so that they are told from all others, whatever their ids. */
@Injectable()
export class SlurmNames {
  private installation: Promise<string> | null = null;

  constructor(private readonly facts: FactsRepository) {}

  async of({ runId, attempt }: Pick<Execution, 'runId' | 'attempt'>): Promise<JobIdentity> {
    const installation = await this.known();
    return { jobId: null, name: `sr-${installation}-${runId}-${attempt}`, comment: `sr:${installation}:${runId}:${attempt}` };
  }

  /** Run and attempt of a job of this installation; null for all other jobs. */
  async read({ name, comment }: Pick<JobIdentity, 'name' | 'comment'>): Promise<{ runId: number; attempt: number } | null> {
    const [, runId, attempt] = /^sr:[0-9a-f]+:(\d+):(\d+)$/.exec(comment) ?? [];
    if (runId === undefined || attempt === undefined) return null;
    const run = { runId: Number(runId), attempt: Number(attempt) };
    const ours = await this.of(run);
    return ours.name === name && ours.comment === comment ? run : null;
  }

  private known(): Promise<string> {
    this.installation ??= this.facts.installationId().then((id) => id.replaceAll('-', '').slice(0, INSTALLATION_LENGTH));
    // A database that was away for a moment is asked again.
    this.installation.catch(() => (this.installation = null));
    return this.installation;
  }
}

/** Who the job of an authorised execution is; null while nothing was authorised. */
export function identityOf({ handle }: Execution): JobIdentity | null {
  return handle?.kind === 'slurm' ? { jobId: handle.jobId, name: handle.name, comment: handle.comment } : null;
}
