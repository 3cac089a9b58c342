import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Digests } from '../../../common/digests/file-digests';
import { identityKey } from '../../../common/files/file-identity';
import type { LeftOut, ManifestEntry, ManifestReader } from '../../../common/files/manifest-reader';
import { showEntryName } from '../../../common/files/entry-name';
import { text, type TextKey } from '../../../locales/text';
import { centralLength, descriptorLength, endLength, localLength, type ZipItem } from './zip-format';

/** One entry of an archive on its way: what it is, and where its content comes from. */
export interface PlannedItem extends ZipItem {
  number: number;
  offset: number;
  source: { entry: ManifestEntry } | { content: Buffer } | { spooled: Spooled };
  /** Null: known only when the content has gone by, or is read as a whole beforehand. */
  crc: number | null;
}

/** Content that was written to a file beforehand, because it may be larger than memory. */
export interface Spooled {
  /** Whoever made it closes it after the archive is sent. */
  file: FileHandle;
  from: number;
  /** Bytes. */
  size: number;
  crc: number;
}

/** Files up to this size are read before their header goes out, which then can tell their checksum. */
export const MOST_READ_AHEAD = 1024 * 1024;
const MOST_LISTED = 1000;
const FILE_MODE = 0o100640;
const NOTE = '_left-out.txt';

const REASONS: Record<LeftOut, TextKey> = {
  link: 'archives.leftOutLink',
  special: 'archives.leftOutSpecial',
  hardLink: 'archives.leftOutHardLink',
  unreadable: 'archives.leftOutUnreadable',
  tooDeep: 'archives.leftOutDeep',
};

/** Writes entries of its own at the end of an archive, knowing all others. */
export interface Companion {
  /** Called for each file in its order. @param digests undefined where they are not known. */
  see(entry: ManifestEntry, digests: Digests | undefined): void;
  /** Called when all were seen. Names are whole paths in the archive. */
  entries(): { name: string; content: Buffer | Spooled }[];
}

/** The checksums that are known of files, by `identityKey`. */
export type FindDigests = (files: readonly ManifestEntry[]) => Promise<Map<string, Digests>>;
type Manifest = Pick<ManifestReader, 'read'>;

/**
 * How an archive of a listed tree will look: each record in its place, the length of the whole, and whether it can be sent again from any
 * byte on, which takes that all checksums are known.
 */
export class ZipPlan {
  /** Bytes of the whole archive. */
  length = 0;
  count = 0;
  directoryOffset = 0;
  directorySize = 0;
  /** Whether each byte is known beforehand. */
  isFixed = true;
  /** A hash of all that decides about the bytes. */
  tag = '';
  /** By number of the item. */
  readonly crcs = new Crcs();
  /** What comes after the files. */
  private readonly added: PlannedItem[] = [];
  /** Last change of any file. */
  latestMs = 0;
  /** Names that the note cannot have. */
  private readonly taken = new Set<string>();
  private readonly leftOut: string[] = [];
  private leftOutCount = 0;

  private constructor(
    private readonly manifest: Manifest,
    private readonly top: Buffer,
    private readonly companion: Companion | undefined,
  ) {}

  /** @param top name of the one folder that holds all; empty where there is none. @param find checksums that are known. */
  static async make(manifest: Manifest, top: Buffer, find: FindDigests, companion?: Companion): Promise<ZipPlan> {
    const plan = new ZipPlan(manifest, top, companion);
    await plan.layOut(find);
    return plan;
  }

  /** The items in their order, some at a time, as often as they are wanted. */
  async *items(): AsyncGenerator<PlannedItem[]> {
    let [number, offset] = [0, 0];
    for await (const entries of this.manifest.read()) {
      const items: PlannedItem[] = [];
      for (const entry of entries) {
        if (entry.kind !== 'file' && entry.kind !== 'folder') continue;
        const item = this.itemOf(entry, number, offset);
        items.push(item);
        offset += lengthOf(item);
        number += 1;
      }
      yield items;
    }
    if (this.added.length > 0) yield this.added;
  }

