import { Injectable } from '@nestjs/common';
import { ConflictError } from '../errors';
import { showEntryName, type EntryPath } from '../files/entry-name';
import { identityKey, identityOf, type FileIdentity } from '../files/file-identity';
import type { OpenFile, SafeDirectory } from '../files/safe-directory';
import { DigestWorkers } from './digest-workers';
import { FileDigestsRepository } from './file-digests.repository';
import type { Digests } from './running-digest';

export type { Digests, FileIdentity };

/** Stands for the project of files of the inbox, which belong to none. */
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
  async compute(projectId: string, directory: SafeDirectory, path: EntryPath, signal?: AbortSignal): Promise<Digests> {
    const file = await directory.openFile(path);
    try {
      return await this.computeOpen(projectId, file, path, signal);
    } finally {
      await file.handle.close();
    }
  }

  private async computeOpen(projectId: string, { handle }: OpenFile, path: EntryPath, signal?: AbortSignal): Promise<Digests> {
    const before = await identityOf(handle);
    const known = (await this.find(projectId, [before])).get(identityKey(before));
    if (known) return known;
    const { sha256, crc32, bytes } = await this.workers.compute(handle, signal);
    const after = await identityOf(handle);
    if (identityKey(after) !== identityKey(before) || bytes !== after.size) {
      throw new ConflictError('space.changedMeanwhile', { name: showEntryName(path.at(-1) ?? Buffer.alloc(0)) });
    }
    await this.rows.add(projectId, after, { sha256, crc32 });
    return { sha256, crc32 };
  }
}
