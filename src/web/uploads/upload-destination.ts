import { Injectable } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../../common/errors';
import { showEntryName, type EntryPath } from '../../common/files/entry-name';
import { FileUses } from '../../common/files/file-uses';
import type { Entry } from '../../common/files/listing';
import { ProjectFiles } from '../../common/files/project-files';
import type { OnConflict } from '../../common/files/put-in-place';
import type { Project } from '../../common/projects/project.entity';
import { takenName } from './taken-name';
import type { UploadMetadata } from './upload-metadata';

/** Looks at the place of a file that is going to be sent, so that nobody sends gigabytes which cannot be put there. */
@Injectable()
export class UploadDestination {
  constructor(
    private readonly files: ProjectFiles,
    private readonly uses: FileUses,
  ) {}

  /**
   * @returns what is to be done if the name is taken in the end.
   * @throws InvalidInputError, NotFoundError or ConflictError where it cannot go. ConflictError of the key `uploads.exists` or
   * `uploads.folderExists` when the name is taken and nobody has said what to do; `uploads.skipped` when it is to be left out for that.
   */
  async check(project: Project, { path, folder, onConflict }: UploadMetadata): Promise<OnConflict> {
    if (this.files.isInResults(path) && path.length > 1) throw new InvalidInputError('projects.noUploadsToResults');
    if ((await this.find(project, folder))?.kind !== 'folder') throw new NotFoundError('files.notFound', { name: lastName(folder) });
    const obstacle = await this.findObstacle(project, path, folder.length);
    if (obstacle) throw new ConflictError('uploads.notAFolder', { name: lastName(obstacle) });
    if (onConflict === 'keepBoth') return onConflict;
    const old = await this.find(project, path);
    if (!old) return onConflict === 'ask' ? 'keepBoth' : onConflict;
    if (onConflict === 'skip') throw new ConflictError('uploads.skipped', { name: lastName(path) });
    if (onConflict === 'ask' || old.kind === 'folder') throw takenName(path, old);
    await this.uses.requireUnused(project, [path]);
    return onConflict;
  }

  /** The first thing above the file that is there and is no folder. */
  private async findObstacle(project: Project, path: EntryPath, from: number): Promise<EntryPath | null> {
    for (let depth = from + 1; depth < path.length; depth += 1) {
      const above = await this.find(project, path.slice(0, depth));
      if (!above) return null;
      if (above.kind !== 'folder') return path.slice(0, depth);
    }
    return null;
  }

  private async find(project: Project, path: EntryPath): Promise<Entry | null> {
    try {
      return await this.files.of(project).stat(path);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }
}

function lastName(path: EntryPath): string {
  return showEntryName(path.at(-1) ?? Buffer.alloc(0));
}
