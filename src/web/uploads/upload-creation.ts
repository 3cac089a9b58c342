import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../browser/amounts';
import { AppConfig } from '../../common/config/app-config';
import { InvalidInputError, LimitError } from '../../common/errors';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import { Space } from '../../common/space/space';
import { UploadFiles } from '../../common/uploads/upload-files';
import type { Upload } from '../../common/uploads/upload.entity';
import { UploadsRepository } from '../../common/uploads/uploads.repository';
import type { User } from '../../common/users/user.entity';
import { UploadLocks, LEASE_MS } from './upload-locks';
import type { UploadMetadata } from './upload-metadata';
import { UploadDestination } from './upload-destination';

/** An upload that somebody asks for. */
export interface WantedUpload {
  id: string;
  project: Project;
  person: User;
  metadata: UploadMetadata;
  /** Bytes. */
  size: number;
}

/** Begins uploads: everything that can be checked is checked, and room is made, before a byte is sent. */
@Injectable()
export class UploadCreation {
  constructor(
    private readonly destination: UploadDestination,
    private readonly space: Space,
    private readonly files: UploadFiles,
    private readonly uploads: UploadsRepository,
    private readonly locks: UploadLocks,
    private readonly config: AppConfig,
  ) {}

  /**
   * Reserves the space, makes the empty file and the row. The upload is held from then on.
   * @throws the errors of `UploadDestination.check`; LimitError when it is too large, or there is no room.
   */
  async create({ id, project, person, metadata, size }: WantedUpload): Promise<void> {
    await this.requireSize(project, metadata.path, size);
    const onConflict = await this.destination.check(project, metadata);
    const lifeMs = this.config.settings.UPLOAD_LIFE * 1000;
    await this.space.reserve(project.ownerId, { bytes: size, files: 1 }, { id, projectId: project.id, what: 'upload', forMs: lifeMs });
    const upload = { id, projectId: project.id, homeId: project.homeId };
    try {
      const inode = await this.files.make(upload);
      const { requestKey, modifiedMs, sha256 } = metadata;
      const row = {
        ...upload,
        path: formatEntryPath(metadata.path),
        size,
        requestKey,
        modifiedMs,
        sha256,
        onConflict,
        inode,
        askerId: person.id,
      };
      await this.locks.adopt(id, (holder) => this.uploads.add({ ...row, lockHolder: holder }, LEASE_MS, lifeMs));
    } catch (error) {
      await this.files.remove(upload);
      throw error;
    }
  }

  /**
   * The upload that this client asked for before and did not hear of, if it is over. One that is not goes: its client begins anew. Those
   * of other people are none of that.
   * @throws LockedError while the first request still goes on.
   */
  async findRepeated(project: Project, person: Pick<User, 'id'>, { requestKey }: UploadMetadata): Promise<Upload | null> {
    const earlier = requestKey === null ? null : await this.uploads.findByKey(project.id, requestKey, person.id);
    if (!earlier || earlier.storedAs !== null) return earlier;
    return this.locks.whileHeld(earlier.id, async () => {
      const now = await this.uploads.find(project.id, earlier.id);
      if (now && now.storedAs !== null) return now;
      await this.files.remove(earlier);
      return null;
    });
  }

  /** Makes the reservation of a long upload last. @throws LimitError when it was lost, and the room is gone. */
  async prolong(upload: Upload): Promise<void> {
    const lifeMs = this.config.settings.UPLOAD_LIFE * 1000;
    if ((await this.uploads.nowMs()) - upload.reservedMs < lifeMs / 10) return;
    const { id, homeId, projectId, size } = upload;
    await this.space.reserve(homeId, { bytes: size, files: 1 }, { id, projectId, what: 'upload', forMs: lifeMs });
    await this.uploads.markReserved(id);
  }

  private async requireSize({ ownerId }: Project, path: EntryPath, size: number): Promise<void> {
    if (!Number.isSafeInteger(size) || size < 0) throw new InvalidInputError('uploads.badSize');
    const most = (await this.space.allowanceFor(ownerId)).uploadBytes;
    const name = showEntryName(path.at(-1) ?? Buffer.alloc(0));
    if (size > most) throw new LimitError('projects.tooLarge', { name, size: formatBytes(most) });
  }
}
