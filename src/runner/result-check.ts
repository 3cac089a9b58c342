import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { formatEntryPath } from '../common/files/entry-name';
import { ProjectFiles } from '../common/files/project-files';
import { RunFolders } from '../common/files/run-folders';
import type { FoundFile, SafeDirectory } from '../common/files/safe-directory';
import { NotFoundError } from '../common/errors';
import { OutputNotes } from '../common/outputs/output-notes';
import { writtenPaths } from '../common/pipelines/argument-files/written-paths';
import type { Manifest } from '../common/pipelines/manifest';
import { compileGlob } from '../common/pipelines/output-glob';
import { isJudged } from '../common/pipelines/outcome/expected';
import { OUTCOME, type OutcomeRecord } from '../common/pipelines/outcome/outcome-record';
import type { Project } from '../common/projects/project.entity';
import { ProjectsRepository } from '../common/projects/projects.repository';
import type { Run } from '../common/queue/run.entity';
import { newFiles, readExpected } from './outcome/expected-record';
import { judgeRun } from './outcome/judge-run';
import { WorkFolders } from './work-folders';

/** Whether a program wrote what its pipeline promised, and what of it stays. */
@Injectable()
export class ResultCheck {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly workFolders: WorkFolders,
    private readonly runFolders: RunFolders,
    private readonly notes: OutputNotes,
  ) {}

  /**
   * Those of the required outputs (globs relative to the folder for results) for which there is no file. What was written for the program,
   * or was there before it began, proves nothing of what it did.
   */
  async missing(run: Run, manifest: Manifest): Promise<string[]> {
    const { requiredOutputs: required } = manifest.outcome;
    const project = required.length === 0 ? null : await this.projects.findById(run.projectId);
    if (!project) return [...required];
    const before = (await readExpected(this.control(run)))?.before ?? [];
    return missingFiles(this.results(run, project), required, new Set(writtenPaths(manifest)), newFiles(before));
  }

  /** What became of steps and rows; null where the pipeline does not tell them apart. */
  async parts(run: Run, manifest: Manifest): Promise<OutcomeRecord | null> {
    const project = isJudged(manifest) ? await this.projects.findById(run.projectId) : null;
    return project && judgeRun(manifest, this.control(run), this.results(run, project));
  }

  /** Keeps that beside the log, for the page of the run. */
  async keep({ id, attempt }: Run, parts: OutcomeRecord): Promise<void> {
    await writeFile(join(this.runFolders.attemptPath(id, attempt), OUTCOME), JSON.stringify(parts));
  }

  /** Removes what was only there for the program. Harmless when it was done already. */
  async tidy(run: Run, manifest: Manifest): Promise<void> {
    const project = await this.projects.findById(run.projectId);
    if (project) await this.workFolders.tidy(run, project, manifest);
  }

  /** Has the checksums of what it left written down, when there is time. */
  digest(run: Run): void {
    this.notes.note(run);
  }

  private control({ id, attempt }: Run): SafeDirectory {
    return this.runFolders.of(id).inside([Buffer.from(String(attempt))]);
  }

  private results({ id }: Run, project: Project): SafeDirectory {
    return this.projectFiles.of(project).inside(this.projectFiles.resultsPath(id));
  }
}

/**
 * Those of the globs for which there is no file in a folder, at any depth; all of them where there is no folder.
 * @param written addresses of what was written for the program. @param isNew whether a file was not there before.
 */
export async function missingFiles(
  top: SafeDirectory,
  globs: readonly string[],
  written: ReadonlySet<string>,
  isNew: (file: FoundFile) => boolean = () => true,
): Promise<string[]> {
  const missing = new Map(globs.map((glob) => [glob, compileGlob(glob)]));
  try {
    await top.eachFile([], (file) => {
      const name = formatEntryPath(file.path);
      if (written.has(name) || !isNew(file)) return true;
      for (const [glob, matches] of missing) if (matches(name)) missing.delete(glob);
      return missing.size > 0;
    });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return [...missing.keys()];
}
