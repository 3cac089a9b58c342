import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DataStore, Upload as TusUpload } from '@tus/server';
import type { Digests } from '../../common/digests/running-digest';
import { NotFoundError } from '../../common/errors';
import { asDomainError } from '../../common/files/directory-walk';
import { parseEntryPath } from '../../common/files/entry-name';
import { UploadFiles } from '../../common/uploads/upload-files';
import { nameOf, UploadFinish, type Finished, type Finisher } from '../../common/uploads/upload-finish';
import type { Upload, UploadOutcome } from '../../common/uploads/upload.entity';
import { UploadsRepository } from '../../common/uploads/uploads.repository';
import type { FollowingDigest } from './following-digest';
import { FollowingDigests } from './following-digests';
import { receiveBody } from './receive-body';
import { uploadContext } from './upload-context';
import { UploadLocks } from './upload-locks';
import { Permissions } from '../http/access/permissions';

/**
 * Where tus leaves the bytes: the staging folder of the owner, through `SafeDirectory`. How far an upload has come is the size of its
 * file and nothing else, so a crash cannot make the two differ. All methods are called while the upload is held.
 */
@Injectable()
export class UploadStore extends DataStore {
  constructor(
    private readonly uploads: UploadsRepository,
    private readonly files: UploadFiles,
    private readonly completion: UploadFinish,
    private readonly locks: UploadLocks,
    private readonly digests: FollowingDigests,
    private readonly permissions: Permissions,
  ) {
    super();
    this.extensions = ['creation', 'creation-with-upload', 'expiration', 'termination'];
  }

  /** Row and file are there already, see `UploadCreation`; an empty file is whole now. */
  override async create(upload: TusUpload): Promise<TusUpload> {
    if (upload.size === 0) await this.resume(await this.require(upload.id));
    return upload;
  }

  override async getUpload(id: string): Promise<TusUpload> {
    const upload = await this.require(id);
    const offset = await this.offsetOf(upload);
    return new TusUpload({ id, size: upload.size, offset });
  }

  /**
   * Adds the body of the request in hand; the stream that tus gives is empty (see `toWebRequest`).
   * @returns how many bytes lie there afterwards.
   */
  override async write(_stream: Readable, id: string, offset: number): Promise<number> {
    const held = this.locks.heldBy(id);
    const { finished, request } = uploadContext();
    // A crash had kept it from its place, and the look at it has put it there.
    if (finished) return offset;
    const upload = await this.require(id);
    const place = this.files.placeOf(upload);
    const { handle, size } = await place.directory.openToWrite(place.path);
    const digest = this.digests.of(id);
    try {
      if (size !== offset) throw new Error(`The upload ${id} has ${size} bytes where ${offset} were expected.`);
      digest.begin(handle, size);
      const received = await receiveBody(request, { handle, held, digest, offset, size: upload.size });
      if (received === upload.size) await this.complete(upload, handle, digest);
      return received;
    } catch (error) {
      throw asDomainError(error, parseEntryPath(upload.path));
    } finally {
      await digest.pause();
      await handle.close();
    }
  }

  override async remove(id: string): Promise<void> {
    this.digests.forget(id);
    const upload = await this.uploads.findById(id);
    if (upload) await this.files.remove(upload);
  }

  private async require(id: string): Promise<Upload> {
    const upload = await this.uploads.findById(id);
    if (!upload) throw new NotFoundError('uploads.gone', { name: '' });
    return upload;
  }

  /** Of an upload that is whole: it is finished first, if a crash kept it from that. */
  private async offsetOf(upload: Upload): Promise<number> {
    if (upload.storedAs !== null) {
      uploadContext().finished = { outcome: upload.state as UploadOutcome, path: parseEntryPath(upload.storedAs) };
      return upload.size;
    }
    const lies = await this.files.identify(upload);
    if (lies && lies.size < upload.size) return lies.size;
    await this.resume(upload);
    return upload.size;
  }

  private async resume(upload: Upload): Promise<void> {
    const finished = await this.completion.resume(upload, this.finisher(upload), () => this.readDigests(upload));
    if (!finished) throw new NotFoundError('uploads.gone', { name: nameOf(upload) });
    this.note(upload, finished);
  }

  private async readDigests(upload: Upload): Promise<Digests> {
    const { directory, path } = this.files.placeOf(upload);
    const { handle, size } = await directory.openToWrite(path);
    const digest = this.digests.of(upload.id);
    try {
      digest.begin(handle, size);
      await handle.datasync();
      return await digest.finish(handle);
    } finally {
      await digest.pause();
      await handle.close();
    }
  }

  /**
   * What was sent for hours is not put into a project that its sender was taken out of meanwhile: it goes.
   * @throws NotFoundError then.
   */
  private async requireWelcome(upload: Upload): Promise<void> {
    const { project, person } = uploadContext();
    if (await this.permissions.allows('projectRunner', { person, project })) return;
    await this.files.remove(upload);
    throw new NotFoundError('errors.noSuchProject');
  }

  private async complete(upload: Upload, handle: FileHandle, digest: FollowingDigest): Promise<void> {
    await this.requireWelcome(upload);
    await handle.datasync();
    const digests = await digest.finish(handle);
    this.note(upload, await this.completion.finish(upload, digests, this.finisher(upload)));
  }

  private finisher(upload: Upload): Finisher {
    const held = this.locks.heldBy(upload.id);
    held.requireMine();
    const { project, person } = uploadContext();
    return { project, by: person, holder: held.holder };
  }

  private note(upload: Upload, finished: Finished): void {
    this.digests.forget(upload.id);
    uploadContext().finished = finished;
    this.locks.heldBy(upload.id).isClosed = true;
  }
}
