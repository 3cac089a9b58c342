import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { showEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';

const MOST_FILES = 20_000;

/** Paths of files as rules of pipelines see them: relative, joined by `/`. */
@Injectable()
export class FilePaths {
  constructor(private readonly projectFiles: ProjectFiles) {}

  /** @param run whose results are meant; null: what people put into the project themselves. */
  async of(project: Pick<Project, 'id' | 'ownerId' | 'homeId'>, run: number | null): Promise<string[]> {
    const above = run === null ? [] : this.projectFiles.resultsPath(run);
    const skip = run === null ? this.projectFiles.resultsRoot() : [];
    try {
      const { files } = await this.projectFiles.of(project).findFiles(above, { most: MOST_FILES, skip });
      return files.map(({ path }) => path.map(showEntryName).join('/'));
    } catch (error) {
      if (error instanceof DomainError) return [];
      throw error;
    }
  }
}
