import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../../common/errors';
import { ProjectFiles } from '../../common/files/project-files';
import { RunFolders } from '../../common/files/run-folders';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueStore } from '../../common/queue/queue-store';
import { RunsRepository } from '../../common/queue/runs.repository';
import { text } from '../../locales/text';

/** Deletes a project with its files, its runs and their control files. */
@Injectable()
export class ProjectDeletion {
  private readonly logger = new Logger(ProjectDeletion.name);

  constructor(
    private readonly projects: ProjectsRepository,
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
    private readonly files: ProjectFiles,
    private readonly runFolders: RunFolders,
    private readonly store: QueueStore,
  ) {}

  /**
   * @param typedName what the person typed to confirm.
   * @throws InvalidInputError for the field `typed`; ConflictError while runs of the project are not finished.
   */
  async delete(project: Project, typedName: string): Promise<void> {
    if (typedName.normalize('NFC').trim() !== project.name) {
      throw new InvalidInputError('projects.deleteMistyped', { name: project.name }, 'typed');
    }
    const live = await this.runs.liveOfProject(project.id);
    if (live.length > 0) throw new ConflictError('projects.deleteLive', { count: live.length });
    // The files vanish in one step; what follows may be interrupted, and leaves rows and folders that nobody sees.
    const gone = await this.setAside(project);
    await this.projects.delete(project.id);
    await this.cancelLatecomers(project);
    const runIds = await this.projectRuns.deleteFinished(project.id);
    this.logger.log(`project ${project.id} of ${project.ownerId} deleted with ${runIds.length} runs`);
    // Large trees take minutes: nobody has to wait for them, and the cleaner finishes what a stop interrupts.
    void this.removeAll(gone, runIds);
  }

  /** Runs that were asked for, in another tab, while this went on. Later ones find no project (see `RunSubmission`). */
  private async cancelLatecomers(project: Project): Promise<void> {
    const note = text('projects.deletedMeanwhile');
    for (const run of await this.runs.liveOfProject(project.id)) await this.store.requestCancel(run.id, note);
  }

  private async setAside(project: Project): Promise<SafeDirectory | null> {
    const staging = await this.files.staging(project.ownerId);
    const name = Buffer.from(`${project.id}.${randomUUID()}.deleted`);
    try {
      await this.files.of(project).move([], [name], staging);
      return staging.inside([name]);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  private async removeAll(gone: SafeDirectory | null, runIds: readonly number[]): Promise<void> {
    try {
      await gone?.remove([]);
      for (const runId of runIds) await this.runFolders.of(runId).remove([]);
    } catch (error) {
      this.logger.warn(`Files of a deleted project remain, the cleaner will try again: ${(error as Error).message}`);
    }
  }
}
