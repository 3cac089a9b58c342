import { Injectable, Logger } from '@nestjs/common';
import { OutboxFiles } from '../../common/files/outbox-files';
import { RunFolders } from '../../common/files/run-folders';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { Space } from '../../common/space/space';
import { Trash } from '../../common/trash/trash';
import { UploadFiles } from '../../common/uploads/upload-files';

/** What is left of a project whose row is gone: rows of its runs, their control files, their copies in the outbox, its own files set aside, its trash and half-sent uploads. */
@Injectable()
export class ProjectRemains {
  private readonly logger = new Logger(ProjectRemains.name);

  constructor(
    private readonly projectRuns: ProjectRunsRepository,
    private readonly runFolders: RunFolders,
    private readonly trash: Trash,
    private readonly space: Space,
    private readonly uploads: UploadFiles,
    private readonly outbox: OutboxFiles,
  ) {}

  /**
   * Rows go at once; large trees take minutes, nobody has to wait for them, and the cleaner finishes what a stop interrupts.
   * @param gone where its files lie now; null when there were none. @returns how many runs it had.
   */
  async remove(project: Project, gone: SafeDirectory | null): Promise<number> {
    const runIds = await this.projectRuns.deleteFinished(project.id);
    void this.removeFiles(project, gone, runIds);
    return runIds.length;
  }

  private async removeFiles(project: Project, gone: SafeDirectory | null, runIds: readonly number[]): Promise<void> {
    try {
      const freed = (await gone?.remove([])) ?? { bytes: 0, files: 0 };
      await this.space.add(project.ownerId, { bytes: -freed.bytes, files: -freed.files });
      for (const runId of runIds) {
        await this.runFolders.of(runId).remove([]);
        await this.outbox.remove(runId);
      }
      await this.trash.empty(project);
      await this.uploads.removeOfProject(project.id);
    } catch (error) {
      this.logger.warn(`Files of a deleted project remain, the cleaner will try again: ${(error as Error).message}`);
    }
  }
}
