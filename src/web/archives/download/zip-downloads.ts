import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { NotFoundError, TooManyRequestsError } from '../../../common/errors';
import { FileDigests } from '../../../common/digests/file-digests';
import { showEntryName, type EntryPath } from '../../../common/files/entry-name';
import { ManifestReader } from '../../../common/files/manifest-reader';
import { ProjectFiles } from '../../../common/files/project-files';
import type { SafeDirectory } from '../../../common/files/safe-directory';
import { TreeManifests } from '../../../common/files/threads/tree-manifests';
import type { Project } from '../../../common/projects/project.entity';
import { type Companion, ZipPlan } from './zip-plan';

/** What is to be in an archive. */
export interface ZipWish {
  /** Folder in the project. */
  folder: EntryPath;
  /** Names in it; null: all of it, as a folder of its own in the archive. */
  names: readonly Buffer[] | null;
  /** What the folder is called in the archive, where all of it is wanted. */
  top: Buffer;
  /** Writes further entries. */
  companion?: Companion;
}

export interface PreparedZip {
  plan: ZipPlan;
  /** The folder whose entries are in the plan. */
  directory: SafeDirectory;
}

/** Of one person at the same time. */
const MOST_OF_ONE_PERSON = 2;
const TRY_AGAIN_SECONDS = 30;

/** Lays out archives of what lies in projects. Their lists are kept in a file without a name while they are sent. */
@Injectable()
export class ZipDownloads {
  private readonly underWay = new Map<string, number>();

  constructor(
    private readonly files: ProjectFiles,
    private readonly manifests: TreeManifests,
    private readonly digests: FileDigests,
  ) {}

  /**
   * @param work sends what was laid out; when it has ended the list is gone.
   * @throws NotFoundError when nothing of it is there; TooManyRequestsError when the person has enough under way.
   */
  async with(
    personId: string,
    project: Project,
    wish: ZipWish,
    signal: AbortSignal,
    work: (zip: PreparedZip) => Promise<void>,
  ): Promise<void> {
    const count = this.underWay.get(personId) ?? 0;
    if (count >= MOST_OF_ONE_PERSON) throw new TooManyRequestsError('archives.tooManyDownloads', TRY_AGAIN_SECONDS);
    this.underWay.set(personId, count + 1);
    try {
      await this.prepare(project, wish, signal, work);
    } finally {
      const left = (this.underWay.get(personId) ?? 1) - 1;
      if (left === 0) this.underWay.delete(personId);
      else this.underWay.set(personId, left);
    }
  }

  private async prepare(project: Project, wish: ZipWish, signal: AbortSignal, work: (zip: PreparedZip) => Promise<void>): Promise<void> {
    const directory = this.files.of(project).inside(wish.folder);
    const staging = await this.files.staging(project.ownerId);
    const name = [Buffer.from(`${project.id}.${randomUUID()}.list`)];
    const output = await staging.createFile(name);
    const list = await staging.openFile(name).finally(() => staging.remove(name));
    try {
      await directory.manifest([], this.manifests, { names: wish.names, top: wish.top }, output, signal);
      const find = (files: Parameters<FileDigests['find']>[1]) => this.digests.find(project.id, files);
      const plan = await ZipPlan.make(
        new ManifestReader(list.handle),
        wish.names === null ? wish.top : Buffer.alloc(0),
        find,
        wish.companion,
      );
      if (plan.count === 0) throw new NotFoundError('files.notFound', { name: wish.names?.map(showEntryName).join(', ') ?? '' });
      await work({ plan, directory });
    } finally {
      await output.close();
      await list.handle.close();
    }
  }
}
