import { Injectable } from '@nestjs/common';
import { ForbiddenError, LimitError, NotFoundError, UnavailableError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { Poke } from '../../common/queue/poke.service';
import { QueueStore, type NewRun } from '../../common/queue/queue-store';
import { NOBODY, Quotas } from '../../common/quotas/quotas';
import { Space } from '../../common/space/space';
import { UsersRepository } from '../../common/users/users.repository';
import { storedText } from '../../locales/text';

/** The one door into the queue: limits are asked, the run is written once, and the runners are woken. */
@Injectable()
export class RunAdmission {
  constructor(
    private readonly store: QueueStore,
    private readonly poke: Poke,
    private readonly projects: ProjectsRepository,
    private readonly space: Space,
    private readonly users: UsersRepository,
    private readonly quotas: Quotas,
  ) {}

  /**
   * @param run of the given project.
   * @throws LimitError when too many runs of its owner wait or the space of the project's owner is full, UnavailableError when the disk is
   * full, NotFoundError when the project was deleted meanwhile.
   */
  async admit(project: Project, run: NewRun): Promise<{ runId: number; created: boolean }> {
    await this.checkSpace();
    await this.checkLimits(project, run);
    const { runId, created } = await this.store.enqueue(run);
    void this.poke.pokeRunners();
    await this.requireProject(project, runId);
    await this.requireWelcome(run.ownerId, runId);
    if (created) await this.projects.touch(project.id, await this.store.nowMs());
    return { runId, created };
  }

  /** How many runs of somebody may wait, and do; null: any number. */
  async placesOf(ownerId: string): Promise<{ most: number | null; waiting: number }> {
    const owner = (await this.users.findById(ownerId)) ?? { ...NOBODY, id: ownerId };
    const { waiting: most } = await this.quotas.limitsOf(owner);
    return { most, waiting: most === null ? 0 : await this.store.waitingOf(ownerId) };
  }

  /** Only now, after the run is in the queue: who deletes a project removes its row first and looks for runs afterwards. */
  private async requireProject({ id }: Project, runId: number): Promise<void> {
    if (await this.projects.findById(id)) return;
    await this.store.requestCancel(runId, storedText('projects.deletedMeanwhile'));
    throw new NotFoundError('errors.noSuchProject');
  }

  /** Likewise: whoever is suspended meanwhile has no run that waits. */
  private async requireWelcome(ownerId: string, runId: number): Promise<void> {
    const owner = await this.users.findById(ownerId);
    if (owner?.suspendedMs == null) return;
    await this.store.requestCancel(runId, storedText('people.cancelledSuspended'));
    throw new ForbiddenError('people.suspended', { why: owner.suspendedWhy ?? '' });
  }

  /** Asking again for a run that was accepted is no further run. */
  private async checkLimits({ ownerId }: Project, run: NewRun): Promise<void> {
    try {
      const { most, waiting } = await this.placesOf(run.ownerId);
      if (most !== null && waiting >= most) throw new LimitError('run.tooManyWaiting', { most });
      await this.space.requireRoom(ownerId);
    } catch (error) {
      if (!(error instanceof LimitError) || (await this.store.findSubmission(run.submissionId)) === null) throw error;
    }
  }

  private async checkSpace(): Promise<void> {
    if (await this.space.isDiskFull()) throw new UnavailableError('space.isFullDisk');
  }
}
