import { Injectable } from '@nestjs/common';
import { ConflictError } from '../errors';
import type { Manifest } from '../pipelines/manifest';
import { referencesAmong, runsIn } from '../pipelines/value-files';
import type { Project } from '../projects/project.entity';
import { ProjectRunsRepository } from '../projects/project-runs.repository';
import type { RunDetails } from '../queue/run.entity';
import { RunsRepository } from '../queue/runs.repository';
import { formatEntryPath, showEntryName, type EntryPath } from './entry-name';
import { parseFileReference } from './file-references';
import { ProjectFiles } from './project-files';

/** A path that a run needs which is not over. */
export interface FileUse {
  /** As it was asked about. */
  path: EntryPath;
  runId: number;
  /** Whether the run reads it by itself, or as the results of an earlier run, or writes its own results there. */
  as: 'input' | 'earlier' | 'results';
}

const REFUSALS = { results: 'projects.resultsInUse', input: 'projects.inUse', earlier: 'projects.earlierInUse' } as const;

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
    const details = await this.projectRuns.detailsOf(live.map((run) => run.id));
    const needs = live.map(({ id }) => this.needsOf(id, details.get(id)));
    return paths.flatMap((path) => {
      const address = formatEntryPath(path);
      return needs.flatMap(({ runId, places }): FileUse[] => {
        const touched = places.find(({ at }) => at.some((place) => overlaps(address, place)));
        return touched ? [{ path, runId, as: touched.as }] : [];
      });
    });
  }

  private needsOf(runId: number, details: RunDetails | undefined): { runId: number; places: { as: FileUse['as']; at: string[] }[] } {
    const values = details?.parameters ?? {};
    const { parameters = [] } = (details?.manifest ?? {}) as Partial<Manifest>;
    const resultsOf = (id: number) => formatEntryPath(this.files.resultsPath(id));
    return {
      runId,
      places: [
        { as: 'results', at: [resultsOf(runId)] },
        { as: 'input', at: projectInputs(values) },
        { as: 'earlier', at: runsIn(parameters, values).map(resultsOf) },
      ],
    };
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
    throw new ConflictError(REFUSALS[use.as], { name: lastName(use.path), run: use.runId });
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
  return referencesAmong(parameters).flatMap((reference) => {
    try {
      const { source, path } = parseFileReference(reference);
      return source === 'project' ? [formatEntryPath(path)] : [];
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
