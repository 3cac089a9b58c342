import { Injectable, Logger } from '@nestjs/common';
import { ConflictError, InvalidInputError, NotFoundError } from '../errors';
import { FileDigests, type Digests } from '../digests/file-digests';
import { formatEntryPath, parseEntryPath, showEntryName, type EntryPath } from '../files/entry-name';
import { PutInPlace, type OnConflict } from '../files/put-in-place';
import type { Project } from '../projects/project.entity';
import { ProjectsRepository } from '../projects/projects.repository';
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
  /** Puts it into the project itself where its folder cannot take it: nobody comes back for it. */
  anywhere?: boolean;
}

/** How long a client that did not hear the answer can still ask for it. */
const REMEMBERED_MS = 24 * 3_600_000;
/** Of many files that arrive at once, not each moves its project up in the list. */
const TOUCH_EVERY_MS = 1000;

/** Gives a file its name in the project when all its bytes are there. A crash anywhere in between neither loses it nor stores it twice. */
@Injectable()
export class UploadFinish {
  private readonly logger = new Logger(UploadFinish.name);

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly uploadFiles: UploadFiles,
    private readonly putInPlace: PutInPlace,
    private readonly digests: FileDigests,
    private readonly space: Space,
    private readonly projects: ProjectsRepository,
  ) {}

  /**
   * @param digests of the whole file, which is on the disk by now.
   * @throws InvalidInputError when it is not the file that the client announced: it is given up. ConflictError or NotFoundError when it
   * cannot be put in place: it stays, and can be finished later.
   */
  async finish(upload: Upload, digests: Digests, finisher: Finisher): Promise<Finished> {
    if (upload.sha256 !== null && upload.sha256 !== digests.sha256) {
      await this.uploadFiles.remove(upload);
      throw new InvalidInputError('uploads.checksumWrong', { name: nameOf(upload) });
    }
    // Its folder would be made anew, and nobody would ever find it.
    if (!(await this.projects.findById(upload.projectId))) throw new NotFoundError('errors.noSuchProject');
    const identity = await this.uploadFiles.identify(upload);
    if (!identity) throw new NotFoundError('uploads.gone', { name: nameOf(upload) });
    await this.digests.remember(upload.projectId, identity, digests);
    const placed = await this.place(upload, finisher, parseEntryPath(upload.path), upload.onConflict);
    return this.close(upload, placed, finisher);
  }

  /**
   * Goes on where a crash came between the last byte and the end.
   * @param digest reads the whole file.
   * @returns null when bytes are missing.
   */
  async resume(upload: Upload, finisher: Finisher, digest: () => Promise<Digests>): Promise<Finished | null> {
    const placed = await this.uploadFiles.findPlaced(upload);
    if (placed) {
      // The crash may have been between its two names.
      const { directory, path } = this.uploadFiles.placeOf(upload);
      await directory.remove(path);
      return this.close(upload, placed, finisher);
    }
    const lies = await this.uploadFiles.identify(upload);
    return lies?.size === upload.size ? this.finish(upload, await digest(), finisher) : null;
  }

  /** Nothing that was sent is lost for what has happened since the person chose its place. */
  private async place(upload: Upload, finisher: Finisher, to: EntryPath, onConflict: OnConflict): Promise<Finished> {
    const from = this.uploadFiles.placeOf(upload);
    try {
      return await this.putInPlace.put(finisher.project, { from, to, onConflict, by: finisher.by });
    } catch (error) {
      // What is to be replaced is needed by a run by now, or a folder got its name.
      if (onConflict === 'replace' && error instanceof ConflictError) return this.place(upload, finisher, to, 'keepBoth');
      // Something that is no folder got the name of the folder.
      if (finisher.anywhere && to.length > 1 && error instanceof NotFoundError)
        return this.place(upload, finisher, to.slice(-1), 'keepBoth');
      throw error;
    }
  }

  private async close(upload: Upload, { outcome, path }: Finished, { holder, project }: Finisher): Promise<Finished> {
    if (outcome === 'skipped') {
      const from = this.uploadFiles.placeOf(upload);
      await from.directory.remove(from.path);
      await this.space.release(upload.id);
    } else {
      await this.space.settle(upload.id, { bytes: upload.size, files: 1 });
      await this.touch(project);
    }
    await this.uploads.close(upload.id, holder, { state: outcome, storedAs: formatEntryPath(path) }, REMEMBERED_MS);
    this.logger.log(`project ${upload.projectId}: upload ${upload.id} of ${upload.size} bytes ${outcome}`);
    return { outcome, path };
  }

  private async touch(project: Project): Promise<void> {
    const nowMs = await this.uploads.nowMs();
    if (nowMs - project.changedMs > TOUCH_EVERY_MS) await this.projects.touch(project.id, nowMs);
  }
}

/** The name of the file that is sent, for sentences. */
export function nameOf({ path }: Pick<Upload, 'path'>): string {
  return showEntryName(parseEntryPath(path).at(-1) ?? Buffer.alloc(0));
}