  private async layOut(find: FindDigests): Promise<void> {
    const hash = createHash('sha256');
    let [number, offset] = [0, 0];
    for await (const entries of this.manifest.read()) {
      const kept = entries.filter((entry) => entry.kind === 'file' || entry.kind === 'folder');
      const known = await this.findChecksums(kept, find);
      for (const entry of entries) if (entry.kind !== 'file' && entry.kind !== 'folder') this.leaveOut(entry.name, REASONS[entry.kind]);
      for (const entry of kept) {
        const crc = entry.size === 0 ? 0 : known.size === 0 ? null : (known.get(identityKey(entry.identity))?.crc32 ?? null);
        this.crcs.set(number, crc);
        if (entry.kind === 'file') this.companion?.see(entry, known.get(identityKey(entry.identity)));
        this.latestMs = Math.max(this.latestMs, entry.mtimeMs);
        if (entry.name.includes(NOTE)) this.taken.add(entry.name.toString());
        if (crc === null) this.isFixed = false;
        const item = this.itemOf(entry, number, offset);
        if (this.isFixed) hash.update(entry.bytes).update(` ${crc}\n`);
        this.directorySize += centralLength(item, offset);
        offset += lengthOf(item);
        number += 1;
      }
    }
    for (const { name, content } of this.lastEntries()) {
      offset = this.add(name, content, number, offset);
      hash.update(!isSpooled(content) ? content : `${name.toString()} ${content.size} ${content.crc}\n`);
      number += 1;
    }
    this.count = number;
    this.directoryOffset = offset;
    this.length = offset + this.directorySize + endLength(this.count, this.directorySize, offset);
    this.tag = hash.update(this.leftOut.join('\n')).digest('hex').slice(0, 32);
  }

  /** As long as all were known so far: one that is not makes the archive unrepeatable, and the others of no use. */
  private async findChecksums(entries: readonly ManifestEntry[], find: FindDigests): Promise<Map<string, Digests>> {
    if (!this.isFixed && !this.companion) return new Map();
    const files = entries.filter(({ kind, size }) => kind === 'file' && size > 0);
    return files.length > 0 ? find(files) : new Map();
  }

  private itemOf(entry: ManifestEntry, number: number, offset: number): PlannedItem {
    const { name, mode, mtimeMs, size } = entry;
    const crc = this.crcs.known(number);
    const checksumLater = crc === null && size > MOST_READ_AHEAD;
    return { number, offset, name, mode, mtimeMs, size, checksumLater, crc, source: { entry } };
  }

  private leaveOut(name: Buffer, reason: TextKey): void {
    this.leftOutCount += 1;
    if (this.leftOut.length < MOST_LISTED) this.leftOut.push(`${showEntryName(name)} (${text(reason)})`);
  }

  private lastEntries(): { name: Buffer; content: Buffer | Spooled }[] {
    const own = (this.companion?.entries() ?? []).map(({ name, content }) => ({ name: Buffer.from(name), content }));
    return this.leftOutCount === 0 ? own : [...own, { name: this.noteName(), content: this.noteContent() }];
  }

  /** Names what the archive lacks. */
  private noteContent(): Buffer {
    const more = this.leftOutCount - this.leftOut.length;
    const lines = [text('archives.leftOutHead'), '', ...this.leftOut, ...(more > 0 ? [text('archives.leftOutMore', { count: more })] : [])];
    return Buffer.from(`${lines.join('\n')}\n`);
  }

  /** @returns where the next one would be. */
  private add(name: Buffer, content: Buffer | Spooled, number: number, offset: number): number {
    const item: PlannedItem = {
      number,
      offset,
      name,
      mode: FILE_MODE,
      mtimeMs: this.latestMs,
      size: isSpooled(content) ? content.size : content.length,
      checksumLater: false,
      crc: isSpooled(content) ? content.crc : crc32(content),
      source: isSpooled(content) ? { spooled: content } : { content },
    };
    this.crcs.set(number, item.crc);
    this.added.push(item);
    this.directorySize += centralLength(item, offset);
    return offset + lengthOf(item);
  }

  private noteName(): Buffer {
    const folder = this.top.length === 0 ? '' : `${this.top.toString()}/`;
    let name = `${folder}${NOTE}`;
    while (this.taken.has(name)) name = `${folder}_${name.slice(folder.length)}`;
    return Buffer.from(name);
  }
}

function isSpooled(content: Buffer | Spooled): content is Spooled {
  return !Buffer.isBuffer(content);
}

/** Bytes of an item: header, content and what follows it. */
export function lengthOf(item: ZipItem): number {
  return localLength(item) + item.size + descriptorLength(item);
}

/** Checksums by number: four bytes for each of very many files. */
class Crcs {
  private values = new Uint32Array(1024);
  private beforehand = new Uint8Array(1024);

  /** What the layout knows. */
  set(number: number, crc: number | null): void {
    while (number >= this.values.length) this.grow();
    this.values[number] = crc ?? 0;
    this.beforehand[number] = crc === null ? 0 : 1;
  }

  /** What was found out while the file went by; the layout stays as it is. */
  learn(number: number, crc: number): void {
    this.values[number] = crc;
  }

  /** Null where it was not known beforehand. */
  known(number: number): number | null {
    return this.beforehand[number] === 1 ? this.values[number] : null;
  }

  valueOf(number: number): number {
    return this.values[number];
  }

  private grow(): void {
    const values = new Uint32Array(this.values.length * 2);
    const beforehand = new Uint8Array(this.values.length * 2);
    values.set(this.values);
    beforehand.set(this.beforehand);
    this.values = values;
    this.beforehand = beforehand;
  }
}
