import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { text } from '../../../locales/text';
import { ClusterAwayError, SlurmTools } from './slurm-tools';
import type { SlurmJob } from './slurm-job';

/** Longest wait of one look for an answer that is on its way: what else is seen of a run, such as its record, must not wait for it. */
const WAIT_MS = 5000;

/** All jobs of this user in the cluster, as one question every few seconds tells: however many runs look, there is one process. */
@Injectable()
export class JobTable {
  private readonly logger = new Logger('Runner');
  private answer: { askedMs: number; jobs: SlurmJob[] } | null = null;
  private failure: { endedMs: number; error: unknown } | null = null;
  private asking: { sinceMs: number; done: Promise<void> } | null = null;
  private awaySinceMs: number | null = null;
  private expiredMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly tools: SlurmTools,
    private readonly config: AppConfig,
  ) {}

  /** How long the cluster has not answered; 0 while it does. */
  get silentMs(): number {
    return this.awaySinceMs === null ? 0 : performance.now() - this.awaySinceMs;
  }

  /**
   * @param notBeforeMs the question must have been asked after this moment (by `performance.now()`); unset: a few seconds ago is recent enough.
   * @throws ClusterAwayError when there is no such answer.
   */
  async jobs(notBeforeMs = performance.now() - this.config.settings.SLURM_POLL * 1000): Promise<SlurmJob[]> {
    const deadlineMs = performance.now() + WAIT_MS;
    while (!this.answer || this.answer.askedMs < Math.max(notBeforeMs, this.expiredMs)) {
      if (this.failure && performance.now() - this.failure.endedMs < this.config.settings.SLURM_POLL * 1000) throw this.failure.error;
      if (performance.now() >= deadlineMs) throw new ClusterAwayError(text('slurm.noAnswerInTime', { tool: 'squeue' }));
      this.asking ??= this.ask();
      const patience = new AbortController();
      const pause = sleep(deadlineMs - performance.now(), undefined, { signal: patience.signal }).catch(() => undefined);
      await Promise.race([this.asking.done, pause]);
      patience.abort();
    }
    return this.answer.jobs;
  }

  /** What was just done in the cluster is not in any answer that was asked for before. */
  expire(): void {
    this.expiredMs = performance.now();
  }

  /** The next look asks again at once, although the last one got no answer. */
  retry(): void {
    this.failure = null;
  }

  /** Another tool got no answer either. */
  noteAway(error: unknown): void {
    if (this.failure?.error === error) return;
    this.failure = { endedMs: performance.now(), error };
    if (this.awaySinceMs !== null) return;
    this.awaySinceMs = performance.now();
    this.logger.warn(`${text('slurm.away', { reason: messageOf(error) })} Programs go on; it is asked again.`);
  }

  private ask(): { sinceMs: number; done: Promise<void> } {
    const sinceMs = performance.now();
    const done = this.tools
      .list()
      .then(
        (jobs) => this.noteAnswer(sinceMs, jobs),
        (error: unknown) => this.noteAway(error),
      )
      .finally(() => (this.asking = null));
    return { sinceMs, done };
  }

  private noteAnswer(askedMs: number, jobs: SlurmJob[]): void {
    this.answer = { askedMs, jobs };
    this.failure = null;
    if (this.awaySinceMs !== null) this.logger.log('Slurm answers again.');
    this.awaySinceMs = null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
