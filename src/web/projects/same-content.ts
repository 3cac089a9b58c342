import { Injectable } from '@nestjs/common';
import { FileDigests } from '../../common/digests/file-digests';
import { RunningDigest, type Digests } from '../../common/digests/running-digest';
import { type ConflictError, NotFoundError } from '../../common/errors';
import type { EntryPath } from '../../common/files/entry-name';
import { identityKey } from '../../common/files/file-identity';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';
import { takenName } from '../uploads/taken-name';

/** What is not known of larger files is not read for a comparison. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Compares a file that was sent with what has its name already. A script that did not hear our answer sends its files again: those that
 * arrived the first time are no conflict that somebody has to decide.
 */
@Injectable()
export class SameContent {
  constructor(
    private readonly files: ProjectFiles,
    private readonly digests: FileDigests,
  ) {}

  /** Whether a file of this content lies there. */
  async lies(project: Project, path: EntryPath, sent: Digests): Promise<boolean> {
    const directory = this.files.of(project);
    try {
      const identity = await directory.identify(path);
      if (!identity) return false;
      const known = (await this.digests.find(project.id, [identity])).get(identityKey(identity));
      if (known) return known.sha256 === sent.sha256;
      return identity.size <= MOST_BYTES && (await this.read(project, path)).sha256 === sent.sha256;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /** The refusal that says what is there. */
  async conflict(project: Project, path: EntryPath): Promise<ConflictError> {
    try {
      return takenName(path, await this.files.of(project).stat(path));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      // The name of the folder of results is taken before there are any.
      return takenName(path, { kind: 'folder', size: 0, mtimeMs: 0 });
    }
  }

  private async read(project: Project, path: EntryPath): Promise<Digests> {
    const { handle } = await this.files.of(project).openFile(path);
    try {
      const digest = new RunningDigest();
      for await (const piece of handle.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 })) digest.update(piece as Buffer);
      return digest.digests();
    } finally {
      await handle.close();
    }
  }
}
