/**
 * The records of a zip archive whose entries are stored as they are, byte for byte after PKWARE's APPNOTE 6.3.10. The length of each follows
 * from name, size and place alone, so that the length of the archive is known before the first byte. Sizes and places beyond 32 bits go
 * into fields of 64 bits, where they are needed and only there.
 */

export interface ZipItem {
  /** Bytes with slashes, one at the end of a folder. */
  name: Buffer;
  /** As the system has it, with the type. */
  mode: number;
  mtimeMs: number;
  /** Bytes; 0 for folders. */
  size: number;
  /** Whether the checksum comes after the data, because it is known only then. */
  checksumLater: boolean;
}

const LARGE = 0xffffffff;
const MOST_COUNT = 0xffff;
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const DESCRIPTOR = { signature: 0x08074b50, bytes: 16, largeBytes: 24 };
const END = { signature: 0x06054b50, bytes: 22 };
const LARGE_END = { signature: 0x06064b50, bytes: 56 };
const LOCATOR = { signature: 0x07064b50, bytes: 20 };
const TIME_FIELD = { id: 0x5455, bytes: 9 };
const LARGE_FIELD = { id: 0x0001, headBytes: 4 };
const NEEDS = { plain: 20, large: 45 };
const MADE_ON_UNIX = 3 << 8;
const FLAGS = { checksumLater: 0x0008, utf8: 0x0800 };
const FOLDER_ATTRIBUTE = 0x10;
const SLASH = 0x2f;

export function localLength({ name, size }: ZipItem): number {
  return LOCAL.bytes + name.length + TIME_FIELD.bytes + (isLarge(size) ? LARGE_FIELD.headBytes + 16 : 0);
}

/** What follows the data. */
export function descriptorLength({ size, checksumLater }: ZipItem): number {
  if (!checksumLater) return 0;
  return isLarge(size) ? DESCRIPTOR.largeBytes : DESCRIPTOR.bytes;
}

/** @param offset of the entry in the archive. */
export function centralLength({ name, size }: ZipItem, offset: number): number {
  const large = (isLarge(size) ? 16 : 0) + (isLarge(offset) ? 8 : 0);
  return CENTRAL.bytes + name.length + TIME_FIELD.bytes + (large > 0 ? LARGE_FIELD.headBytes + large : 0);
}

export function endLength(count: number, size: number, offset: number): number {
  return END.bytes + (needsLargeEnd(count, size, offset) ? LARGE_END.bytes + LOCATOR.bytes : 0);
}

/** @param crc of the data; of no account where it comes later. */
export function localHeader(item: ZipItem, crc: number): Buffer {
  const { name, size, checksumLater, mtimeMs } = item;
  const large = isLarge(size);
  // Where the checksum comes later the sizes do too, unless they are large: then they tell that what comes later is large as well.
  const shown = large ? LARGE : checksumLater ? 0 : size;
  const bytes = Buffer.alloc(localLength(item));
  const write = new FieldWriter(bytes);
  write.four(LOCAL.signature).two(large ? NEEDS.large : NEEDS.plain);
  writeCommon(write, item, checksumLater ? 0 : crc, shown);
  write.two(bytes.length - LOCAL.bytes - name.length).all(name);
  writeTime(write, mtimeMs);
  if (large) write.two(LARGE_FIELD.id).two(16).eight(size).eight(size);
  return bytes;
}

export function descriptor(item: ZipItem, crc: number): Buffer {
  const bytes = Buffer.alloc(descriptorLength(item));
  if (bytes.length === 0) return bytes;
  const write = new FieldWriter(bytes).four(DESCRIPTOR.signature).four(crc);
  if (isLarge(item.size)) write.eight(item.size).eight(item.size);
  else write.four(item.size).four(item.size);
  return bytes;
}

