import { Injectable, Logger } from '@nestjs/common';
import { ConflictError, InvalidInputError, LockedError, NotFoundError } from '../errors';
import { FileDigests, type Digests } from '../digests/file-digests';
import { formatEntryPath, numberedName, parseEntryPath, showEntryName, type EntryPath } from '../files/entry-name';
import { PutInPlace, type OnConflict } from '../files/put-in-place';
import { ProjectFiles } from '../files/project-files';
import type { Project } from '../projects/project.entity';
import { Space } from '../space/space';
import type { Doer } from '../trash/trash';
import { UploadFiles } from './upload-files';
import type { Upload, UploadOutcome } from './upload.entity';
import { UploadsRepository } from './uploads.repository';

/** What became of an upload. */
export interface Finished {
  outcome: UploadOutcome;
  /** Where it lies in the project; where it was meant, if it was skipped. */
  path: EntryPath;
}

/** Who finishes an upload, and for whom: it is held meanwhile. */
export interface Finisher {
  project: Project;
  holder: string;
  by: Doer;
}

/** How long a client that did not hear the answer can still ask for it. */
const REMEMBERED_MS = 24 * 3_600_000;
const MOST_NUMBER = 10_000;

/** Gives a file its name in the project when all its bytes are there. A crash anywhere in between neither loses it nor stores it twice. */
@Injectable()
export class UploadFinish {
  private readonly logger = new Logger(UploadFinish.name);

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly uploadFiles: UploadFiles,
    private readonly files: ProjectFiles,
    private readonly putInPlace: PutInPlace,
    private readonly digests: FileDigests,
    private readonly space: Space,
  ) {}

  /**
   * @param digests of the whole file, which is on the disk by now.
   * @throws InvalidInputError when it is not the file that the client announced: it is given up. LockedError when it was lost to somebody
   * else. ConflictError or NotFoundError when it cannot be put in place: it stays, and can be finished later.
   */
  async finish(upload: Upload, digests: Digests, finisher: Finisher): Promise<Finished> {
    if (upload.sha256 !== null && upload.sha256 !== digests.sha256) {
      await this.uploadFiles.remove(upload);
      throw new InvalidInputError('uploads.checksumWrong', { name: nameOf(upload) });
    }
    const identity = await this.uploadFiles.identify(upload);
    if (!identity) throw new NotFoundError('uploads.gone', { name: nameOf(upload) });
    if (!(await this.uploads.markPlacing(upload.id, finisher.holder, identity.inode))) throw new LockedError('uploads.lost');
    await this.digests.remember(upload.projectId, identity, digests);
    return this.close(upload, await this.place(upload, finisher, upload.onConflict), finisher);
  }

  /** Goes on where a crash interrupted `finish` after it had begun to put the file in place. */
  async resume(upload: Upload, finisher: Finisher): Promise<Finished> {
    const placed = await this.findPlaced(upload, finisher.project);
    const { directory, path } = this.uploadFiles.placeOf(upload);
    if (placed) {
      // The crash may have been between its two names.
      await directory.remove(path);
      return this.close(upload, placed, finisher);
    }
    if (await directory.exists(path)) return this.close(upload, await this.place(upload, finisher, upload.onConflict), finisher);
    // It was put in place, and somebody renamed or deleted it since.
    return this.close(upload, { outcome: 'stored', path: parseEntryPath(upload.path) }, finisher);
  }

  private async place(upload: Upload, { project, by }: Finisher, onConflict: OnConflict): Promise<Finished> {
    const from = this.uploadFiles.placeOf(upload);
    try {
      return await this.putInPlace.put(project, { from, to: parseEntryPath(upload.path), onConflict, by });
    } catch (error) {
      // Since the person chose to replace it, a run began to need it, or a folder got its name: nothing that was sent is lost for that.
      if (onConflict !== 'replace' || !(error instanceof ConflictError)) throw error;
      return this.place(upload, { project, by, holder: '' }, 'keepBoth');
    }
  }

  private async close(upload: Upload, { outcome, path }: Finished, { holder }: Finisher): Promise<Finished> {
    if (outcome === 'skipped') {
      const from = this.uploadFiles.placeOf(upload);
      await from.directory.remove(from.path);
      await this.space.release(upload.id);
    } else await this.space.settle(upload.id, { bytes: upload.size, files: 1 });
    await this.uploads.close(upload.id, holder, { state: outcome, storedAs: formatEntryPath(path) }, REMEMBERED_MS);
    this.logger.log(`project ${upload.projectId}: upload ${upload.id} of ${upload.size} bytes ${outcome}`);
    return { outcome, path };
  }

  /** The file under one of the names that it can have got. */
  private async findPlaced(upload: Upload, project: Project): Promise<Finished | null> {
    const wanted = parseEntryPath(upload.path);
    const directory = this.files.of(project);
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
}

/** The name of the file that is sent, for sentences. */
export function nameOf({ path }: Pick<Upload, 'path'>): string {
  return showEntryName(parseEntryPath(path).at(-1) ?? Buffer.alloc(0));
}
