import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { NotFoundError, TooManyRequestsError } from '../../../common/errors';
import { FileDigests, type Digests } from '../../../common/digests/file-digests';
import { showEntryName, type EntryPath } from '../../../common/files/entry-name';
import { ManifestReader, type ManifestEntry } from '../../../common/files/manifest-reader';
import { ProjectFiles } from '../../../common/files/project-files';
import type { SafeDirectory } from '../../../common/files/safe-directory';
import { TreeManifests } from '../../../common/files/threads/tree-manifests';
import type { Project } from '../../../common/projects/project.entity';
import { type Companion, type FindDigests, ZipPlan } from './zip-plan';

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

/** Several projects in one archive. */
export interface ManyWish {
  /** What the folder of each is called: all different, without slashes. */
  trees: readonly { project: Project; top: Buffer }[];
  companion?: Companion;
}

export interface PreparedZip {
  plan: ZipPlan;
  /** The folder below which an entry of the plan was listed. */
  placeOf: (entry: ManifestEntry) => SafeDirectory;
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
    await this.counted(personId, () => this.prepare(project, wish, signal, work));
  }

  /** All files of several projects of one person, each in a folder of its own. Call it within `counted`. */
  async withMany(
    personId: string,
    { trees, companion }: ManyWish,
    signal: AbortSignal,
    work: (zip: PreparedZip) => Promise<void>,
  ): Promise<void> {
    await this.withList(personId, personId, async (output, list) => {
      const places = new Map<string, { id: string; directory: SafeDirectory }>();
      for (const { project, top } of trees) {
        const directory = this.files.of(project);
        await directory.manifest([], this.manifests, { names: null, top }, output, signal).catch(nothingWhenGone);
        places.set(top.toString('latin1'), { id: project.id, directory });
      }
      const placeOf = (entry: ManifestEntry) => places.get(topOf(entry))!;
      const find: FindDigests = (files) => this.findInMany(files, (entry) => placeOf(entry).id);
      const plan = await ZipPlan.make(list, Buffer.alloc(0), find, companion);
      await work({ plan, placeOf: (entry) => placeOf(entry).directory });
    });
  }

  /**
   * Holds a person to some downloads at the same time.
   * @throws TooManyRequestsError when they have enough under way.
   */
  async counted(personId: string, work: () => Promise<void>): Promise<void> {
    const count = this.underWay.get(personId) ?? 0;
    if (count >= MOST_OF_ONE_PERSON) throw new TooManyRequestsError('archives.tooManyDownloads', TRY_AGAIN_SECONDS);
    this.underWay.set(personId, count + 1);
    try {
      await work();
    } finally {
      const left = (this.underWay.get(personId) ?? 1) - 1;
      if (left === 0) this.underWay.delete(personId);
      else this.underWay.set(personId, left);
    }
  }

  private async prepare(project: Project, wish: ZipWish, signal: AbortSignal, work: (zip: PreparedZip) => Promise<void>): Promise<void> {
    const directory = this.files.of(project).inside(wish.folder);
    await this.withList(project.homeId, project.id, async (output, list) => {
      await directory.manifest([], this.manifests, { names: wish.names, top: wish.top }, output, signal);
      const find: FindDigests = (files) => this.findInMany(files, () => project.id);
      const plan = await ZipPlan.make(list, wish.names === null ? wish.top : Buffer.alloc(0), find, wish.companion);
      if (plan.count === 0) throw new NotFoundError('files.notFound', { name: wish.names?.map(showEntryName).join(', ') ?? '' });
      await work({ plan, placeOf: () => directory });
    });
  }

  /** A list on disk that has no name any more, and is gone when the work is done. */
  private async withList(
    homeId: string,
    namedAfter: string,
    work: (output: FileHandle, list: ManifestReader) => Promise<void>,
  ): Promise<void> {
    const staging = await this.files.staging(homeId);
    const name = [Buffer.from(`${namedAfter}.${randomUUID()}.list`)];
    const output = await staging.createFile(name);
    const list = await staging.openFile(name).finally(() => staging.remove(name));
    try {
      await work(output, new ManifestReader(list.handle));
    } finally {
      await output.close();
      await list.handle.close();
    }
  }

  /** @param projectOf id of the project in which a file lies. */
  private async findInMany(files: readonly ManifestEntry[], projectOf: (entry: ManifestEntry) => string): Promise<Map<string, Digests>> {
    const byProject = Map.groupBy(files, projectOf);
    const found = new Map<string, Digests>();
    for (const [projectId, own] of byProject) {
      const identities = own.map(({ identity }) => identity);
      for (const [key, digests] of await this.digests.find(projectId, identities)) found.set(key, digests);
    }
    return found;
  }
}

/** What the folder of a project is called in an archive of several. */
function topOf({ name }: ManifestEntry): string {
  return name.subarray(0, name.indexOf('/')).toString('latin1');
}

/** Of a project that was deleted meanwhile nothing is listed. */
function nothingWhenGone(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}
