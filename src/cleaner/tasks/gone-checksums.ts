import { Injectable } from '@nestjs/common';
import type { FileDigest } from '../../common/digests/file-digest.entity';
import { INBOX_PROJECT } from '../../common/digests/file-digests';
import { NotFoundError } from '../../common/errors';
import { InboxFiles } from '../../common/files/inbox-files';
import { ProjectFiles } from '../../common/files/project-files';
import type { FoundFile, SafeDirectory } from '../../common/files/safe-directory';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';
import { SpaceRowsRepository } from '../space-rows.repository';

/** A time in nanoseconds and the same in milliseconds agree within the rounding of a double. */
const SAME_MS = 0.01;

/** Checksums of contents that no file of the project has any more, in its trash neither. */
@Injectable()
export class GoneChecksums extends Chore {
  readonly name = 'checksums of files that are gone';

  constructor(
    private readonly rows: SpaceRowsRepository,
    private readonly projects: ProjectsRepository,
    private readonly files: ProjectFiles,
    private readonly inbox: InboxFiles,
  ) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    for (const projectId of await this.rows.projectsWithDigests()) {
      const gone = await this.goneOf(projectId, nowMs - DAY_MS);
      yield* rowsWaste(`checksums of project ${projectId}`, gone.length, () => this.rows.deleteDigests(gone));
    }
  }

  private async goneOf(projectId: string, beforeMs: number): Promise<FileDigest[]> {
    const digests = await this.rows.digestsOf(projectId, beforeMs);
    const byInode = new Map<number, FileDigest[]>();
    for (const digest of digests) byInode.set(Number(digest.inode), [...(byInode.get(Number(digest.inode)) ?? []), digest]);
    const gone = new Set(digests);
    const see = (file: FoundFile) => {
      for (const digest of byInode.get(file.inode) ?? []) if (isOf(digest, file)) gone.delete(digest);
      return gone.size > 0;
    };
    if (gone.size > 0) for (const directory of await this.directoriesOf(projectId)) await eachIfThere(directory, see);
    return [...gone];
  }

  /** Where files of these checksums may lie: for a project itself and the staging folder of its home, which holds the trash. */
  private async directoriesOf(projectId: string): Promise<SafeDirectory[]> {
    if (projectId === INBOX_PROJECT) return [this.inbox.directory()].filter((directory) => directory !== null);
    const project = await this.projects.findById(projectId);
    return project ? [this.files.of(project), this.files.stagingOf(project.homeId)] : [];
  }
}

function isOf({ size, mtimeNs }: FileDigest, file: FoundFile): boolean {
  return size === file.size && Math.abs(Number(mtimeNs) / 1e6 - file.mtimeMs) < SAME_MS;
}

async function eachIfThere(directory: SafeDirectory, visit: (file: FoundFile) => boolean): Promise<void> {
  try {
    await directory.eachFile([], visit);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
