import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { FileDigests } from '../../common/digests/file-digests';
import { DomainError, NotFoundError } from '../../common/errors';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';
import { text } from '../../locales/text';
import { readChecksum } from './expected-checksum';

/** The checksum of one file, as `views/partials/file-checksum.hbs` shows it. */
export interface ChecksumView {
  /** Address in the project. */
  path: string;
  /** Null while it is not known. */
  sha256: string | null;
  /** Eight hexadecimal digits. */
  crc32: string | null;
  isUnderWay: boolean;
  /** Why it could not be computed; '' where nothing failed. */
  failure: string;
  /** What somebody wants it compared with, as it was entered. */
  expected: string;
  /** Null where nothing is to be compared, or not yet. */
  verdict: 'match' | 'differs' | 'unreadable' | null;
}

/** How long somebody waits who asked for a checksum; what takes longer goes on behind the page. */
const PATIENCE_MS = 8000;
const MOST_FAILURES = 1000;

/** Checksums of files for pages: shown where they are known, computed when somebody asks. */
@Injectable()
export class FileChecksums {
  private readonly logger = new Logger(FileChecksums.name);
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly failures = new Map<string, string>();

  constructor(
    private readonly files: ProjectFiles,
    private readonly digests: FileDigests,
  ) {}

  /** @param expected from the address of the page. @throws NotFoundError when there is no such file. */
  async of(project: Project, path: EntryPath, expected: unknown = ''): Promise<ChecksumView> {
    const identity = await this.files.of(project).identify(path);
    if (!identity) throw new NotFoundError('files.notRegular', { name: showEntryName(path.at(-1)!) });
    const known = await this.digests.findOne(project.id, identity);
    const key = keyOf(project, path);
    const failure = known ? '' : (this.failures.get(key) ?? '');
    this.failures.delete(key);
    const entered = typeof expected === 'string' ? expected.trim() : '';
    return {
      path: formatEntryPath(path),
      sha256: known?.sha256 ?? null,
      crc32: known ? crcInHex(known.crc32) : null,
      isUnderWay: !known && this.underWay.has(key),
      failure,
      expected: entered,
      verdict: verdictOf(entered, known?.sha256 ?? null),
    };
  }

  /** @returns false when it takes longer than anybody waits; it goes on. @throws what `FileDigests.compute` throws within that time. */
  async compute(project: Project, path: EntryPath): Promise<boolean> {
    const key = keyOf(project, path);
    const work = this.underWay.get(key) ?? this.start(project, path, key);
    return Promise.race([work.then(() => true), sleep(PATIENCE_MS, false, { ref: false })]);
  }

  private start(project: Project, path: EntryPath, key: string): Promise<void> {
    const work = this.digests
      .compute(project.id, this.files.of(project), path)
      .then(() => undefined)
      .finally(() => this.underWay.delete(key));
    this.underWay.set(key, work);
    // For those who do not wait any more.
    work.catch((error: unknown) => this.note(key, error));
    return work;
  }

  private note(key: string, error: unknown): void {
    if (!(error instanceof DomainError)) this.logger.warn(error instanceof Error ? error.message : String(error));
    if (this.failures.size >= MOST_FAILURES) this.failures.clear();
    this.failures.set(key, error instanceof DomainError ? error.message : text('space.checksumFailed'));
  }
}

function keyOf(project: Project, path: EntryPath): string {
  return `${project.id}/${formatEntryPath(path)}`;
}

function verdictOf(entered: string, sha256: string | null): ChecksumView['verdict'] {
  if (entered === '') return null;
  const expected = readChecksum(entered);
  if (expected === null) return 'unreadable';
  if (sha256 === null) return null;
  return expected === sha256 ? 'match' : 'differs';
}

export function crcInHex(crc32: number): string {
  return crc32.toString(16).padStart(8, '0');
}
