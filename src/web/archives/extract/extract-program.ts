import { fstatSync, futimesSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Entry } from '@zip.js/zip.js';
import { RunningDigest } from '../../../common/digests/running-digest';
import { DomainError, InvalidInputError } from '../../../common/errors';
import { formatEntryPath, parseEntryPath, type EntryPath } from '../../../common/files/entry-name';
import { toIdentity } from '../../../common/files/file-identity';
import { createFileIn } from '../../../common/files/open-folder';
import { runTaskProgram, type TaskTools } from '../../../common/file-tasks/task-program';
import { ArchiveContents, getData, type CheckedEntry } from './archive-contents';
import { ArchiveFile } from './archive-file';
import { TREE, type ExtractProgramBrief, type ExtractResult } from './extract-brief';
import { refusal } from './refusal';

/**
 * Unpacks one archive into its staging folder. A program of its own: whatever a hostile archive does to the library that reads it, it does
 * here, where nothing but the archive and an empty folder is within reach.
 */

const PIECE_BYTES = 1024 * 1024;
const STORED = 0;
/** Times in archives go from 1980 on; clocks of cameras are wrong in other ways. */
const EARLIEST_MS = Date.UTC(1980, 0, 1);

runTaskProgram<ExtractProgramBrief>(async ({ above }, tools): Promise<ExtractResult> => {
  const file = new ArchiveFile(tools.handles[0]);
  const contents = new ArchiveContents(file, parseEntryPath(above));
  const { bytes, files, litter } = await contents.check();
  await tools.need({ bytes, files });
  const extraction = new Extraction(file, tools);
  await extraction.begin();
  for await (const checked of contents.entries()) await extraction.unpack(checked);
  // Before it gets its name in the project: a power failure must not leave empty files there.
  tools.flushToDisk();
  return { files, litter };
});

class Extraction {
  private readonly made = new Set<string>();
  private parent: { key: string; handle: FileHandle } | null = null;
  private readonly piece = Buffer.allocUnsafe(PIECE_BYTES);

  constructor(
    private readonly file: ArchiveFile,
    private readonly tools: TaskTools,
  ) {}

  begin(): Promise<void> {
    return this.folder([]);
  }

  async unpack(checked: CheckedEntry): Promise<void> {
    const { entry, path, isFolder } = checked;
    if (path === null) return;
    try {
      if (isFolder) return await this.folder(path);
      const folder = await this.open(path.slice(0, -1));
      const handle = await createFileIn(folder, path.at(-1)!);
      await this.write(handle, checked).finally(() => handle.close());
    } catch (error) {
      throw error instanceof DomainError && error.key === 'files.diskFull' ? error : refusal(entry.filename, error);
    }
  }

  /** Files of one folder mostly come one after the other: it stays open for them. */
  private async open(path: EntryPath): Promise<FileHandle> {
    const key = formatEntryPath(path);
    if (this.parent?.key !== key) {
      await this.folder(path);
      await this.parent?.handle.close();
      this.parent = null;
      this.parent = { key, handle: await this.tools.staging.openFolder([TREE, ...path]) };
    }
    return this.parent.handle;
  }

  private async folder(path: EntryPath): Promise<void> {
    const key = formatEntryPath(path);
    if (this.made.has(key)) return;
    await this.tools.staging.ensureFolder([TREE, ...path]);
    this.made.add(key);
  }

  private async write(handle: FileHandle, { entry, dataOffset }: CheckedEntry): Promise<void> {
    const output = new Output(handle, entry, this.tools);
    if (entry.compressionMethod === STORED) await this.copy(dataOffset, entry.compressedSize, output);
    else
      await getData(
        entry,
        new WritableStream({ write: (chunk) => output.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)) }),
      );
    const digests = output.finish();
    const changedMs = entry.lastModDate.getTime();
    if (changedMs > EARLIEST_MS && changedMs <= Date.now()) futimesSync(handle.fd, new Date(), entry.lastModDate);
    await this.tools.remember({ file: toIdentity(fstatSync(handle.fd, { bigint: true })), digests });
    await this.tools.advance(0, 1);
  }

  private async copy(offset: number, size: number, output: Output): Promise<void> {
    for (let done = 0; done < size;) {
      const part = this.piece.subarray(0, Math.min(PIECE_BYTES, size - done));
      const count = this.file.readInto(part, offset + done);
      if (count === 0) throw new InvalidInputError('archives.missing');
      await output.write(part.subarray(0, count));
      done += count;
    }
  }
}

/** One file on its way to the disk: never more than was promised, and with the checksum that was promised. */
class Output {
  private readonly digest = new RunningDigest();

  constructor(
    private readonly handle: FileHandle,
    private readonly entry: Entry,
    private readonly tools: TaskTools,
  ) {}

  async write(piece: Buffer): Promise<void> {
    if (this.digest.bytes + piece.length > this.entry.uncompressedSize) throw new InvalidInputError('archives.size');
    for (let written = 0; written < piece.length;) written += writeSync(this.handle.fd, piece, written);
    this.digest.update(piece);
    await this.tools.advance(piece.length);
  }

  finish(): ReturnType<RunningDigest['digests']> {
    const digests = this.digest.digests();
    if (this.digest.bytes !== this.entry.uncompressedSize) throw new InvalidInputError('archives.size');
    if (digests.crc32 !== this.entry.crc32) throw new InvalidInputError('archives.crc');
    return digests;
  }
}
