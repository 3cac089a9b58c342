import { Injectable } from '@nestjs/common';
import { formatEntryPath } from '../common/files/entry-name';
import { ProjectFiles } from '../common/files/project-files';
import { NotFoundError } from '../common/errors';
import { compileGlob } from '../common/pipelines/output-glob';
import { ProjectsRepository } from '../common/projects/projects.repository';
import type { Run } from '../common/queue/run.entity';

const MOST_FILES = 100_000;

/** Whether a program wrote what its pipeline promised. */
@Injectable()
export class ResultCheck {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
  ) {}

  /** Those of the required outputs (globs relative to the folder for results) for which there is no file. */
  async missing(run: Run, required: readonly string[]): Promise<string[]> {
    if (required.length === 0) return [];
    const paths = await this.filesOf(run);
    return required.filter((glob) => !paths.some(compileGlob(glob)));
  }

  private async filesOf(run: Run): Promise<string[]> {
    const project = await this.projects.findById(run.projectId);
    if (!project) return [];
    const top = this.projectFiles.of(project).inside(this.projectFiles.resultsPath(run.id));
    try {
      const { files } = await top.findFiles([], { most: MOST_FILES });
      return files.map(({ path }) => formatEntryPath(path));
    } catch (error) {
      if (error instanceof NotFoundError) return [];
      throw error;
    }
  }
}
