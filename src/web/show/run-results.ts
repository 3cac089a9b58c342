import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath } from '../../common/files/entry-name';
import { OutboxFiles } from '../../common/files/outbox-files';
import { ProjectFiles } from '../../common/files/project-files';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { pickUpCommand } from '../../common/mail/pick-up';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import { address } from '../views/helpers';

type RunKey = Pick<Run, 'id' | 'projectId'>;

const DAY_MS = 86_400_000;

/** Where the results of a run lie, how they are fetched, and how long they stay. */
@Injectable()
export class RunResults {
  constructor(
    private readonly config: AppConfig,
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly outboxFiles: OutboxFiles,
  ) {}

  /** The folder of results; it may be missing. @throws NotFoundError when the project is gone. */
  async of(run: RunKey): Promise<SafeDirectory> {
    const project = await this.projects.findById(run.projectId);
    if (!project) throw new NotFoundError('errors.noSuchProject');
    return this.projectFiles.of(project).inside(this.projectFiles.resultsPath(run.id));
  }

  /** Address, below the base path, of everything as one zip archive. */
  zipAddress({ id, projectId }: RunKey): string {
    return address('/projects', [projectId, 'zip'], { path: formatEntryPath(this.projectFiles.resultsPath(id)) });
  }

  /** What to type on one's own machine to fetch everything; null where no pick-up host is configured. */
  async pickUpCommand(run: RunKey, results: SafeDirectory): Promise<string | null> {
    const { PICKUP_HOST: host } = this.config.settings;
    return host === undefined ? null : pickUpCommand(host, this.outboxFiles.folderOf(run.id) ?? (await results.pathForProgram([])));
  }

  /** When the cleaner may take the results; null while the run is not over, or is kept. */
  deletionMs({ finishedMs, keep }: Pick<Run, 'finishedMs' | 'keep'>): number | null {
    return finishedMs === null || keep ? null : finishedMs + this.config.settings.RETENTION_DAYS * DAY_MS;
  }
}
