import { Injectable } from '@nestjs/common';
import { formatEntryPath } from '../common/files/entry-name';
import { ProjectFiles } from '../common/files/project-files';
import type { SafeDirectory } from '../common/files/safe-directory';
import { NotFoundError } from '../common/errors';
import { writtenPaths } from '../common/pipelines/argument-files/written-paths';
import type { Manifest } from '../common/pipelines/manifest';
import { compileGlob } from '../common/pipelines/output-glob';
import { ProjectsRepository } from '../common/projects/projects.repository';
import type { Run } from '../common/queue/run.entity';
import { WorkFolders } from './work-folders';

/** Whether a program wrote what its pipeline promised, and what of it stays. */
@Injectable()
export class ResultCheck {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly workFolders: WorkFolders,
  ) {}

  /**
   * Those of the required outputs (globs relative to the folder for results) for which there is no file. What was written for the program
   * proves nothing of what it did.
   */
  async missing(run: Run, manifest: Manifest): Promise<string[]> {
    const { requiredOutputs: required } = manifest.outcome;
    const project = required.length === 0 ? null : await this.projects.findById(run.projectId);
    if (!project) return [...required];
    const top = this.projectFiles.of(project).inside(this.projectFiles.resultsPath(run.id));
    return missingFiles(top, required, new Set(writtenPaths(manifest)));
  }

  /** Removes what was only there for the program. Harmless when it was done already. */
  async tidy(run: Run, manifest: Manifest): Promise<void> {
    const project = await this.projects.findById(run.projectId);
    if (project) await this.workFolders.tidy(run, project, manifest);
  }
}

/**
 * Those of the globs for which there is no file in a folder, at any depth; all of them where there is no folder.
 * @param written addresses of what was written for the program.
 */
export async function missingFiles(top: SafeDirectory, globs: readonly string[], written: ReadonlySet<string>): Promise<string[]> {
  const missing = new Map(globs.map((glob) => [glob, compileGlob(glob)]));
  try {
    await top.eachFile([], ({ path }) => {
      const name = formatEntryPath(path);
      if (written.has(name)) return true;
      for (const [glob, matches] of missing) if (matches(name)) missing.delete(glob);
      return missing.size > 0;
    });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return [...missing.keys()];
}
