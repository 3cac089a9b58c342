import { Injectable } from '@nestjs/common';
import { parseEntryPath, showEntryName } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import { UploadFiles } from '../../common/uploads/upload-files';
import type { Upload } from '../../common/uploads/upload.entity';
import type { User } from '../../common/users/user.entity';
import { UploadsRepository } from '../../common/uploads/uploads.repository';

/** A file of which a part has arrived. */
export interface UnfinishedUpload {
  id: string;
  /** Where it is meant in the project, for people. */
  name: string;
  /** The same as an address. */
  path: string;
  size: number;
  received: number;
  /** Of the file where it comes from; null when the client did not tell. */
  modifiedMs: number | null;
  createdMs: number;
  /** Somebody sends it just now: another tab, browser or program. */
  isActive: boolean;
}

export interface UnfinishedList {
  uploads: UnfinishedUpload[];
  /** How many there are beyond those. */
  more: number;
}

const MOST_LISTED = 1000;
const MOST_SHOWN = 20;

/** What waits for its rest in a project: for the page that offers to go on, and for scripts that recognise a file when it is chosen again. */
@Injectable()
export class UnfinishedUploads {
  constructor(
    private readonly uploads: UploadsRepository,
    private readonly files: UploadFiles,
  ) {}

  /** The first few, for a page: of everybody for the owner of the project, for others their own. */
  shown(project: Project, person: Pick<User, 'id'>): Promise<UnfinishedList> {
    return this.list(project, person, MOST_SHOWN);
  }

  /** As many as a script may have to recognise. */
  all(project: Project, person: Pick<User, 'id'>): Promise<UnfinishedList> {
    return this.list(project, person, MOST_LISTED);
  }

  private async list(project: Project, { id }: Pick<User, 'id'>, most: number): Promise<UnfinishedList> {
    const { uploads, total } = await this.uploads.unfinished(project.id, most, id === project.ownerId ? null : id);
    if (uploads.length === 0) return { uploads: [], more: 0 };
    const nowMs = await this.uploads.nowMs();
    const listed: UnfinishedUpload[] = [];
    for (const upload of uploads) listed.push(await this.look(upload, nowMs));
    return { uploads: listed, more: total - listed.length };
  }

  private async look(upload: Upload, nowMs: number): Promise<UnfinishedUpload> {
    const { id, path, size, modifiedMs, createdMs, lockHolder, lockUntilMs } = upload;
    // The row is behind while somebody sends, and after a crash.
    const received = (await this.files.identify(upload))?.size ?? 0;
    const name = parseEntryPath(path).map(showEntryName).join('/');
    return { id, name, path, size, received, modifiedMs, createdMs, isActive: lockHolder !== null && lockUntilMs > nowMs };
  }
}