export function centralHeader(item: ZipItem, offset: number, crc: number): Buffer {
  const { name, size, mtimeMs, mode } = item;
  const bytes = Buffer.alloc(centralLength(item, offset));
  const needs = isLarge(size) || isLarge(offset) ? NEEDS.large : NEEDS.plain;
  const write = new FieldWriter(bytes);
  write
    .four(CENTRAL.signature)
    .two(MADE_ON_UNIX | NEEDS.large)
    .two(needs);
  writeCommon(write, item, crc, Math.min(size, LARGE));
  write
    .two(bytes.length - CENTRAL.bytes - name.length)
    .two(0)
    .two(0)
    .two(0);
  write.four((((mode & 0xffff) << 16) | (name.at(-1) === SLASH ? FOLDER_ATTRIBUTE : 0)) >>> 0);
  write.four(Math.min(offset, LARGE)).all(name);
  writeTime(write, mtimeMs);
  const large = (isLarge(size) ? 16 : 0) + (isLarge(offset) ? 8 : 0);
  if (large > 0) write.two(LARGE_FIELD.id).two(large);
  if (isLarge(size)) write.eight(size).eight(size);
  if (isLarge(offset)) write.eight(offset);
  return bytes;
}

/** The end of the archive. @param size,offset of the table of contents. */
export function endRecords(count: number, size: number, offset: number): Buffer {
  const bytes = Buffer.alloc(endLength(count, size, offset));
  const write = new FieldWriter(bytes);
  if (needsLargeEnd(count, size, offset)) {
    write
      .four(LARGE_END.signature)
      .eight(LARGE_END.bytes - 12)
      .two(MADE_ON_UNIX | NEEDS.large)
      .two(NEEDS.large)
      .four(0)
      .four(0);
    write.eight(count).eight(count).eight(size).eight(offset);
    write
      .four(LOCATOR.signature)
      .four(0)
      .eight(offset + size)
      .four(1);
  }
  const shown = Math.min(count, MOST_COUNT);
  write.four(END.signature).two(0).two(0).two(shown).two(shown).four(Math.min(size, LARGE)).four(Math.min(offset, LARGE)).two(0);
  return bytes;
}

/** From the flags to the length of the name: the same in both headers. */
function writeCommon(write: FieldWriter, { name, checksumLater, mtimeMs }: ZipItem, crc: number, size: number): void {
  write.two((checksumLater ? FLAGS.checksumLater : 0) | (isUtf8(name) ? FLAGS.utf8 : 0)).two(0);
  const { time, date } = dosTime(mtimeMs);
  write.two(time).two(date).four(crc).four(size).four(size).two(name.length);
}

/** Seconds since 1970; the other time of an entry has no zone. */
function writeTime(write: FieldWriter, mtimeMs: number): void {
  const seconds = Math.max(-0x80000000, Math.min(0x7fffffff, Math.floor(mtimeMs / 1000)));
  write
    .two(TIME_FIELD.id)
    .two(5)
    .one(1)
    .four(seconds >>> 0);
}

function dosTime(mtimeMs: number): { time: number; date: number } {
  const moment = new Date(Math.max(mtimeMs, new Date(1980, 0, 1).getTime()));
  const year = Math.min(moment.getFullYear() - 1980, 127);
  return {
    time: (moment.getHours() << 11) | (moment.getMinutes() << 5) | (moment.getSeconds() >> 1),
    date: (year << 9) | ((moment.getMonth() + 1) << 5) | moment.getDate(),
  };
}

/** Names of another kind keep their bytes, without the flag that would make them a lie. */
function isUtf8(name: Buffer): boolean {
  return Buffer.from(name.toString('utf8'), 'utf8').equals(name);
}

function isLarge(value: number): boolean {
  return value >= LARGE;
}

function needsLargeEnd(count: number, size: number, offset: number): boolean {
  return count >= MOST_COUNT || isLarge(size) || isLarge(offset);
}

/** Whole numbers one after the other, the low byte first. */
class FieldWriter {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  one(value: number): this {
    this.at = this.bytes.writeUInt8(value, this.at);
    return this;
  }

  two(value: number): this {
    this.at = this.bytes.writeUInt16LE(value, this.at);
    return this;
  }

  four(value: number): this {
    this.at = this.bytes.writeUInt32LE(value, this.at);
    return this;
  }

  eight(value: number): this {
    this.at = this.bytes.writeBigUInt64LE(BigInt(value), this.at);
    return this;
  }

  all(bytes: Buffer): this {
    this.at += bytes.copy(this.bytes, this.at);
    return this;
  }
}
