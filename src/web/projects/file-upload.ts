import type { FileHandle } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Request } from 'express';
import { formatBytes } from '../../browser/amounts';
import { AppConfig } from '../../common/config/app-config';
import { DomainError, InvalidInputError, LimitError } from '../../common/errors';
import { asDomainError } from '../../common/files/directory-walk';
import { formatEntryPath, newEntryName, parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { freeSpace } from '../../common/files/free-space';
import { ProjectFiles } from '../../common/files/project-files';
import { PutInPlace } from '../../common/files/put-in-place';
import type { Project } from '../../common/projects/project.entity';
import type { Doer } from '../../common/trash/trash';
import { readMultipart } from './multipart-reader';

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
    private readonly config: AppConfig,
  ) {}

  /**
   * @param checkToken throws unless the form is one of ours; called before a byte is stored.
   * @returns what was stored and what was refused, each with its reason; a file that is refused does not stop the others.
   */
  async receive(request: Request, place: UploadPlace, checkToken: (token: string | undefined) => Promise<void>): Promise<UploadOutcome> {
    const outcome: UploadOutcome = { stored: [], refused: [] };
    await readMultipart(request, {
      checkToken: async (token) => {
        await checkToken(token);
        await this.requireSpace(Number(request.headers['content-length'] ?? 0));
      },
      takeFile: async (asked, content) => {
        try {
          outcome.stored.push({ asked, name: await this.store(place, asked, content) });
        } catch (error) {
          // When the whole upload breaks off, its reader says so; here is only what is wrong with this file.
          if (!(error instanceof DomainError)) throw error;
          outcome.refused.push({ asked, error });
        }
      },
    });
    const size = request.headers['content-length'] ?? 'unknown';
    this.logger.log(`project ${place.project.id}: ${outcome.stored.length} files stored, ${outcome.refused.length} refused, ${size} bytes`);
    return outcome;
  }

  private async store({ project, folder, by }: UploadPlace, asked: string, content: AsyncIterable<Buffer>): Promise<string> {
    const wanted = [...folder, ...asked.split('/').map(newEntryName)];
    // What no address can name could be neither opened nor downloaded.
    const path = parseEntryPath(formatEntryPath(wanted));
    if (this.files.isInResults(path) && path.length > 1) throw new InvalidInputError('projects.noUploadsToResults');
    const staging = await this.files.staging(project.ownerId);
    const part = [this.files.stagingName(project.id)];
    try {
      await this.write(await staging.createFile(part), content, asked);
      const from = { directory: staging, path: part };
      const placed = await this.places.put(project, { from, to: path, onConflict: 'keepBoth', by });
      return showEntryName(placed.path.at(-1)!);
    } catch (error) {
      throw asDomainError(error, path);
    } finally {
      // After a success the name is gone already.
      await staging.remove(part);
    }
  }

  private async write(file: FileHandle, content: AsyncIterable<Buffer>, asked: string): Promise<void> {
    const most = this.config.settings.MAX_UPLOAD;
    let written = 0;
    let looked = 0;
    try {
      for await (const piece of content) {
        written += piece.length;
        if (written > most) throw new LimitError('projects.tooLarge', { name: asked, size: formatBytes(most) });
        await writeAll(file, piece);
        if (written - looked < LOOK_AT_SPACE_EVERY) continue;
        looked = written;
        await this.requireSpace(0);
      }
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** @throws LimitError when writing `bytes` more would eat into the reserve. */
  private async requireSpace(bytes: number): Promise<void> {
    const left = (await freeSpace(this.config.filesRoot)) - this.config.settings.FREE_SPACE_RESERVE;
    if (left < bytes) throw new LimitError('projects.noSpace');
  }
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  let offset = 0;
  while (offset < piece.length) offset += (await file.write(piece, offset)).bytesWritten;
}
