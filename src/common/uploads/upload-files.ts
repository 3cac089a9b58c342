import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../errors';
import type { EntryPath } from '../files/entry-name';
import type { FileIdentity } from '../files/file-identity';
import { ProjectFiles } from '../files/project-files';
import type { SafeDirectory } from '../files/safe-directory';
import { Space } from '../space/space';
import type { Upload } from './upload.entity';
import { UploadsRepository } from './uploads.repository';

type Key = Pick<Upload, 'id' | 'projectId' | 'ownerId'>;

/** Where the bytes of half-sent uploads lie, and how they go when nobody sends the rest. */
@Injectable()
export class UploadFiles {
  constructor(
    private readonly files: ProjectFiles,
    private readonly space: Space,
    private readonly uploads: UploadsRepository,
  ) {}

  placeOf({ id, projectId, ownerId }: Key): { directory: SafeDirectory; path: EntryPath } {
    return { directory: this.files.stagingOf(ownerId), path: [this.files.stagingName(projectId, id)] };
  }

  /** The empty file with which an upload begins. */
  async make(upload: Key): Promise<void> {
    await this.files.staging(upload.ownerId);
    const { directory, path } = this.placeOf(upload);
    await (await directory.createFile(path)).close();
  }

  /** What lies there by now; null when there is nothing. */
  async identify(upload: Key): Promise<FileIdentity | null> {
    const { directory, path } = this.placeOf(upload);
    try {
      return await directory.identify(path);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  /** Gives an upload up: its bytes, its room, its row. */
  async remove(upload: Key): Promise<{ files: number; bytes: number }> {
    const { directory, path } = this.placeOf(upload);
    const freed = await directory.remove(path);
    await this.space.release(upload.id);
    await this.uploads.forget(upload.id);
    return freed;
  }
}
