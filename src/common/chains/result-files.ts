import { Injectable } from '@nestjs/common';
import { LimitError, NotFoundError, UnavailableError } from '../errors';
import { showEntryName } from '../files/entry-name';
import { formatFileReference } from '../files/file-references';
import { ProjectFiles } from '../files/project-files';
import type { FileReference } from '../pipelines/manifest';
import type { Project } from '../projects/project.entity';

/** A result of a run. */
export interface Result {
  /** Its path below the folder of the results, for people; patterns are compared with it. */
  name: string;
  reference: FileReference;
}

/** Files that are looked through. */
const MOST_FILES = 20_000;

/** The results of a run as they lie on the disk. */
@Injectable()
export class ResultFiles {
  constructor(private readonly files: ProjectFiles) {}

  /**
   * In the order of their names; none where the run left no folder.
   * @throws LimitError for too many; UnavailableError where not even the folder of the project is there; what the disk says.
   */
  async of(project: Pick<Project, 'id' | 'homeId'>, runId: number): Promise<Result[]> {
    const below = this.files.resultsPath(runId);
    const directory = this.files.of(project);
    try {
      const { files, complete } = await directory.findFiles(below, { most: MOST_FILES, skip: [] });
      if (!complete) throw new LimitError('chains.tooManyResults', { number: runId, most: MOST_FILES });
      const named = files.map(({ path }) => ({
        name: path.map(showEntryName).join('/'),
        reference: formatFileReference('project', [...below, ...path]),
      }));
      return named.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      // Without the folder of the project it is the disk that is away, not the results.
      if (!(await directory.exists([]))) throw new UnavailableError('chains.filesAway', { number: runId });
      return [];
    }
  }
}
