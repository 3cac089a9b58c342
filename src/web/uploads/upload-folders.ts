import { Injectable } from '@nestjs/common';
import { InvalidInputError, NotFoundError } from '../../common/errors';
import { formatEntryPath, newEntryName, parseEntryPath, showEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';

const MOST_AT_ONCE = 1000;

/** Makes the empty folders of a folder that was dropped; those with files are made with their files. */
@Injectable()
export class UploadFolders {
  constructor(private readonly files: ProjectFiles) {}

  /**
   * @param folder address of the folder that is open. @param paths of new folders below it, names joined by `/`; those that are there stay.
   * @throws InvalidInputError for names that are none; NotFoundError where a file is in the way, or the open folder is gone.
   */
  async make(project: Project, folder: string, paths: readonly string[]): Promise<void> {
    if (paths.length > MOST_AT_ONCE) throw new InvalidInputError('uploads.tooManyFolders', { most: MOST_AT_ONCE });
    const above = parseEntryPath(folder);
    const directory = this.files.of(project);
    if ((await directory.stat(above)).kind !== 'folder') {
      throw new NotFoundError('files.notFound', { name: above.map(showEntryName).join('/') });
    }
    const wanted = paths.map((path) => parseEntryPath(formatEntryPath([...above, ...path.split('/').map(newEntryName)])));
    if (wanted.some((path) => this.files.isInResults(path))) throw new InvalidInputError('projects.noUploadsToResults');
    for (const path of wanted) await directory.ensureBelow(path);
  }
}
