import { Injectable } from '@nestjs/common';
import type { EntryPath } from '../files/entry-name';
import { outboxFolderName, OutboxFiles, unpublishedName } from '../files/outbox-files';
import { ProjectFiles } from '../files/project-files';
import { RunFolders } from '../files/run-folders';
import type { SafeDirectory } from '../files/safe-directory';
import { ProjectsRepository } from '../projects/projects.repository';
import type { Run } from '../queue/run.entity';

export interface Place {
  directory: SafeDirectory;
  path: EntryPath;
}

/** Where an ended run has left something. */
@Injectable()
export class RunPlaces {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly runFolders: RunFolders,
    private readonly outboxFiles: OutboxFiles,
  ) {}

  /** In its project; where that is gone, there is nothing. */
  async results(run: Run): Promise<Place> {
    const project = (await this.projects.findById(run.projectId)) ?? { id: run.projectId, homeId: run.ownerId };
    return { directory: this.projectFiles.of(project), path: this.resultsPath(run) };
  }

  /** In the folder of the project. */
  resultsPath({ id }: Run): EntryPath {
    return this.projectFiles.resultsPath(id);
  }

  /** Control files and the copy in the outbox. */
  outsideProject(run: Run): Place[] {
    const outbox = this.outboxFiles.directory();
    return [
      { directory: this.runFolders.all(), path: [Buffer.from(String(run.id))] },
      ...(outbox
        ? [outboxFolderName(run.id), unpublishedName(run, 'part'), unpublishedName(run, 'ready')].map((name) => ({
            directory: outbox,
            path: [Buffer.from(name)],
          }))
        : []),
    ];
  }
}
