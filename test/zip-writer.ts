import { crc32, deflateRawSync } from 'node:zlib';

/** Writes zip archives byte by byte, also such as no honest program would. All lies are optional; without them it is a plain archive. */

export interface ZipEntry {
  /** Text is written as UTF-8, with the flag that says so; bytes as they are, without it. */
  name: string | Buffer;
  content?: Buffer | string;
  /** 0: stored, 8: deflated; any other number is only written down. */
  method?: number;
  /** Unix mode, with the type of the file; 0: none. */
  mode?: number;
  /** Data of further fields, in the table of contents and before the data. */
  extra?: Buffer;
  localExtra?: Buffer;
  /** Sizes and checksum come after the data, as when an archive is written into a pipe. */
  descriptor?: boolean;
  lies?: {
    size?: number;
    packedSize?: number;
    crc?: number;
    flags?: number;
    localName?: string;
    localMethod?: number;
    localFlags?: number;
    localSize?: number;
    descriptorSize?: number;
    descriptorPacked?: number;
    descriptorCrc?: number;
    /** Stands in the table of contents with the data of the entry of that number. */
    dataOf?: number;
    /** Has data of its own, but the table of contents does not know it. */
    unlisted?: boolean;
    /** Is in the table of contents, and nowhere else. */
    listedOnly?: boolean;
    /** The bytes of the data instead of those that the content would be packed to. */
    packed?: Buffer;
  };
}

export interface ZipShape {
  before?: Buffer;
  after?: Buffer;
  comment?: Buffer;
  /** Entries that the end record claims. */
  count?: number;
  disk?: number;
  /** Writes the large end record: truthfully, or with these lies. */
  large?: { count?: number; directoryOffset?: number; directorySize?: number; smallSaysMore?: boolean };
}

interface Written {
  entry: ZipEntry;
  offset: number;
  packed: Buffer;
  size: number;
  crc: number;
}

const UTF8 = 0x0800;
const DESCRIPTOR = 0x0008;
const DOS_TIME = 0x6000;
/** 24 March 2021. */
const DOS_DATE = 0x5278;

export function writeZip(entries: readonly ZipEntry[], shape: ZipShape = {}): Buffer {
  const pieces: Buffer[] = [shape.before ?? Buffer.alloc(0)];
  let offset = pieces[0].length;
  const add = (piece: Buffer) => {
    pieces.push(piece);
    offset += piece.length;
  };
  const written: Written[] = [];
  for (const entry of entries) {
    const source = written[entry.lies?.dataOf ?? -1];
    const one = { ...(source ?? { offset, ...packOf(entry) }), entry };
    written.push(one);
    if (source || entry.lies?.listedOnly) continue;
    add(localHeader(one));
    add(one.packed);
    if (entry.descriptor) add(descriptorOf(one));
  }
  const directoryOffset = offset;
  const listed = written.filter(({ entry }) => !entry.lies?.unlisted);
  for (const one of listed) add(centralHeader(one));
  const directorySize = offset - directoryOffset;
  if (shape.large) add(largeEnd(listed.length, directoryOffset - (shape.before?.length ?? 0), directorySize, offset, shape.large));
  add(smallEnd(listed.length, directoryOffset - (shape.before?.length ?? 0), directorySize, shape));
  add(shape.after ?? Buffer.alloc(0));
  return Buffer.concat(pieces);
}

/** A further field: a number that tells what it is, and its data. */
export function extraField(id: number, data: Buffer): Buffer {
  return Buffer.concat([numbers([2, id], [2, data.length]), data]);
}

/** The name of an entry a second time, for programs that read Unicode; the checksum is of the name that it stands for. */
export function unicodePath(of: string, name: string): Buffer {
  return extraField(0x7075, Buffer.concat([numbers([1, 1], [4, crc32(of)]), Buffer.from(name)]));
}

