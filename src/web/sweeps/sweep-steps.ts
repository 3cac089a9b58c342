import { Injectable } from '@nestjs/common';
import { ForbiddenError, NotFoundError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import { QueueStore } from '../../common/queue/queue-store';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { Sweep } from '../../common/sweeps/sweep.entity';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import type { User } from '../../common/users/user.entity';
import { Requeue } from '../admission/requeue';
import { RunCancelling } from '../queue/run-cancelling';
import { SweepPage } from './sweep-page.view';

/** What is done to runs that were asked for together. */
@Injectable()
export class SweepSteps {
  constructor(
    private readonly page: SweepPage,
    private readonly sweeps: SweepsRepository,
    private readonly runs: RunsRepository,
    private readonly store: QueueStore,
    private readonly cancelling: RunCancelling,
    private readonly requeue: Requeue,
  ) {}

  /** @throws NotFoundError for one that is not of the project. */
  async find(project: Project, id: string): Promise<Sweep> {
    const sweep = await this.sweeps.find(id.slice(0, 36));
    if (sweep?.projectId !== project.id) throw new NotFoundError('sweep.noSuchSweep');
    return sweep;
  }

  /** Those of its runs that are left, by their place among the combinations. */
  async runsOf(sweep: Sweep): Promise<{ position: number; run: Run }[]> {
    const members = await this.sweeps.runsOf(sweep.id);
    const known = new Map((await this.runs.findByIds(members.map(({ runId }) => runId))).map((run) => [run.id, run]));
    return members.flatMap(({ position, runId }) => {
      const run = known.get(runId);
      return run ? [{ position, run }] : [];
    });
  }

  /**
   * @returns how many were not over; whether some of them come back by `queueAgain`, and since when they are cancelled.
   * @throws NotFoundError; ForbiddenError for one of somebody else in a project of somebody else.
   */
  async cancel(person: User, project: Project, id: string): Promise<{ sweep: Sweep; count: number; waited: boolean; sinceMs: number }> {
    const sweep = await this.findTheirs(person, project, id);
    const live = (await this.runsOf(sweep)).map(({ run }) => run).filter(({ state }) => !isFinal(state));
    const sinceMs = await this.store.nowMs();
    const waited = live.some(({ state, starts }) => (state === 'queued' || state === 'scheduled') && starts === 0);
    await this.cancelling.cancelAll(person, sweep, live);
    return { sweep, count: live.length, waited, sinceMs };
  }

  /** Undoes `cancel` for the runs that had not started. @returns how many came back. @throws as `cancel`. */
  async queueAgain(person: User, project: Project, id: string, sinceMs: number): Promise<{ sweep: Sweep; count: number }> {
    const sweep = await this.findTheirs(person, project, id);
    return { sweep, count: await this.requeue.allAgain(project, sweep.id, sinceMs) };
  }

  private async findTheirs(person: User, project: Project, id: string): Promise<Sweep> {
    const sweep = await this.find(project, id);
    if (!(await this.page.maySteer(person, project, sweep))) throw new ForbiddenError('errors.forbidden');
    return sweep;
  }
}
