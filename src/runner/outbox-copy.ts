import { Injectable } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import { UnavailableError } from '../common/errors';
import { freeSpace } from '../common/files/free-space';
import { outboxFolderName, outboxPartName } from '../common/files/outbox-files';
import { ProjectFiles } from '../common/files/project-files';
import { SafeDirectory } from '../common/files/safe-directory';
import { ProjectsRepository } from '../common/projects/projects.repository';
import type { Run } from '../common/queue/run.entity';

/**
 * Leaves the results of a run in the outbox for pick-up. Copies and not links: a file with two names could be changed from outside
 * behind the project's back, and Showrunner opens none that has.
 */
@Injectable()
export class OutboxCopy {
  constructor(
    private readonly config: AppConfig,
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
  ) {}

  /** Does nothing where no outbox is configured. The folder appears when it is complete; repeating replaces it. */
  async leave(run: Run): Promise<void> {
    const root = this.config.settings.OUTBOX_DIR;
    const project = root === undefined ? null : await this.projects.findById(run.projectId);
    if (root === undefined || !project) return;
    const results = this.projectFiles.of(project).inside(this.projectFiles.resultsPath(run.id));
    await this.requireSpace(root, (await results.measure([])).bytes);
    const outbox = await SafeDirectory.ensure(root);
    const part = [Buffer.from(outboxPartName(run.id))];
    await outbox.remove(part);
    await this.projectFiles.of(project).copy(this.projectFiles.resultsPath(run.id), part, outbox);
    const place = [Buffer.from(outboxFolderName(run.id))];
    await outbox.remove(place);
    await outbox.move(part, place);
  }

  private async requireSpace(root: string, bytes: number): Promise<void> {
    if ((await freeSpace(root)) - bytes < this.config.settings.FREE_SPACE_RESERVE) throw new UnavailableError('files.diskFull');
  }
}
