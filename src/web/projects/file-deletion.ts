import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../../common/errors';
import { formatEntryPath, numberedName, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { parseFileReference } from '../../common/files/file-references';
import { ProjectFiles } from '../../common/files/project-files';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { RunsRepository } from '../../common/queue/runs.repository';

/** What was deleted, for the page that offers to undo it. */
export interface Deletion {
  /** UUID under which it can be brought back. */
  id: string;
  /** Names for people. */
  names: string[];
}

const MOST_AT_ONCE = 100_000;

/**
 * Deletes files of a project so that it can be undone: they are moved into the owner's staging folder, where the cleaner finds them when
 * they are old. What a run that is not finished needs stays.
 */
@Injectable()
export class FileDeletion {
  constructor(
    private readonly files: ProjectFiles,
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
  ) {}

  /**
   * @param folder in the project. @param names of what lies directly in it.
   * @throws ConflictError when a run needs one of them, before anything is deleted.
   */
  async delete(project: Project, folder: EntryPath, names: readonly Buffer[]): Promise<Deletion> {
    const paths = names.map((name) => [...folder, name]);
    await this.requireUnused(project, paths);
    const id = randomUUID();
    const bin = await this.openBin(project, id);
    await bin.ensureFolder([]);
    const directory = this.files.of(project);
    const deleted: string[] = [];
    for (const [index, path] of paths.entries()) {
      try {
        await directory.move(path, [names[index]], bin);
        deleted.push(showEntryName(names[index]));
      } catch (error) {
        // Gone already: as it was wanted, unless nothing else is left to say.
        if (!(error instanceof NotFoundError) || (deleted.length === 0 && index === paths.length - 1)) throw error;
      }
    }
    return { id, names: deleted };
  }

  /**
   * Brings back what one deletion took away; a name that was taken meanwhile gets a number.
   * @returns names for people.
   * @throws NotFoundError when it is gone for good.
   */
  async restore(project: Project, folder: EntryPath, id: string): Promise<string[]> {
    const bin = await this.openBin(project, id);
    const { entries } = await bin.list([], { limit: MOST_AT_ONCE }).catch((error: unknown) => {
      throw error instanceof NotFoundError ? new NotFoundError('projects.undoTooLate') : error;
    });
    const directory = this.files.of(project);
    const names: string[] = [];
    for (const { name } of entries) names.push(showEntryName(await bringBack(bin, name, directory, folder)));
    await bin.remove([]);
    return names;
  }

  private async openBin(project: Project, id: string): Promise<SafeDirectory> {
    const staging = await this.files.staging(project.ownerId);
    return staging.inside([Buffer.from(`${project.id}.${id}.deleted`)]);
  }

  private async requireUnused(project: Project, paths: readonly EntryPath[]): Promise<void> {
    const live = await this.runs.liveOfProject(project.id);
    const parameters = await this.projectRuns.parametersOf(live.map((run) => run.id));
    for (const path of paths) {
      const name = showEntryName(path.at(-1)!);
      if (this.files.isInResults(path) && path.length === 1) throw new ConflictError('projects.resultsRoot', { name });
      for (const { id } of live) {
        if (overlaps(path, this.files.resultsPath(id))) throw new ConflictError('projects.resultsInUse', { name, run: id });
        const inputs = projectInputs(parameters.get(id) ?? {});
        if (inputs.some((input) => overlaps(path, input))) throw new ConflictError('projects.inUse', { name, run: id });
      }
    }
  }
}

async function bringBack(bin: SafeDirectory, name: Buffer, directory: SafeDirectory, folder: EntryPath): Promise<Buffer> {
  await directory.ensureFolder(folder);
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? name : numberedName(name, number);
    try {
      await bin.move([name], [...folder, free], directory);
      return free;
    } catch (error) {
      if (!(error instanceof ConflictError) || number > 1000) throw error;
    }
  }
}

/** Files of the project among submitted values. */
function projectInputs(parameters: Record<string, unknown>): EntryPath[] {
  const texts = Object.values(parameters)
    .flat()
    .filter((value): value is string => typeof value === 'string' && value.startsWith('project:'));
  return texts.flatMap((reference) => {
    try {
      return [parseFileReference(reference).path];
    } catch {
      // A text that only looks like a reference.
      return [];
    }
  });
}

/** Whether one path is the other or lies in it. */
function overlaps(one: EntryPath, other: EntryPath): boolean {
  const [a, b] = [formatEntryPath(one), formatEntryPath(other)];
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
