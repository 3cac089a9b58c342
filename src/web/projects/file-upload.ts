import type { FileHandle } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Request } from 'express';
import { formatBytes } from '../../browser/amounts';
import { FileDigests } from '../../common/digests/file-digests';
import { RunningDigest } from '../../common/digests/running-digest';
import { DomainError, InvalidInputError, LimitError } from '../../common/errors';
import { asDomainError } from '../../common/files/directory-walk';
import { formatEntryPath, newEntryName, parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { identityOf, type FileIdentity } from '../../common/files/file-identity';
import { ProjectFiles } from '../../common/files/project-files';
import { PutInPlace } from '../../common/files/put-in-place';
import type { Project } from '../../common/projects/project.entity';
import { Space } from '../../common/space/space';
import type { Doer } from '../../common/trash/trash';
import { readMultipart } from './multipart-reader';
import { UploadRoom } from './upload-room';

/** What became of the files of one upload. */
export interface UploadOutcome {
  stored: StoredFile[];
  refused: RefusedFile[];
}

export interface StoredFile {
  /** As the browser named it. */
  asked: string;
  /** As it lies in the project; another name where that one was taken. */
  name: string;
}

export interface RefusedFile {
  asked: string;
  error: DomainError;
}

/** Where an upload goes. */
export interface UploadPlace {
  project: Project;
  /** In the project; it exists. */
  folder: EntryPath;
  by: Doer;
}

const LOOK_AT_SPACE_EVERY = 64 * 1024 * 1024;

/**
 * Takes uploads: each file is written to the staging folder beside the project and, once it is whole and on the disk, put in place under
 * a name that is free. Whatever happens before leaves nothing behind.
 */
@Injectable()
export class FileUpload {
  private readonly logger = new Logger(FileUpload.name);

  constructor(
    private readonly files: ProjectFiles,
    private readonly places: PutInPlace,
    private readonly space: Space,
    private readonly digests: FileDigests,
  ) {}

  /**
   * @param checkToken throws unless the form is one of ours; called before a byte is stored.
   * @returns what was stored and what was refused, each with its reason; a file that is refused does not stop the others.
   */
  async receive(request: Request, place: UploadPlace, checkToken: (token: string | undefined) => Promise<void>): Promise<UploadOutcome> {
    const outcome: UploadOutcome = { stored: [], refused: [] };
    const room = new UploadRoom(this.space, place.project);
    const { uploadBytes: most } = await this.space.allowanceFor(place.project.ownerId);
    try {
      await readMultipart(request, {
        checkToken: async (token) => {
          await checkToken(token);
          await room.open(Number(request.headers['content-length'] ?? 0));
        },
        takeFile: async (asked, content) => {
          try {
            outcome.stored.push({ asked, name: await this.store(place, { asked, content, most, room }) });
          } catch (error) {
            // When the whole upload breaks off, its reader says so; here is only what is wrong with this file.
            if (!(error instanceof DomainError)) throw error;
            outcome.refused.push({ asked, error });
          }
        },
      });
    } finally {
      await room.close();
    }
    const size = request.headers['content-length'] ?? 'unknown';
    this.logger.log(`project ${place.project.id}: ${outcome.stored.length} files stored, ${outcome.refused.length} refused, ${size} bytes`);
    return outcome;
  }

  private async store({ project, folder, by }: UploadPlace, sent: SentFile): Promise<string> {
    const wanted = [...folder, ...sent.asked.split('/').map(newEntryName)];
    // What no address can name could be neither opened nor downloaded.
    const path = parseEntryPath(formatEntryPath(wanted));
    if (this.files.isInResults(path) && path.length > 1) throw new InvalidInputError('projects.noUploadsToResults');
    await sent.room.beginFile();
    const staging = await this.files.staging(project.ownerId);
    const part = [this.files.stagingName(project.id, sent.room.id)];
    try {
      const { identity, digest } = await this.write(await staging.createFile(part), sent);
      const from = { directory: staging, path: part };
      const placed = await this.places.put(project, { from, to: path, onConflict: 'keepBoth', by });
      await sent.room.stored(identity.size);
      await this.remember(project, identity, digest);
      return showEntryName(placed.path.at(-1)!);
    } catch (error) {
      throw asDomainError(error, path);
    } finally {
      // After a success the name is gone already.
      await staging.remove(part);
    }
  }

  /** The file lies in its place: a checksum that could not be noted is computed when somebody asks for it. */
  private async remember({ id }: Project, identity: FileIdentity, digest: RunningDigest): Promise<void> {
    await this.digests.remember(id, identity, digest.digests()).catch((error: unknown) => {
      this.logger.warn(`project ${id}: a checksum could not be noted: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  private async write(file: FileHandle, sent: SentFile): Promise<{ identity: FileIdentity; digest: RunningDigest }> {
    const { asked, content, most, room } = sent;
    const digest = new RunningDigest();
    let looked = 0;
    try {
      for await (const piece of content) {
        digest.update(piece);
        if (digest.bytes > most) throw new LimitError('projects.tooLarge', { name: asked, size: formatBytes(most) });
        await room.cover(digest.bytes);
        await writeAll(file, piece);
        if (digest.bytes - looked < LOOK_AT_SPACE_EVERY) continue;
        looked = digest.bytes;
        await this.space.requireDiskRoom();
      }
      await file.datasync();
      return { identity: await identityOf(file), digest };
    } finally {
      await file.close();
    }
  }
}

/** One file of an upload, on its way. */
interface SentFile {
  /** As the browser named it. */
  asked: string;
  content: AsyncIterable<Buffer>;
  /** Most bytes that it may have. */
  most: number;
  room: UploadRoom;
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  let offset = 0;
  while (offset < piece.length) offset += (await file.write(piece, offset)).bytesWritten;
}
