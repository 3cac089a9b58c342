import type { FileHandle } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Request } from 'express';
import { formatBytes } from '../../browser/amounts';
import { FileDigests } from '../../common/digests/file-digests';
import { RunningDigest, type Digests } from '../../common/digests/running-digest';
import { DomainError, ForbiddenError, InvalidInputError, LimitError, NotFoundError } from '../../common/errors';
import { asDomainError } from '../../common/files/directory-walk';
import { formatEntryPath, newEntryName, parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { identityOf, type FileIdentity } from '../../common/files/file-identity';
import { ProjectFiles } from '../../common/files/project-files';
import { CONFLICT_CHOICES, PutInPlace, type NewEntry, type OnConflict } from '../../common/files/put-in-place';
import type { Project } from '../../common/projects/project.entity';
import { Space } from '../../common/space/space';
import type { User } from '../../common/users/user.entity';
import { Permissions } from '../http/access/permissions';
import { readMultipart } from './multipart-reader';
import { SameContent } from './same-content';
import { UploadRoom } from './upload-room';

/** What became of the files of one upload. */
export interface UploadOutcome {
  stored: StoredFile[];
  refused: RefusedFile[];
  /** Names as the browser gave them: left out, because something has that name already. */
  skipped: string[];
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
  by: User;
}

/** What a form says about taken names in its field `onConflict`; `ask` refuses such files, so that a script can ask. */
type Choice = OnConflict | 'ask';

/** One form, while it is read. */
interface FormUpload {
  place: UploadPlace;
  /** Most bytes that a file may have. */
  most: number;
  room: UploadRoom;
  choice: Choice;
  outcome: UploadOutcome;
  /** Checksums of what lies in its place, to be noted together. */
  arrived: { file: FileIdentity; digests: Digests }[];
}

interface Written {
  identity: FileIdentity;
  digests: Digests;
}

const LOOK_AT_SPACE_EVERY = 64 * 1024 * 1024;

/**
 * Takes the files of forms: each is written to the staging folder beside the project and, once it is whole and on the disk, put in place.
 * Whatever happens before leaves nothing behind.
 */
@Injectable()
export class FileUpload {
  private readonly logger = new Logger(FileUpload.name);

  constructor(
    private readonly files: ProjectFiles,
    private readonly places: PutInPlace,
    private readonly space: Space,
    private readonly digests: FileDigests,
    private readonly sameContent: SameContent,
    private readonly permissions: Permissions,
  ) {}

  /**
   * @param checkToken throws unless the form is one of ours; called before a byte is stored.
   * @returns what was stored and what was refused, each with its reason; a file that is refused does not stop the others.
   */
  async receive(request: Request, place: UploadPlace, checkToken: (token: string | undefined) => Promise<void>): Promise<UploadOutcome> {
    const outcome: UploadOutcome = { stored: [], refused: [], skipped: [] };
    const room = new UploadRoom(this.space, place.project);
    const { uploadBytes: most } = await this.space.allowanceFor(place.project.ownerId);
    const form: FormUpload = { place, most, room, choice: 'keepBoth', outcome, arrived: [] };
    try {
      await readMultipart(request, {
        checkToken: async (token) => {
          await checkToken(token);
          await room.open(Number(request.headers['content-length'] ?? 0));
        },
        takeField: (name, value) => {
          if (name === 'onConflict') form.choice = readChoice(value);
        },
        takeFile: (asked, content) => this.take(form, asked, content),
      });
    } finally {
      await this.remember(form);
      await room.close();
    }
    const size = request.headers['content-length'] ?? 'unknown';
    this.logger.log(`project ${place.project.id}: ${outcome.stored.length} files stored, ${outcome.refused.length} refused, ${size} bytes`);
    return outcome;
  }

  private async take(form: FormUpload, asked: string, content: AsyncIterable<Buffer>): Promise<void> {
    const { stored, skipped, refused } = form.outcome;
    try {
      const name = await this.store(form, asked, content);
      if (name === null) skipped.push(asked);
      else stored.push({ asked, name });
    } catch (error) {
      // When the whole upload breaks off, its reader says so; here is only what is wrong with this file.
      if (!(error instanceof DomainError)) throw error;
      refused.push({ asked, error });
    }
  }

  /** @returns the name that it got; null when it was left out. */
  private async store(form: FormUpload, asked: string, content: AsyncIterable<Buffer>): Promise<string | null> {
    const { project, folder } = form.place;
    const wanted = [...folder, ...asked.split('/').map(newEntryName)];
    // What no address can name could be neither opened nor downloaded.
    const path = parseEntryPath(formatEntryPath(wanted));
    if (this.files.isInResults(path) && path.length > 1) throw new InvalidInputError('projects.noUploadsToResults');
    await form.room.beginFile();
    const staging = await this.files.staging(project.homeId);
    const part = [this.files.stagingName(project.id, form.room.id)];
    try {
      const written = await this.write(await staging.createFile(part), form, { asked, content });
      return await this.put(form, { directory: staging, path: part }, path, written);
    } catch (error) {
      throw asDomainError(error, path);
    } finally {
      // After a success the name is gone already.
      await staging.remove(part);
    }
  }

  private async put(form: FormUpload, from: NewEntry['from'], to: EntryPath, written: Written): Promise<string | null> {
    const { project, by } = form.place;
    // A form may be sent for hours: whoever is taken out of the project meanwhile puts nothing more into it.
    if (!(await this.permissions.allows('projectRunner', { person: by, project }))) throw new NotFoundError('errors.noSuchProject');
    // Others than the owner change nothing that is there.
    if (form.choice === 'replace' && !(await this.permissions.allows('projectOwner', { person: by, project })))
      throw new ForbiddenError('members.noReplace');
    const onConflict = form.choice === 'ask' ? 'skip' : form.choice;
    const placed = await this.places.put(project, { from, to, onConflict, by });
    if (placed.outcome !== 'skipped') {
      await form.room.stored(written.identity.size);
      form.arrived.push({ file: written.identity, digests: written.digests });
    } else if (form.choice === 'skip') return null;
    else if (!(await this.sameContent.lies(project, to, written.digests))) throw await this.sameContent.conflict(project, to);
    return showEntryName(placed.path.at(-1)!);
  }

  /** The files lie in their places: a checksum that could not be noted is computed when somebody asks for it. */
  private async remember({ place, arrived }: FormUpload): Promise<void> {
    const { id } = place.project;
    await this.digests.rememberAll(id, arrived).catch((error: unknown) => {
      this.logger.warn(`project ${id}: checksums could not be noted: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  private async write(file: FileHandle, { most, room }: FormUpload, { asked, content }: SentFile): Promise<Written> {
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
      return { identity: await identityOf(file), digests: digest.digests() };
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
}

function readChoice(value: string): Choice {
  const choice = (['ask', ...CONFLICT_CHOICES] as const).find((one) => one === value);
  if (!choice) throw new InvalidInputError('uploads.badMetadata', { field: 'onConflict' });
  return choice;
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  let offset = 0;
  while (offset < piece.length) offset += (await file.write(piece, offset)).bytesWritten;
}
