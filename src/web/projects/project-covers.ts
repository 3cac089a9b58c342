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

/** A small picture of what a project has come to: the first image of its latest run that came to something. */
@Injectable()
export class ProjectCovers {
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
    const folder = this.files.resultsPath(run.id);
    const images = (await this.namesIn(project, folder)).filter((name) => ['image', 'scan'].includes(fileTypeOf(showEntryName(name)).kind));
    // As the page of the run: what the pipeline names first stands first.
    const place = (name: Buffer) => {
      const index = outputs.findIndex(({ glob }) => compileGlob(glob)(showEntryName(name)));
      return index === -1 ? outputs.length : index;
    };
    const [first] = images.sort((one, other) => place(one) - place(other));
    return first ? address('/projects', [project.id, 'thumbnails', formatEntryPath([...folder, first])], { size: 'grid' }) : null;
  }

  /** None where the folder is gone. */
  private async namesIn(project: Project, folder: readonly Buffer[]): Promise<Buffer[]> {
    try {
      const { entries } = await this.files.of(project).list([...folder], { limit: MOST_ENTRIES });
      return entries.filter(({ kind }) => kind === 'file').map(({ name }) => name);
    } catch (error) {
      if (error instanceof DomainError) return [];
      throw error;
    }
  }
}
