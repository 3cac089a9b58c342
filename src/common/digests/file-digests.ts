import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../errors';
import { showEntryName, type EntryPath } from '../files/entry-name';
import { identityKey, identityOf, type FileIdentity } from '../files/file-identity';
import type { OpenFile, SafeDirectory } from '../files/safe-directory';
import { DigestWorkers, type ComputingWay, type Hash } from './digest-workers';
import type { FileDigest } from './file-digest.entity';
import { FileDigestsRepository } from './file-digests.repository';
import type { Digests } from './running-digest';

export type { Digests, FileIdentity };

export interface FileWithDigests extends Digests {
  path: EntryPath;
}

/** Stands for the project of files of the inbox, people's own folders included, which belong to none. */
export const INBOX_PROJECT = 'inbox';

/** SHA-256 and CRC-32 of files: remembered from when they were sent, computed when somebody asks for the others. */
@Injectable()
export class FileDigests {
  constructor(
    private readonly rows: FileDigestsRepository,
    private readonly workers: DigestWorkers,
  ) {}

  /** @param file as it is when it lies complete and closed in its project, or in the staging folder before it is moved there. */
  remember(projectId: string, file: FileIdentity, digests: Digests): Promise<void> {
    return this.rows.add(projectId, file, digests);
  }

  /** As `remember`, for many files at once. */
  rememberAll(projectId: string, files: readonly { file: FileIdentity; digests: Digests }[]): Promise<void> {
    return this.rows.addAll(projectId, files);
  }

  /** What is known of these files, by `identityKey`. */
  async find(projectId: string, files: readonly FileIdentity[]): Promise<Map<string, Digests>> {
    const wanted = new Set(files.map(identityKey));
    const rows = await this.rows.findByInodes(projectId, [...new Set(files.map((file) => file.inode))]);
    return new Map(
      rows.filter((row) => wanted.has(identityKey(row))).map(({ sha256, crc32, ...row }) => [identityKey(row), { sha256, crc32 }]),
    );
  }

  /**
   * Reads the whole file in a process of low priority, where its checksums are not known yet, and remembers them.
   * @throws ConflictError when somebody writes to the file meanwhile; the errors of `openFile`; UnavailableError when too many wait.
   */
  compute(projectId: string, directory: SafeDirectory, path: EntryPath, signal?: AbortSignal): Promise<Digests> {
    return this.computeIn({ signal }, projectId, directory, path);
  }

  /** As `compute`, at half the speed: for what nobody waits for. */
  computeGently(projectId: string, directory: SafeDirectory, path: EntryPath, signal: AbortSignal): Promise<Digests> {
    return this.computeIn({ signal, gently: true }, projectId, directory, path);
  }

  private async computeIn(way: ComputingWay, projectId: string, directory: SafeDirectory, path: EntryPath): Promise<Digests> {
    const identity = await directory.identify(path);
    const known = identity && (await this.findOne(projectId, identity));
    if (known) return known;
    return this.workers.inTurn(async (hash) => {
      const file = await directory.openFile(path);
      try {
        return await this.computeOpen(projectId, file, path, hash);
      } finally {
        await file.handle.close();
      }
    }, way);
  }

  /** What is known of one file. */
  async findOne(projectId: string, file: FileIdentity): Promise<Digests | null> {
    return (await this.find(projectId, [file])).get(identityKey(file)) ?? null;
  }

  /** The files at any depth below a folder whose checksums are known, in the order of their paths. @param most files that are looked at. */
  async ofFolder(projectId: string, directory: SafeDirectory, folder: EntryPath, most: number): Promise<FileWithDigests[]> {
    const rows = groupByInode(await this.rows.ofProject(projectId));
    const { files } = await directory.findFiles(folder, { most });
    const found: FileWithDigests[] = [];
    for (const file of files.filter(({ inode }) => rows.has(inode))) {
      const path = [...folder, ...file.path];
      const identity = await directory.identify(path).catch(nullWhenGone);
      const row = rows.get(file.inode)?.find((row) => identity !== null && identityKey(row) === identityKey(identity));
      if (row) found.push({ path: file.path, sha256: row.sha256, crc32: row.crc32 });
    }
    return found.sort((one, other) => Buffer.compare(joined(one.path), joined(other.path)));
  }

  /** Somebody may have computed them while this waited for its turn. */
  private async computeOpen(projectId: string, { handle }: OpenFile, path: EntryPath, hash: Hash): Promise<Digests> {
    const before = await identityOf(handle);
    const known = await this.findOne(projectId, before);
    if (known) return known;
    const { sha256, crc32, bytes } = await hash(handle);
    const after = await identityOf(handle);
    if (identityKey(after) !== identityKey(before) || bytes !== after.size) {
      throw new ConflictError('space.changedMeanwhile', { name: showEntryName(path.at(-1) ?? Buffer.alloc(0)) });
    }
    await this.rows.add(projectId, after, { sha256, crc32 });
    return { sha256, crc32 };
  }
}

/** Inodes as numbers: two large ones may fall together, which the whole identity tells apart. */
function groupByInode(rows: readonly FileDigest[]): Map<number, FileDigest[]> {
  const groups = new Map<number, FileDigest[]>();
  for (const row of rows) groups.set(Number(row.inode), [...(groups.get(Number(row.inode)) ?? []), row]);
  return groups;
}

function joined(path: EntryPath): Buffer {
  return Buffer.concat(path.flatMap((name) => [name, Buffer.from('/')]));
}

function nullWhenGone(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}
