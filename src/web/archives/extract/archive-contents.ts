import { ZipReader, type Entry } from '@zip.js/zip.js';
import { InvalidInputError } from '../../../common/errors';
import type { EntryPath } from '../../../common/files/entry-name';
import type { Amounts } from '../../../common/space/space.repository';
import { ArchiveFileReader, type ArchiveFile } from './archive-file';
import { readFrame } from './archive-frame';
import { EntryNames, isLitter } from './entry-names';
import { checkData, checkRatio, checkSecondName, isFolder } from './entry-rules';
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

const OPTIONS = {
  strictness: 'balanced',
  filenameValidation: 'strict',
  checkLocalFilename: true,
  checkOverlappingEntry: true,
  useWebWorkers: false,
} as const;
/** Sizes of what follows the data of an entry that was written into a pipe. */
const DESCRIPTOR = { small: 12, large: 20, signature: 4 };
/** What zip.js remarks on and our own checks decide. */
const HARMLESS = new Set(['unsorted central directory', 'duplicate filename', 'unknown version']);

/** What an archive holds: looked through as a whole first, without unpacking anything, and then entry by entry. */
export class ArchiveContents {
  private readonly zip: ZipReader<unknown>;

  /** @param above where in the project everything is meant to go. */
  constructor(
    private readonly file: ArchiveFile,
    private readonly above: EntryPath,
  ) {
    this.zip = new ZipReader(new ArchiveFileReader(file), OPTIONS);
  }

  /** @throws InvalidInputError that names the first entry which must not be unpacked, and says why. */
  async check(): Promise<Contents> {
    const { directoryOffset } = readFrame(this.file);
    const contents: Contents = { bytes: 0, files: 0, litter: 0 };
    const spans: { start: number; end: number }[] = [];
    const all = { packed: 0, unpacked: 0 };
    for await (const { entry, path, isFolder, endOffset } of this.entries()) {
      spans.push({ start: entry.offset, end: endOffset });
      all.packed += entry.compressedSize;
      all.unpacked += entry.uncompressedSize;
      if (all.unpacked > all.packed) this.judge(entry, () => checkRatio(all.packed, all.unpacked));
      if (path === null) contents.litter += 1;
      else if (!isFolder) {
        contents.files += 1;
        contents.bytes += entry.uncompressedSize;
      }
    }
    requireNothingElse(spans, directoryOffset);
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
      yield await this.read(entry, names).catch((error: unknown) => {
        throw refusal(entry.filename, error);
      });
    }
  }

  private async read(entry: Entry, names: EntryNames): Promise<CheckedEntry> {
    const folder = isFolder(entry);
    checkData(entry);
    const path = isLitter(entry.filename) ? null : names.add(entry.filename, folder);
    // Compares with the entry's own header, and with the places of all others.
    await getData(entry, new WritableStream(), { checkOverlappingEntryOnly: true });
    checkSecondName(entry, [entry.rawExtraField, entry.localDirectory?.rawExtraField]);
    const dataOffset = entry.localDirectory?.dataOffset ?? 0;
    return { entry, path, isFolder: folder, dataOffset, endOffset: dataOffset + entry.compressedSize + descriptorSize(entry) };
  }

  private judge(entry: Entry, check: () => void): void {
    try {
      check();
    } catch (error) {
      throw refusal(entry.filename, error);
    }
  }
}

/** What zip.js gives out as data of an entry; folders have it too, although its typings deny it. */
export async function getData(entry: Entry, into: WritableStream<Uint8Array>, options: object = {}): Promise<void> {
  const read = (entry as unknown as { getData(writer: WritableStream<Uint8Array>, options: object): Promise<unknown> }).getData;
  await read(into, options);
}

function descriptorSize({ bitFlag, localDirectory }: Entry): number {
  const descriptor = localDirectory?.dataDescriptor;
  if (!bitFlag?.dataDescriptor || !descriptor) return 0;
  return (descriptor.zip64 ? DESCRIPTOR.large : DESCRIPTOR.small) + (descriptor.signature ? DESCRIPTOR.signature : 0);
}

/** Entries that the table of contents does not name are seen by some programs and not by others. */
function requireNothingElse(spans: { start: number; end: number }[], directoryOffset: number): void {
  let end = 0;
  for (const span of spans.sort((a, b) => a.start - b.start)) {
    if (span.start !== end) throw new InvalidInputError('archives.hidden');
    end = span.end;
  }
  if (end !== directoryOffset) throw new InvalidInputError('archives.hidden');
}
