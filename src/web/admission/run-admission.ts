import { Injectable } from '@nestjs/common';
import { ForbiddenError, NotFoundError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { Poke } from '../../common/queue/poke.service';
import { QueueStore, type NewRun } from '../../common/queue/queue-store';
import { UsersRepository } from '../../common/users/users.repository';
import { storedText } from '../../locales/text';
import { AdmissionLimits } from './admission-limits';

/** The one door into the queue: limits are asked, the run is written once, and the runners are woken. */
@Injectable()
export class RunAdmission {
  constructor(
    private readonly store: QueueStore,
    private readonly poke: Poke,
    private readonly projects: ProjectsRepository,
    private readonly limits: AdmissionLimits,
    private readonly users: UsersRepository,
  ) {}

  /**
   * @param run of the given project.
   * @throws LimitError when too many runs of its owner wait or the space of the project's owner is full, UnavailableError when the disk is
   * full, NotFoundError when the project was deleted meanwhile or its owner may not run the pipeline (any more), ConflictError while that
   * is off.
   */
  async admit(project: Project, run: NewRun): Promise<{ runId: number; created: boolean }> {
    const mostWaiting = await this.limits.require(project, run);
    const { runId, created } = await this.store.enqueue(run, mostWaiting);
    void this.poke.pokeRunners();
    await this.requireProject(project, runId);
    await this.requireWelcome(run.ownerId, runId);
    if (created) await this.projects.touch(project.id, await this.store.nowMs());
    return { runId, created };
  }

  /** How many runs of somebody may wait, and do; null: any number. */
  placesOf(ownerId: string): Promise<{ most: number | null; waiting: number }> {
    return this.limits.placesOf(ownerId);
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
}
