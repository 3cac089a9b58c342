import { Injectable } from '@nestjs/common';
import { FileDigests, type Digests } from '../digests/file-digests';
import { ProjectsRepository } from '../projects/projects.repository';
import { UploadFiles } from '../uploads/upload-files';
import { nameOf, UploadFinish } from '../uploads/upload-finish';
import type { Upload } from '../uploads/upload.entity';
import { newHolder } from '../uploads/upload-holder';
import { UploadsRepository } from '../uploads/uploads.repository';
import { UsersRepository } from '../users/users.repository';
import { Chore, NOTHING, type Amount, type Waste } from './chore';
import { text } from '../../locales/text';

const MOST_AT_ONCE = 100_000;
const LEASE_MS = 10 * 60_000;

/**
 * Uploads whose rest did not come within UPLOAD_LIFE, with their space, and what is remembered of those that are over. A file of which
 * every byte is there is never among them: a crash kept it from its place, and it is put there. Without the folder of the project nothing is
 * known, since its disk may not be there, and all stays as it is.
 */
@Injectable()
export class ExpiredUploads extends Chore {
  readonly name = 'unfinished uploads';

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly files: UploadFiles,
    private readonly completion: UploadFinish,
    private readonly digests: FileDigests,
    private readonly projects: ProjectsRepository,
    private readonly users: UsersRepository,
  ) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    for (const upload of await this.uploads.expired(nowMs, MOST_AT_ONCE)) {
      const received = (await this.files.identify(upload))?.size ?? 0;
      const isOver = upload.storedAs !== null;
      yield {
        dueMs: upload.expiresMs,
        ownerId: upload.homeId,
        what: isOver ? `what is remembered of the upload ${nameOf(upload)}` : `unfinished upload ${nameOf(upload)}`,
        inWords: () => text(isOver ? 'operations.goesUploadOver' : 'operations.goesUpload', { name: nameOf(upload) }),
        projectId: upload.projectId,
        measure: async () => (isOver || received === upload.size ? NOTHING : { files: 1, bytes: received }),
        remove: () => this.end(upload, nowMs),
      };
    }
  }

  private async end(upload: Upload, nowMs: number): Promise<Amount> {
    const holder = newHolder();
    if (!(await this.uploads.lock(upload.id, holder, LEASE_MS))) return NOTHING;
    try {
      // Somebody may have gone on with it since it was listed.
      const now = await this.uploads.findById(upload.id);
      if (now && now.expiresMs <= nowMs) return await this.endHeld(now, holder);
      return NOTHING;
    } finally {
      await this.uploads.unlock(upload.id, holder);
    }
  }

  private async endHeld(upload: Upload, holder: string): Promise<Amount> {
    const project = upload.storedAs === null ? await this.projects.findById(upload.projectId) : null;
    if (project) {
      if (!(await this.files.hasFolder(project))) return NOTHING;
      const owner = await this.users.findById(project.ownerId);
      const finisher = { project, holder, by: { displayName: owner?.displayName ?? '' }, anywhere: true };
      if (await this.completion.resume(upload, finisher, () => this.digestsOf(upload))) return NOTHING;
    }
    return this.files.remove(upload);
  }

  private async digestsOf(upload: Upload): Promise<Digests> {
    const { directory, path } = this.files.placeOf(upload);
    return this.digests.compute(upload.projectId, directory, path);
  }
}
