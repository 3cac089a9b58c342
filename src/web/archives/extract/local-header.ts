import type { Entry } from '@zip.js/zip.js';
import { InvalidInputError } from '../../../common/errors';
import type { ArchiveFile } from './archive-file';

/** What stands before the data of an entry, once it agrees with the table of contents. */
export interface LocalHeader {
  dataOffset: number;
  /** Where the next entry may begin. */
  endOffset: number;
  extraField: Buffer;
}

interface Sizes {
  crc: number;
  packed: number;
  unpacked: number;
}

const SIGNATURE = 0x04034b50;
const HEAD_BYTES = 30;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const MOST_DESCRIPTOR_BYTES = 24;
const LATER = 0x0008;
/** Encrypted, sizes later, strongly encrypted, UTF-8: what decides how the rest is read. */
const TELLING_FLAGS = 0x0849;
const LARGE = 0xffffffff;
const LARGE_FIELD = 0x0001;

/**
 * Reads the header of an entry where the table of contents says that it is, and what follows its data. zip.js would compare them too, but
 * keeps every entry in memory to find those that overlap; here their places are compared when all are known.
 * @throws InvalidInputError when it is not there, or says anything else than the table of contents.
 */
export function readLocalHeader(file: ArchiveFile, entry: Entry, directoryOffset: number): LocalHeader {
  const head = file.read(entry.offset, HEAD_BYTES);
  if (head.length < HEAD_BYTES || head.readUInt32LE(0) !== SIGNATURE) throw new InvalidInputError('archives.missing');
  const [nameLength, extraLength] = [head.readUInt16LE(26), head.readUInt16LE(28)];
  const rest = file.read(entry.offset + HEAD_BYTES, nameLength + extraLength);
  const dataOffset = entry.offset + HEAD_BYTES + nameLength + extraLength;
  const dataEnd = dataOffset + entry.compressedSize;
  if (rest.length < nameLength + extraLength || dataEnd > directoryOffset) throw new InvalidInputError('archives.missing');
  const extraField = rest.subarray(nameLength);
  const flags = head.readUInt16LE(6);
  const agrees =
    rest.subarray(0, nameLength).equals(entry.rawFilename) &&
    (flags & TELLING_FLAGS) === ((entry.rawBitFlag ?? 0) & TELLING_FLAGS) &&
    head.readUInt16LE(8) === entry.compressionMethod &&
    sizesAgree(sizesIn(head, extraField), entry, (flags & LATER) !== 0);
  if (!agrees) throw new InvalidInputError('archives.differs');
  return { dataOffset, endOffset: dataEnd + ((flags & LATER) === 0 ? 0 : descriptorBytes(file, entry, dataEnd)), extraField };
}

/** Where they come later they may be missing here. */
function sizesAgree(told: Sizes, { crc32, compressedSize, uncompressedSize }: Entry, later: boolean): boolean {
  if (later && [0, crc32].includes(told.crc) && [0, compressedSize].includes(told.packed))
    return [0, uncompressedSize].includes(told.unpacked);
  return told.crc === crc32 && told.packed === compressedSize && told.unpacked === uncompressedSize;
}

function sizesIn(head: Buffer, extraField: Buffer): Sizes {
  const sizes = { crc: head.readUInt32LE(14), packed: head.readUInt32LE(18), unpacked: head.readUInt32LE(22) };
  if (sizes.packed !== LARGE && sizes.unpacked !== LARGE) return sizes;
  for (let at = 0; at + 4 <= extraField.length; at += 4 + extraField.readUInt16LE(at + 2)) {
    if (extraField.readUInt16LE(at) !== LARGE_FIELD || at + 4 + 16 > extraField.length) continue;
    return { crc: sizes.crc, unpacked: Number(extraField.readBigUInt64LE(at + 4)), packed: Number(extraField.readBigUInt64LE(at + 12)) };
  }
  return sizes;
}

/** What follows the data tells the same once more, in one of four shapes. */
function descriptorBytes(file: ArchiveFile, { crc32, compressedSize, uncompressedSize }: Entry, offset: number): number {
  const bytes = file.read(offset, MOST_DESCRIPTOR_BYTES);
  for (const signed of [4, 0]) {
    if (signed > 0 && (bytes.length < 4 || bytes.readUInt32LE(0) !== DESCRIPTOR_SIGNATURE)) continue;
    for (const width of [8, 4]) {
      const length = signed + 4 + 2 * width;
      if (bytes.length < length || bytes.readUInt32LE(signed) !== crc32) continue;
      const number = (at: number) => (width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at));
      if (number(signed + 4) === compressedSize && number(signed + 4 + width) === uncompressedSize) return length;
    }
  }
  throw new InvalidInputError('archives.differs');
}
