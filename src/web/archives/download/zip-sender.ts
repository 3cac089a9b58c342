import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { formatEntryPath, type EntryPath } from '../../../common/files/entry-name';
import { identityKey, identityOf } from '../../../common/files/file-identity';
import type { ManifestEntry } from '../../../common/files/manifest-reader';
import { openFileIn } from '../../../common/files/open-folder';
import type { SafeDirectory } from '../../../common/files/safe-directory';
import { readFully, sendRange, type ByteRange, type Sink } from '../../http/byte-stream';
import { centralHeader, descriptor, endRecords, localHeader } from './zip-format';
import { lengthOf, MOST_READ_AHEAD, type PlannedItem, type Spooled, type ZipPlan } from './zip-plan';

/** A file is not what it was when the archive was laid out: what was promised cannot be kept, and the answer has to break off. */
export class ChangedMeanwhile extends Error {}

/** Headers and small files go out together. */
const MOST_GATHERED = 256 * 1024;

/** Sends an archive as it was laid out, or a part of it, file after file; each is opened when its turn comes, and never by a path. */
export class ZipSender {
  private gathered: Buffer[] = [];
  private gatheredBytes = 0;
  /** Where the next byte belongs. */
  private position = 0;
  private folder: { place: SafeDirectory; key: string; handle: FileHandle } | null = null;

  /** @param placeOf the folder below which an entry was listed. */
  constructor(
    private readonly plan: ZipPlan,
    private readonly placeOf: (entry: ManifestEntry) => SafeDirectory,
    private readonly range: ByteRange,
    private readonly sink: Sink,
  ) {}

  async send(): Promise<void> {
    try {
      for await (const items of this.plan.items()) {
        for (const item of items) await this.sendItem(item);
        if (this.position >= this.range.to) break;
      }
      await this.sendDirectory();
      await this.flush();
    } finally {
      await this.folder?.handle.close();
    }
  }

  private async sendItem(item: PlannedItem): Promise<void> {
    const length = lengthOf(item);
    if (this.isOutside(length)) return this.skip(length);
    if ('content' in item.source) {
      await this.emit(localHeader(item, item.crc ?? 0));
      return this.emit(item.source.content);
    }
    if ('spooled' in item.source) return this.sendSpooled(item, item.source.spooled);
    if (item.size === 0) return this.emit(localHeader(item, 0));
    const file = await this.open(item.source.entry);
    try {
      if (item.size <= MOST_READ_AHEAD) await this.sendSmall(item, file);
      else await this.sendLarge(item, file);
      if (item.crc !== null) await requireSame(file, item.source.entry);
    } finally {
      await file.close();
    }
  }

  private async sendSmall(item: PlannedItem, file: FileHandle): Promise<void> {
    const content = Buffer.allocUnsafe(item.size);
    await readFully(file, content, 0);
    const crc = crc32(content);
    this.learn(item, crc);
    await this.emit(localHeader(item, crc));
    await this.emit(content);
  }

  private async sendLarge(item: PlannedItem, file: FileHandle): Promise<void> {
    await this.emit(localHeader(item, item.crc ?? 0));
    await this.flush();
    const { from: start, to: end } = this.wantedOf(item);
    let crc = 0;
    await sendRange(file, { from: start, to: end }, this.sink, (piece) => (crc = crc32(piece, crc)));
    const isWhole = end - start === item.size;
    if (isWhole) this.learn(item, crc);
    await this.emit(descriptor(item, crc));
  }

  private async sendSpooled(item: PlannedItem, { file, from }: Spooled): Promise<void> {
    await this.emit(localHeader(item, item.crc ?? 0));
    await this.flush();
    const wanted = this.wantedOf(item);
    await sendRange(file, { from: from + wanted.from, to: from + wanted.to }, this.sink);
  }

  /** The part of a content that lies in the range; the place behind it is the next one. */
  private wantedOf({ size }: PlannedItem): ByteRange {
    const from = Math.min(size, Math.max(0, this.range.from - this.position));
    const to = Math.min(size, Math.max(0, this.range.to - this.position));
    this.position += size;
    return { from, to };
  }

  /** @throws ChangedMeanwhile when the header has told another checksum already. */
  private learn(item: PlannedItem, crc: number): void {
    if (item.crc !== null && item.crc !== crc) throw new ChangedMeanwhile('the content of a file differs from its checksum');
    this.plan.crcs.learn(item.number, crc);
  }

  private async sendDirectory(): Promise<void> {
    const { count, directorySize, directoryOffset } = this.plan;
    if (this.position >= this.range.to) return;
    for await (const items of this.plan.items()) {
      for (const item of items) await this.emit(centralHeader(item, item.offset, this.plan.crcs.valueOf(item.number)));
    }
    await this.emit(endRecords(count, directorySize, directoryOffset));
  }

  private async open(entry: ManifestEntry): Promise<FileHandle> {
    const folder = await this.openFolder(this.placeOf(entry), entry.path.slice(0, -1));
    const { handle, size } = await openFileIn(folder, entry.path.at(-1)!);
    try {
      // One that has grown still has what was promised of it, unless its checksum was.
      if (size < entry.size) throw new ChangedMeanwhile('a file became shorter');
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Files of one folder come one after the other: it stays open for them. */
  private async openFolder(place: SafeDirectory, path: EntryPath): Promise<FileHandle> {
    const key = formatEntryPath(path);
    if (this.folder?.key !== key || this.folder.place !== place) {
      await this.folder?.handle.close();
      this.folder = null;
      this.folder = { place, key, handle: await place.openFolder(path) };
    }
    return this.folder.handle;
  }

  /** Whether nothing of what comes next is wanted. */
  private isOutside(length: number): boolean {
    return this.position + length <= this.range.from || this.position >= this.range.to;
  }

  private skip(length: number): void {
    this.position += length;
  }

  /** As much of the bytes as lies in the range. */
  private async emit(bytes: Buffer): Promise<void> {
    const start = Math.max(0, this.range.from - this.position);
    const end = Math.min(bytes.length, this.range.to - this.position);
    this.position += bytes.length;
    if (end <= start) return;
    this.gathered.push(bytes.subarray(start, end));
    this.gatheredBytes += end - start;
    if (this.gatheredBytes >= MOST_GATHERED) await this.flush();
  }

  private async flush(): Promise<void> {
    if (this.gatheredBytes === 0) return;
    const all = this.gathered.length === 1 ? this.gathered[0] : Buffer.concat(this.gathered, this.gatheredBytes);
    this.gathered = [];
    this.gatheredBytes = 0;
    await this.sink(all);
  }
}

async function requireSame(file: FileHandle, entry: ManifestEntry): Promise<void> {
  if (identityKey(await identityOf(file)) !== identityKey(entry.identity)) throw new ChangedMeanwhile('a file changed');
}
