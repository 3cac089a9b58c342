import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { LimitError, UnavailableError } from '../../common/errors';
import { freeSpace } from '../../common/files/free-space';
import type { Project } from '../../common/projects/project.entity';
import { QueueStore, type NewRun } from '../../common/queue/queue-store';
import { Space } from '../../common/space/space';
import { UsersRepository } from '../../common/users/users.repository';
import { OpenPipelines } from '../http/access/open-pipelines';
import { waitingLimit } from './waiting-limit';

/** What has to hold before a run is accepted. */
@Injectable()
export class AdmissionLimits {
  constructor(
    private readonly store: QueueStore,
    private readonly space: Space,
    private readonly users: UsersRepository,
    private readonly pipelines: OpenPipelines,
    private readonly config: AppConfig,
  ) {}

  /** @throws as `RunAdmission.admit`. */
  async require(project: Project, run: NewRun): Promise<void> {
    await this.requireDiskRoom();
    try {
      const owner = await this.users.findById(run.ownerId);
      if (owner) await this.pipelines.requireOn(owner, run.pipelineId);
      const most = waitingLimit(this.config, owner);
      if (most !== null && (await this.store.waitingOf(run.ownerId)) >= most) throw new LimitError('run.tooManyWaiting', { most });
      await this.space.requireRoom(project.ownerId);
    } catch (error) {
      // Asking again for a run that was accepted is no further run.
      if (!(error instanceof LimitError) || (await this.store.findSubmission(run.submissionId)) === null) throw error;
    }
  }

  private async requireDiskRoom(): Promise<void> {
    const { FREE_SPACE_RESERVE: reserve } = this.config.settings;
    if ((await freeSpace(this.config.filesRoot)) < reserve) throw new UnavailableError('space.isFullDisk');
  }
}
