import { Injectable, Logger } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../../common/errors';
import { FileTasks } from '../../common/file-tasks/file-tasks';
import { ProjectFiles } from '../../common/files/project-files';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueStore } from '../../common/queue/queue-store';
import { RunsRepository } from '../../common/queue/runs.repository';
import { storedText } from '../../locales/text';
import { ProjectRemains } from './project-remains';

/** Deletes a project with its files, its runs and their control files. */
@Injectable()
export class ProjectDeletion {
  private readonly logger = new Logger(ProjectDeletion.name);

  constructor(
    private readonly projects: ProjectsRepository,
    private readonly runs: RunsRepository,
    private readonly files: ProjectFiles,
    private readonly store: QueueStore,
    private readonly remains: ProjectRemains,
    private readonly fileTasks: FileTasks,
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
    await this.fileTasks.cancelOfProject(project.id);
    await this.cancelLatecomers(project);
    const runCount = await this.remains.remove(project, gone);
    this.logger.log(`project ${project.id} of ${project.ownerId} deleted with ${runCount} runs`);
  }

  /** Runs that were asked for, in another tab, while this went on. Later ones find no project (see `RunSubmission`). */
  private async cancelLatecomers(project: Project): Promise<void> {
    const note = storedText('projects.deletedMeanwhile');
    for (const run of await this.runs.liveOfProject(project.id)) await this.store.requestCancel(run.id, note);
  }

  private async setAside(project: Project): Promise<SafeDirectory | null> {
    const staging = await this.files.staging(project.homeId);
    const name = this.files.goneName(project.id);
    try {
      await this.files.of(project).move([], [name], staging);
      return staging.inside([name]);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }
}
