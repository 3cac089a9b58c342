import { Injectable } from '@nestjs/common';
import { ConflictError } from '../errors';
import type { Project } from '../projects/project.entity';
import { ProjectRunsRepository } from '../projects/project-runs.repository';
import { RunsRepository } from '../queue/runs.repository';
import { formatEntryPath, showEntryName, type EntryPath } from './entry-name';
import { parseFileReference } from './file-references';
import { ProjectFiles } from './project-files';

/** A path that a run needs which is not over. */
export interface FileUse {
  /** As it was asked about. */
  path: EntryPath;
  runId: number;
  /** Whether the run reads it, or writes its results there. */
  as: 'input' | 'results';
}

/** Which files of a project are needed by runs that are not over: those are neither moved nor renamed, replaced nor deleted. */
@Injectable()
export class FileUses {
  constructor(
    private readonly files: ProjectFiles,
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
  ) {}

  /** One use at most for each path and run: that of the path itself, of something in it, or of a folder that it lies in. */
  async usesOf(project: Pick<Project, 'id'>, paths: readonly EntryPath[]): Promise<FileUse[]> {
    const live = await this.runs.liveOfProject(project.id);
    const parameters = await this.projectRuns.parametersOf(live.map((run) => run.id));
    const needs = live.map(({ id }) => ({
      runId: id,
      results: formatEntryPath(this.files.resultsPath(id)),
      inputs: projectInputs(parameters.get(id) ?? {}),
    }));
    return paths.flatMap((path) => {
      const address = formatEntryPath(path);
      return needs.flatMap(({ runId, results, inputs }): FileUse[] => {
        if (overlaps(address, results)) return [{ path, runId, as: 'results' }];
        return inputs.some((input) => overlaps(address, input)) ? [{ path, runId, as: 'input' }] : [];
      });
    });
  }

  /**
   * To be called before anything at these paths, or the name that leads there, is changed.
   * @throws ConflictError that names the path and the run which needs it; also for the folder of all results.
   */
  async requireUnused(project: Pick<Project, 'id'>, paths: readonly EntryPath[]): Promise<void> {
    const root = paths.find((path) => path.length === 1 && this.files.isInResults(path));
    if (root) throw new ConflictError('projects.resultsRoot', { name: lastName(root) });
    const [use] = await this.usesOf(project, paths);
    if (!use) return;
    const values = { name: lastName(use.path), run: use.runId };
    throw new ConflictError(use.as === 'results' ? 'projects.resultsInUse' : 'projects.inUse', values);
  }

  /** Numbers of the latest runs, over or not, that read the file at this path; the newest first. @param among how many runs are looked at. */
  async readersOf(project: Pick<Project, 'id'>, path: EntryPath, among: number): Promise<number[]> {
    const runs = await this.runs.byProject(project.id, among);
    const parameters = await this.projectRuns.parametersOf(runs.map((run) => run.id));
    const address = formatEntryPath(path);
    return runs.map(({ id }) => id).filter((id) => projectInputs(parameters.get(id) ?? {}).includes(address));
  }
}

function lastName(path: EntryPath): string {
  return showEntryName(path.at(-1) ?? Buffer.alloc(0));
}

/** Addresses of files of the project among submitted values. */
function projectInputs(parameters: Record<string, unknown>): string[] {
  const texts = Object.values(parameters)
    .flat()
    .filter((value): value is string => typeof value === 'string' && value.startsWith('project:'));
  return texts.flatMap((reference) => {
    try {
      return [formatEntryPath(parseFileReference(reference).path)];
    } catch {
      // A text that only looks like a reference.
      return [];
    }
  });
}

/** Whether one address is the other or lies in it; the project itself holds everything. */
function overlaps(one: string, other: string): boolean {
  return one === other || one === '' || other === '' || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}
