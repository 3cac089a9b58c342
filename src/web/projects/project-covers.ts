import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { formatEntryPath, showEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { compileGlob } from '../../common/pipelines/output-glob';
import type { Run } from '../../common/queue/run.entity';
import type { StoredManifest } from '../show/run-facts';
import { fileTypeOf } from '../show/file-type';
import { address } from '../views/helpers';

/** A cover is worth a glance into a folder, and no walk. */
const MOST_ENTRIES = 100;
const MOST_REMEMBERED = 1000;

/** A small picture of what a project has come to: the first image of its latest run that came to something. */
@Injectable()
export class ProjectCovers {
  /** Names of files by the number of their run: what has ended writes no others. */
  private readonly known = new Map<number, Buffer>();

  constructor(
    private readonly runs: ProjectRunsRepository,
    private readonly files: ProjectFiles,
  ) {}

  /** @returns addresses below the base path, by project id; nothing for projects without a picture. */
  async of(projects: readonly Project[]): Promise<Map<string, string>> {
    const newest = await this.runs.newestGoodOf(projects.map(({ id }) => id));
    const details = await this.runs.detailsOf([...newest.values()].map(({ id }) => id));
    const covers = await Promise.all(
      projects.map(async (project): Promise<[string, string][]> => {
        const run = newest.get(project.id);
        const cover = run && (await this.coverOf(project, run, details.get(run.id)?.manifest ?? {}));
        return cover ? [[project.id, cover]] : [];
      }),
    );
    return new Map(covers.flat());
  }

  private async coverOf(project: Project, run: Run, { outputs = [] }: StoredManifest): Promise<string | null> {
    const directory = this.files.of(project);
    const folder = this.files.resultsPath(run.id);
    const known = this.known.get(run.id);
    // It may have been deleted since.
    const isThere = known !== undefined && (await orWhenGone(false, directory.exists([...folder, known])));
    const first = isThere ? known : inOrder(await orWhenGone([], directory.glance(folder, MOST_ENTRIES)), outputs).at(0);
    if (!first) return null;
    this.remember(run.id, first);
    return address('/projects', [project.id, 'thumbnails', formatEntryPath([...folder, first])], { size: 'grid' });
  }

  private remember(runId: number, name: Buffer): void {
    this.known.delete(runId);
    this.known.set(runId, name);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_REMEMBERED) this.known.delete(oldest);
  }
}

/** The images, as the page of the run has them: what the pipeline names first stands first. */
function inOrder(names: readonly Buffer[], outputs: NonNullable<StoredManifest['outputs']>): Buffer[] {
  const globs = outputs.map(({ glob }) => compileGlob(glob));
  const ranked = names.flatMap((name) => {
    const shown = showEntryName(name);
    if (!['image', 'scan'].includes(fileTypeOf(shown).kind)) return [];
    const index = globs.findIndex((fits) => fits(shown));
    return [{ name, place: index === -1 ? globs.length : index }];
  });
  return ranked.sort((one, other) => one.place - other.place).map(({ name }) => name);
}

async function orWhenGone<Result>(instead: Result, look: Promise<Result>): Promise<Result> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof DomainError) return instead;
    throw error;
  }
}
