import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../errors';
import { numberedName, parseEntryPath, type EntryPath } from '../files/entry-name';
import { identityOf, type FileIdentity } from '../files/file-identity';
import { ProjectFiles } from '../files/project-files';
import type { SafeDirectory } from '../files/safe-directory';
import type { Project } from '../projects/project.entity';
import { Space } from '../space/space';
import type { Upload } from './upload.entity';
import { UploadsRepository } from './uploads.repository';

const MOST_NUMBER = 10_000;

type Key = Pick<Upload, 'id' | 'projectId' | 'homeId'>;

/** Where the bytes of half-sent uploads lie, and how they go when nobody sends the rest. */
@Injectable()
export class UploadFiles {
  constructor(
    private readonly files: ProjectFiles,
    private readonly space: Space,
    private readonly uploads: UploadsRepository,
  ) {}

  placeOf({ id, projectId, homeId }: Key): { directory: SafeDirectory; path: EntryPath } {
    return { directory: this.files.stagingOf(homeId), path: [this.files.stagingName(projectId, id)] };
  }

  /** The empty file with which an upload begins. @returns its inode. */
  async make(upload: Key): Promise<string> {
    await this.files.staging(upload.homeId);
    const { directory, path } = this.placeOf(upload);
    const file = await directory.createFile(path);
    try {
      return (await identityOf(file)).inode;
    } finally {
      await file.close();
    }
  }

  /** Whether the folder of a project is there; its disk may not be. */
  async hasFolder(project: Pick<Project, 'id' | 'homeId'>): Promise<boolean> {
    try {
      return (await this.files.of(project).stat([])).kind === 'folder';
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
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

  /** The file in the project, under one of the names that it can have got there; null when it is not there (any more). */
  async findPlaced(upload: Upload): Promise<{ outcome: 'stored' | 'renamed'; path: EntryPath } | null> {
    const wanted = parseEntryPath(upload.path);
    const directory = this.files.of({ id: upload.projectId, homeId: upload.homeId });
    for (let number = 1; number <= MOST_NUMBER; number += 1) {
      const path = number === 1 ? wanted : [...wanted.slice(0, -1), numberedName(wanted.at(-1)!, number)];
      try {
        const identity = await directory.identify(path);
        if (identity && identity.inode === upload.inode && identity.size === upload.size) {
          return { outcome: number === 1 ? 'stored' : 'renamed', path };
        }
      } catch (error) {
        // The folder of results is taken as a name before it is there.
        if (error instanceof NotFoundError && !this.files.isInResults(path)) return null;
        if (!(error instanceof NotFoundError)) throw error;
      }
    }
    return null;
  }

  /** Gives an upload up: its bytes, its room, its row. */
  async remove(upload: Key): Promise<{ files: number; bytes: number }> {
    const { directory, path } = this.placeOf(upload);
    const freed = await directory.remove(path);
    await this.space.release(upload.id);
    await this.uploads.forget(upload.id);
    return freed;
  }

  /** The same for everything of a project that is gone. */
  async removeOfProject(projectId: string): Promise<void> {
    for (const upload of await this.uploads.ofProject(projectId)) await this.remove(upload);
  }
}
