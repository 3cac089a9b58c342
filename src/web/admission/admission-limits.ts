import { Injectable } from '@nestjs/common';
import { LimitError, UnavailableError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import { QueueStore, type NewRun } from '../../common/queue/queue-store';
import { NOBODY, Quotas } from '../../common/quotas/quotas';
import { Space } from '../../common/space/space';
import { UsersRepository } from '../../common/users/users.repository';
import { OpenPipelines } from '../http/access/open-pipelines';

/** What has to hold before a run is accepted. */
@Injectable()
export class AdmissionLimits {
  constructor(
    private readonly store: QueueStore,
    private readonly space: Space,
    private readonly users: UsersRepository,
    private readonly quotas: Quotas,
    private readonly pipelines: OpenPipelines,
  ) {}

  /**
   * @returns how many runs of its owner may wait, with this one; null: any number. The queue itself counts.
   * @throws as `RunAdmission.admit`.
   */
  async require(project: Project, run: NewRun): Promise<number | null> {
    if (await this.space.isDiskFull()) throw new UnavailableError('space.isFullDisk');
    try {
      const owner = await this.users.findById(run.ownerId);
      if (owner) await this.pipelines.requireOn(owner, run.pipelineId);
      await this.space.requireRoom(project.ownerId);
    } catch (error) {
      // Asking again for a run that was accepted is no further run.
      if (!(error instanceof LimitError) || (await this.store.findSubmission(run.submissionId)) === null) throw error;
    }
    return this.mostOf(run.ownerId);
  }

  /** How many runs of somebody may wait, and do; null: any number. */
  async placesOf(ownerId: string): Promise<{ most: number | null; waiting: number }> {
    const most = await this.mostOf(ownerId);
    return { most, waiting: most === null ? 0 : await this.store.waitingOf(ownerId) };
  }

  private async mostOf(ownerId: string): Promise<number | null> {
    const owner = (await this.users.findById(ownerId)) ?? { ...NOBODY, id: ownerId };
    return (await this.quotas.limitsOf(owner)).waiting;
  }
}
