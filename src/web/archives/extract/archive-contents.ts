import { ZipReader, type Entry } from '@zip.js/zip.js';
import { InvalidInputError } from '../../../common/errors';
import type { EntryPath } from '../../../common/files/entry-name';
import type { Amounts } from '../../../common/space/space.repository';
import { ArchiveFileReader, type ArchiveFile } from './archive-file';
import { readFrame } from './archive-frame';
import { EntryNames, isLitter } from './entry-names';
import { checkData, checkRatio, checkSecondName, isFolder } from './entry-rules';
import { readLocalHeader } from './local-header';
import { refusal } from './refusal';

export interface CheckedEntry {
  entry: Entry;
  /** Where it belongs; null for what is left out: systems put it in by themselves. */
  path: EntryPath | null;
  isFolder: boolean;
  /** Where its data begins in the archive. */
  dataOffset: number;
  /** Where the next entry may begin. */
  endOffset: number;
}

export interface Contents extends Amounts {
  /** Entries that are left out. */
  litter: number;
}

const OPTIONS = { strictness: 'balanced', filenameValidation: 'strict', checkLocalFilename: true, useWebWorkers: false } as const;
/** What zip.js remarks on and our own checks decide. */
const HARMLESS = new Set(['unsorted central directory', 'duplicate filename', 'unknown version']);

/** What an archive holds: looked through as a whole first, without unpacking anything, and then entry by entry. */
export class ArchiveContents {
  private readonly zip: ZipReader<unknown>;
  private directoryOffset = 0;

  /** @param above where in the project everything is meant to go. */
  constructor(
    private readonly file: ArchiveFile,
    private readonly above: EntryPath,
  ) {
    this.zip = new ZipReader(new ArchiveFileReader(file), OPTIONS);
  }

  /** @throws InvalidInputError that names the first entry which must not be unpacked, and says why. */
  async check(): Promise<Contents> {
    this.directoryOffset = readFrame(this.file).directoryOffset;
    const contents: Contents = { bytes: 0, files: 0, litter: 0 };
    const spans = new Spans();
    const all = { packed: 0, unpacked: 0 };
    for await (const { entry, path, isFolder, endOffset } of this.entries()) {
      spans.add(entry.offset, endOffset);
      all.packed += entry.compressedSize;
      all.unpacked += entry.uncompressedSize;
      judge(entry.filename, () => checkRatio(all.packed, all.unpacked));
      if (path === null) contents.litter += 1;
      else if (!isFolder) {
        contents.files += 1;
        contents.bytes += entry.uncompressedSize;
      }
    }
    const overlapping = spans.requireTiling(this.directoryOffset);
    if (overlapping !== null) judge(await this.nameOf(overlapping), () => refuseOverlap());
    const remark = this.zip.warnings?.find(({ reason }) => !HARMLESS.has(reason));
    if (remark) throw refusal(remark.filename, new InvalidInputError('archives.ambiguous'));
    return contents;
  }

  /** All entries in the order of the table of contents, each after its checks. */
  async *entries(): AsyncGenerator<CheckedEntry> {
    const names = new EntryNames(this.above);
    const entries = this.zip.getEntriesGenerator();
    for (;;) {
      const { value: entry, done } = await entries.next().catch((error: unknown) => {
        throw refusal((error as { filename?: string }).filename, error);
      });
      if (done === true) return;
      yield judge(entry.filename, () => this.read(entry, names));
    }
  }

  private read(entry: Entry, names: EntryNames): CheckedEntry {
    const folder = isFolder(entry);
    checkData(entry);
    const path = isLitter(entry.filename) ? null : names.add(entry.filename, folder);
    const { dataOffset, endOffset, extraField } = readLocalHeader(this.file, entry, this.directoryOffset);
    checkSecondName(entry, [entry.rawExtraField, extraField]);
    return { entry, path, isFolder: folder, dataOffset, endOffset };
  }

  private async nameOf(number: number): Promise<string> {
    let index = 0;
    for await (const { entry } of this.entries()) if (index++ === number) return entry.filename;
    return '';
  }
}

/** Where the entries lie: eight bytes for each number, for very many of them. */
class Spans {
  private starts = new Float64Array(1024);
  private ends = new Float64Array(1024);
  private count = 0;

  add(start: number, end: number): void {
    if (this.count === this.starts.length) {
      this.starts = twiceAsLong(this.starts);
      this.ends = twiceAsLong(this.ends);
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count += 1;
  }

  /**
   * Entries that the table of contents does not name are seen by some programs and not by others.
   * @returns the number of an entry that shares data with another one; null where each has its own.
   * @throws InvalidInputError when there is anything before, after or between the entries.
   */
  requireTiling(directoryOffset: number): number | null {
    const order = Uint32Array.from({ length: this.count }, (_, index) => index).sort((a, b) => this.starts[a] - this.starts[b] || a - b);
    let end = 0;
    for (const index of order) {
      if (this.starts[index] < end) return index;
      if (this.starts[index] > end) throw refusal(undefined, new InvalidInputError('archives.hidden'));
      end = this.ends[index];
    }
    if (end !== directoryOffset) throw refusal(undefined, new InvalidInputError('archives.hidden'));
    return null;
  }
}

function twiceAsLong(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(values.length * 2);
  longer.set(values);
  return longer;
}

function refuseOverlap(): never {
  throw new InvalidInputError('archives.overlap');
}

/** Does something with an entry; where it must not be unpacked, the refusal names it. */
function judge<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw refusal(name, error);
  }
}

/** Writes the data of an entry, uncompressed, into a stream. */
export async function getData(entry: Entry, into: WritableStream<Uint8Array>): Promise<void> {
  if (entry.directory) throw new InvalidInputError('archives.folderWithData');
  await entry.getData(into);
}
