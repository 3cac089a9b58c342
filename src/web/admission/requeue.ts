import { Injectable } from '@nestjs/common';
import { RunLinksRepository } from '../../common/chains/run-links.repository';
import { NEVER_MS } from '../../common/database/never';
import { ConflictError, NotFoundError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import { levelOf } from '../../common/queue/rank';
import { QueueStore } from '../../common/queue/queue-store';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import { UNDO_MS } from '../../common/undo-time';
import { submissionKey } from './submission-key';
import { RunAdmission } from './run-admission';

/**
 * Undoes the cancelling of runs that never started. What has ended stays as it ended, so another run is asked for, with the same
 * values for the same person, and takes its place among runs that were asked for together. However often and by whomever it is undone,
 * one run comes of it.
 */
@Injectable()
export class Requeue {
  constructor(
    private readonly store: QueueStore,
    private readonly runs: RunsRepository,
    private readonly sweeps: SweepsRepository,
    private readonly admission: RunAdmission,
    private readonly links: RunLinksRepository,
  ) {}

  /**
   * @returns the number of the run that stands in for it.
   * @throws ConflictError for a run that cannot come back; what `RunAdmission.admit` throws.
   */
  async again(project: Project, run: Run): Promise<number> {
    if (!mayComeBack(run, await this.store.nowMs())) throw new ConflictError('queue.requeueTooLate', { number: run.id });
    return this.admit(project, run);
  }

  /**
   * Those of a sweep that were cancelled together.
   * @param sinceMs when that was.
   * @returns how many came back.
   */
  async allAgain(project: Project, sweepId: string, sinceMs: number): Promise<number> {
    const members = await this.sweeps.runsOf(sweepId);
    const nowMs = await this.store.nowMs();
    const cancelled = (await this.runs.findByIds(members.map(({ runId }) => runId)))
      .filter((run) => mayComeBack(run, nowMs) && (run.finishedMs ?? 0) >= sinceMs)
      .sort((one, other) => one.id - other.id);
    // In their order, in which they will start.
    for (const run of cancelled) await this.admit(project, run);
    return cancelled.length;
  }

  private async admit(project: Project, run: Run): Promise<number> {
    const details = await this.runs.details(run.id);
    if (!details) throw new NotFoundError('errors.noSuchRun', { number: run.id });
    const { pipelineId, pipelineTitle, projectId, ownerId, timeLimitSeconds, maxStarts, pipelineLimit, engine, rank } = run;
    const { parameters, manifest } = details;
    const { runId } = await this.admission.admit(project, {
      submissionId: submissionKey(['requeue', run.id]),
      pipelineId,
      pipelineTitle,
      projectId,
      ownerId,
      parameters,
      manifest,
      timeLimitSeconds,
      maxStarts,
      pipelineLimit,
      engine,
      level: levelOf(rank),
      needs: { cpu: run.needCpu, memory: run.needMemory, gpus: run.needGpus },
      availableMs: run.dueMs ?? run.availableMs,
      afterRun: await this.waitedFor(run),
    });
    await this.sweeps.replaceRun(run.id, runId);
    return runId;
  }

  /**
   * What it waited for when it was cancelled; undefined where its turn depended on no other run.
   * @throws ConflictError where that has come to nothing.
   */
  private async waitedFor(run: Run): Promise<number | undefined> {
    if ((run.dueMs ?? run.availableMs) < NEVER_MS) return undefined;
    const [link] = await this.links.ofRuns([run.id]);
    const before = link && (await this.runs.find(link.afterRun));
    if (link && !before) throw new ConflictError('chains.stoppedGone', { number: link.afterRun });
    // It would end again at once.
    if (before && isFinal(before.state) && before.state !== 'succeeded')
      throw new ConflictError('chains.notSucceeded', { number: before.id });
    return link?.afterRun;
  }
}

/** Whether a run was cancelled a short while ago, before anything of it had started. */
export function mayComeBack({ state, starts, startedMs, finishedMs }: Run, nowMs: number): boolean {
  return state === 'cancelled' && starts === 0 && startedMs === null && finishedMs !== null && finishedMs > nowMs - UNDO_MS;
}