function packOf({ content = '', method = 0, lies = {} }: ZipEntry): Omit<Written, 'entry' | 'offset'> {
  const plain = Buffer.from(content);
  const packed = lies.packed ?? (method === 8 ? deflateRawSync(plain) : plain);
  return { packed, size: plain.length, crc: crc32(plain) };
}

function localHeader({ entry, packed, size, crc }: Written): Buffer {
  const { lies = {}, descriptor = false, localExtra = Buffer.alloc(0) } = entry;
  const name = Buffer.from(lies.localName ?? entry.name);
  const later = (value: number) => (descriptor ? 0 : value);
  const head = numbers(
    [4, 0x04034b50],
    [2, 20],
    [2, lies.localFlags ?? flagsOf(entry)],
    [2, lies.localMethod ?? entry.method ?? 0],
    [2, DOS_TIME],
    [2, DOS_DATE],
    [4, later(lies.crc ?? crc)],
    [4, later(lies.packedSize ?? packed.length)],
    [4, later(lies.localSize ?? lies.size ?? size)],
    [2, name.length],
    [2, localExtra.length],
  );
  return Buffer.concat([head, name, localExtra]);
}

function descriptorOf({ entry: { lies = {} }, packed, size, crc }: Written): Buffer {
  return numbers(
    [4, 0x08074b50],
    [4, lies.descriptorCrc ?? crc],
    [4, lies.descriptorPacked ?? packed.length],
    [4, lies.descriptorSize ?? size],
  );
}

function centralHeader({ entry, offset, packed, size, crc }: Written): Buffer {
  const { lies = {}, mode = 0o100644, extra = Buffer.alloc(0) } = entry;
  const name = Buffer.from(entry.name);
  const head = numbers(
    [4, 0x02014b50],
    // Written on Unix.
    [2, 0x0314],
    [2, 20],
    [2, flagsOf(entry)],
    [2, entry.method ?? 0],
    [2, DOS_TIME],
    [2, DOS_DATE],
    [4, lies.crc ?? crc],
    [4, lies.packedSize ?? packed.length],
    [4, lies.size ?? size],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, mode * 0x10000],
    [4, offset],
  );
  return Buffer.concat([head, name, extra]);
}

function flagsOf({ name, descriptor = false, lies = {} }: ZipEntry): number {
  return lies.flags ?? (typeof name === 'string' ? UTF8 : 0) + (descriptor ? DESCRIPTOR : 0);
}

function largeEnd(
  count: number,
  directoryOffset: number,
  directorySize: number,
  offset: number,
  lies: NonNullable<ZipShape['large']>,
): Buffer {
  const end = numbers(
    [4, 0x06064b50],
    [8, 44],
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, lies.count ?? count],
    [8, lies.count ?? count],
    [8, lies.directorySize ?? directorySize],
    [8, lies.directoryOffset ?? directoryOffset],
  );
  return Buffer.concat([end, numbers([4, 0x07064b50], [4, 0], [8, offset], [4, 1])]);
}

function smallEnd(count: number, directoryOffset: number, directorySize: number, shape: ZipShape): Buffer {
  const { comment = Buffer.alloc(0), disk = 0, large } = shape;
  const inLarge = large !== undefined && !large.smallSaysMore;
  const said = shape.count ?? (inLarge ? 0xffff : count & 0xffff);
  return Buffer.concat([
    numbers(
      [4, 0x06054b50],
      [2, disk],
      [2, disk],
      [2, said],
      [2, said],
      [4, inLarge ? 0xffffffff : directorySize],
      [4, inLarge ? 0xffffffff : directoryOffset],
      [2, comment.length],
    ),
    comment,
  ]);
}

/** Whole numbers in little-endian order, each with its width in bytes. */
function numbers(...all: [width: number, value: number][]): Buffer {
  const bytes = Buffer.alloc(all.reduce((sum, [width]) => sum + width, 0));
  let offset = 0;
  for (const [width, value] of all) {
    if (width === 8) bytes.writeBigUInt64LE(BigInt(value), offset);
    else bytes.writeUIntLE(value, offset, width);
    offset += width;
  }
  return bytes;
}
