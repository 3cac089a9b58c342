import { Injectable } from '@nestjs/common';
import { formatEntryPath } from '../common/files/entry-name';
import { ProjectFiles } from '../common/files/project-files';
import type { SafeDirectory } from '../common/files/safe-directory';
import { NotFoundError } from '../common/errors';
import { compileGlob } from '../common/pipelines/output-glob';
import { ProjectsRepository } from '../common/projects/projects.repository';
import type { Run } from '../common/queue/run.entity';

/** Whether a program wrote what its pipeline promised. */
@Injectable()
export class ResultCheck {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
  ) {}

  /** Those of the required outputs (globs relative to the folder for results) for which there is no file. */
  async missing(run: Run, required: readonly string[]): Promise<string[]> {
    const project = required.length === 0 ? null : await this.projects.findById(run.projectId);
    if (!project) return [...required];
    return missingFiles(this.projectFiles.of(project).inside(this.projectFiles.resultsPath(run.id)), required);
  }
}

/** Those of the globs for which there is no file in a folder, at any depth; all of them where there is no folder. */
export async function missingFiles(top: SafeDirectory, globs: readonly string[]): Promise<string[]> {
  const missing = new Map(globs.map((glob) => [glob, compileGlob(glob)]));
  try {
    await top.eachFile([], ({ path }) => {
      const name = formatEntryPath(path);
      for (const [glob, matches] of missing) if (matches(name)) missing.delete(glob);
      return missing.size > 0;
    });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return [...missing.keys()];
}
