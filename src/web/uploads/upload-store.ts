import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DataStore, Upload as TusUpload } from '@tus/server';
import { NotFoundError } from '../../common/errors';
import { asDomainError } from '../../common/files/directory-walk';
import { parseEntryPath } from '../../common/files/entry-name';
import { UploadFiles } from '../../common/uploads/upload-files';
import { UploadFinish, type Finished } from '../../common/uploads/upload-finish';
import type { Upload, UploadOutcome } from '../../common/uploads/upload.entity';
import { UploadsRepository } from '../../common/uploads/uploads.repository';
import { FollowingDigest } from './following-digest';
import type { HeldUpload } from './held-upload';
import { uploadContext } from './upload-context';
import { UploadLocks } from './upload-locks';

/** Files between two requests whose checksums are kept in memory; for others they are read again. */
const MOST_DIGESTS = 1000;
/** What is written goes to the disk along the way, so that the last request need not wait for gigabytes. */
const SYNC_EVERY_BYTES = 64 * 1024 * 1024;

/**
 * Where tus leaves the bytes: the staging folder of the owner, through `SafeDirectory`. How far an upload has come is the size of its
 * file and nothing else, so a crash cannot make the two differ. All methods are called while the upload is held.
 */
@Injectable()
export class UploadStore extends DataStore {
  private readonly digests = new Map<string, FollowingDigest>();

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly files: UploadFiles,
    private readonly completion: UploadFinish,
    private readonly locks: UploadLocks,
  ) {
    super();
    this.extensions = ['creation', 'creation-with-upload', 'expiration', 'termination'];
  }

  /** Row and file are there already, see `UploadCreation`; an empty file is whole now. */
  override async create(upload: TusUpload): Promise<TusUpload> {
    if (upload.size === 0) await this.finishOpen(await this.require(upload.id));
    return upload;
  }

  override async getUpload(id: string): Promise<TusUpload> {
    const upload = await this.require(id);
    const offset = await this.offsetOf(upload);
    return new TusUpload({ id, size: upload.size, offset });
  }

  /** @returns how many bytes lie there afterwards. */
  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    const held = this.locks.heldBy(id);
    // A crash had kept it from its place, and the look at it has put it there.
    if (uploadContext().finished) return offset;
    const upload = await this.require(id);
    const place = this.files.placeOf(upload);
    const { handle, size } = await place.directory.openToWrite(place.path);
    const digest = this.digestOf(id);
    try {
      if (size !== offset) throw new Error(`The upload ${id} has ${size} bytes where ${offset} were expected.`);
      digest.begin(handle, size);
      const received = await receive(stream, { handle, held, digest, offset });
      held.received = received;
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
    this.digests.delete(id);
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
    const size = upload.state === 'placing' ? upload.size : ((await this.files.identify(upload))?.size ?? null);
    if (size === null) throw new NotFoundError('uploads.gone', { name: '' });
    if (size === upload.size) await this.finishOpen(upload);
    return size;
  }

  private async finishOpen(upload: Upload): Promise<void> {
    if (upload.state === 'placing') return this.note(upload, (finisher) => this.completion.resume(upload, finisher));
    const { directory, path } = this.files.placeOf(upload);
    const { handle, size } = await directory.openToWrite(path);
    const digest = this.digestOf(upload.id);
    try {
      digest.begin(handle, size);
      await this.complete(upload, handle, digest);
    } finally {
      await digest.pause();
      await handle.close();
    }
  }

  private async complete(upload: Upload, handle: FileHandle, digest: FollowingDigest): Promise<void> {
    await handle.datasync();
    const digests = await digest.finish(handle);
    this.digests.delete(upload.id);
    await this.note(upload, (finisher) => this.completion.finish(upload, digests, finisher));
  }

  private async note(upload: Upload, finish: (finisher: Parameters<UploadFinish['resume']>[1]) => Promise<Finished>): Promise<void> {
    const context = uploadContext();
    const held = this.locks.heldBy(upload.id);
    context.finished = await finish({ project: context.project, by: context.person, holder: held.holder });
    held.isClosed = true;
  }

  private digestOf(id: string): FollowingDigest {
    const known = this.digests.get(id) ?? new FollowingDigest();
    // The youngest is the last.
    this.digests.delete(id);
    this.digests.set(id, known);
    if (this.digests.size > MOST_DIGESTS) this.digests.delete(this.digests.keys().next().value!);
    return known;
  }
}

interface Receiving {
  handle: FileHandle;
  held: HeldUpload;
  digest: FollowingDigest;
  offset: number;
}

/** @returns where the file ends when the client has sent all that it sends, or has gone away. */
async function receive(stream: Readable, { handle, held, digest, offset }: Receiving): Promise<number> {
  let end = offset;
  let synced = offset;
  let syncing: Promise<void> | undefined;
  held.awaitClient();
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      held.heardClient();
      held.requireMine();
      await writeAll(handle, piece, end);
      end += piece.length;
      digest.add(piece, handle);
      if (end - synced >= SYNC_EVERY_BYTES && !syncing) {
        synced = end;
        syncing = handle.datasync().finally(() => (syncing = undefined));
        // A disk that fails says so to the next write, and to the last sync.
        syncing.catch(() => undefined);
      }
      held.awaitClient();
    }
  } finally {
    held.heardClient();
    held.received = end;
    await syncing?.catch(() => undefined);
  }
  return end;
}

async function writeAll(file: FileHandle, piece: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < piece.length) {
    written += (await file.write(piece, written, piece.length - written, position + written)).bytesWritten;
  }
}
