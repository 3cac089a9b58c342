import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConflictError } from '../errors';
import { FileDigests, type FileIdentity } from '../digests/file-digests';
import { identityKey } from '../files/file-identity';
import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../files/entry-name';
import { ProjectFiles } from '../files/project-files';
import { PutInPlace, type OnConflict, type Placed } from '../files/put-in-place';
import type { SafeDirectory } from '../files/safe-directory';
import { FileTasks } from '../file-tasks/file-tasks';
import type { Project } from '../projects/project.entity';
import { Space, type Amounts } from '../space/space';
import { requireWithin } from '../space/require-within';
import type { User } from '../users/user.entity';
import type { CopyBrief } from './copy-brief';

/** What is to be copied within a project, and where to. */
export interface CopyOrder {
  /** In which it lies. */
  folder: EntryPath;
  names: readonly Buffer[];
  to: EntryPath;
  onConflict: Exclude<OnConflict, 'replace'>;
}

/** What became of a copy: done, or going on outside of the request. */
export type CopyOutcome = { kind: 'done'; placed: Placed[]; leftOut: number } | { kind: 'started'; task: string };

/** What somebody waits for on a page; more is done outside of the request. */
const SMALL = { files: 200, bytes: 64 * 1024 * 1024 } as const;
/** What a row of a task holds in either database. */
const MOST_BRIEF_BYTES = 60_000;
const RESERVED_FOR_MS = 10 * 60_000;

/** Copies files and folders within a project: all of what was asked for, or nothing. */
@Injectable()
export class FileCopies {
  constructor(
    private readonly files: ProjectFiles,
    private readonly places: PutInPlace,
    private readonly space: Space,
    private readonly digests: FileDigests,
    private readonly tasks: FileTasks,
  ) {}

  /** @throws LimitError when there is no room; NotFoundError when something is not there any more. */
  async copy(project: Project, order: CopyOrder, by: User): Promise<CopyOutcome> {
    const small = await this.measureSmall(project, order);
    return small ? this.copyNow(project, order, by, small) : { kind: 'started', task: await this.copyLater(project, order, by) };
  }

  /** @returns null when it is more than somebody waits for. */
  private async measureSmall(project: Project, { folder, names }: CopyOrder): Promise<Amounts | null> {
    const sum = { bytes: 0, files: 0 };
    for (const name of names) {
      const { bytes, files, complete } = await this.files.of(project).measure([...folder, name], SMALL.files);
      sum.bytes += bytes;
      sum.files += files;
      if (!complete || sum.bytes > SMALL.bytes || sum.files > SMALL.files) return null;
    }
    return sum;
  }

  private async copyNow(project: Project, order: CopyOrder, by: User, amounts: Amounts): Promise<CopyOutcome> {
    const id = randomUUID();
    await this.space.reserve(project.ownerId, amounts, { id, projectId: project.id, what: 'copy', forMs: RESERVED_FOR_MS });
    const staging = await this.files.staging(project.homeId);
    const part = staging.inside([this.files.stagingName(project.id, id)]);
    try {
      await part.ensureFolder([]);
      const { leftOut, ...real } = await this.copyAll(project, order, part, amounts);
      const { names, to, onConflict } = order;
      const placed = await this.places.putAll(
        project,
        names.map((name) => ({ from: { directory: part, path: [name] }, to: [...to, name], onConflict, by })),
      );
      await this.space.settle(id, real);
      return { kind: 'done', placed, leftOut };
    } catch (error) {
      await this.space.release(id);
      throw error;
    } finally {
      await part.remove([]);
    }
  }

  private async copyAll(project: Project, { folder, names }: CopyOrder, part: SafeDirectory, most: Amounts) {
    const sum = { bytes: 0, files: 0, leftOut: 0 };
    const written = { bytes: 0, files: 0 };
    const advance = (bytes: number, files: number): void => {
      written.bytes += bytes;
      written.files += files;
      requireWithin(written, most);
    };
    const pairs: { from: FileIdentity; to: FileIdentity }[] = [];
    for (const name of names) {
      const copied = (from: FileIdentity, to: FileIdentity): void => void pairs.push({ from, to });
      const report = await this.files.of(project).copy([...folder, name], [name], part, { copied, advance });
      sum.bytes += report.bytes;
      sum.files += report.files;
      sum.leftOut += report.leftOut;
    }
    await this.rememberCopies(project.id, pairs);
    return sum;
  }

  /** A copy has the checksums of what it was made from, as far as those are known. */
  private async rememberCopies(projectId: string, pairs: readonly { from: FileIdentity; to: FileIdentity }[]): Promise<void> {
    const known = await this.digests.find(
      projectId,
      pairs.map(({ from }) => from),
    );
    const fresh = pairs.flatMap(({ from, to }) => {
      const digests = known.get(identityKey(from));
      return digests ? [{ file: to, digests }] : [];
    });
    if (fresh.length > 0) await this.digests.rememberAll(projectId, fresh);
  }

  private copyLater(project: Project, { folder, names, to, onConflict }: CopyOrder, by: User): Promise<string> {
    const title = showEntryName(names[0] ?? Buffer.alloc(0)) + (names.length > 1 ? ` (+${names.length - 1})` : '');
    const brief: CopyBrief = { folder: formatEntryPath(folder), names: names.map(formatEntryName), to: formatEntryPath(to), onConflict };
    if (Buffer.byteLength(JSON.stringify(brief)) > MOST_BRIEF_BYTES) throw new ConflictError('browse.tooManyToCopy');
    return this.tasks.start({ kind: 'copy', project, by, title, brief });
  }
}
