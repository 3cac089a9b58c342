import { InvalidInputError } from '../../../common/errors';
import type { ArchiveFile } from './archive-file';

/** Where the table of contents of an archive lies. */
export interface Frame {
  directoryOffset: number;
  directorySize: number;
  count: number;
}

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_SIZE = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_SIZE = 56;
const HEADER_SIGNATURE = 0x02014b50;
const HEADER_SIZE = 46;
const MOST_COMMENT = 0xffff;
const PIECE = 1024 * 1024;

/**
 * Finds the table of contents the one way in which every program finds the same one: the end record ends the file, the table ends where
 * the end record begins, and holds as many entries as it says. An archive that could be read in two ways is refused; so is one that is
 * torn, or part of a set.
 * @throws InvalidInputError that says what is wrong.
 */
export function readFrame(file: ArchiveFile): Frame {
  if (file.size === 0) throw new InvalidInputError('archives.empty');
  const { end, offset } = findEnd(file);
  const disks = end.readUInt16LE(4) !== 0 || end.readUInt16LE(6) !== 0 || end.readUInt16LE(8) !== end.readUInt16LE(10);
  const frame = { directoryOffset: end.readUInt32LE(16), directorySize: end.readUInt32LE(12), count: end.readUInt16LE(10) };
  const large = readLargeEnd(file, offset);
  if (disks && !large) throw new InvalidInputError('archives.multiDisk');
  if (large) agree(frame, large.frame);
  else if (frame.count === 0xffff || frame.directoryOffset === 0xffffffff || frame.directorySize === 0xffffffff) {
    throw new InvalidInputError('archives.damaged');
  }
  if (frame.directoryOffset + frame.directorySize !== (large?.offset ?? offset)) throw new InvalidInputError('archives.junk');
  const found = countHeaders(file, frame);
  if (found !== frame.count) throw new InvalidInputError('archives.count', { said: frame.count, found });
  return frame;
}

/** @returns the end record, and where it begins. */
function findEnd(file: ArchiveFile): { end: Buffer; offset: number } {
  const from = Math.max(0, file.size - END_SIZE - MOST_COMMENT);
  const tail = file.read(from, END_SIZE + MOST_COMMENT);
  const ends = positionsOf(tail, END_SIGNATURE).filter((position) => position + END_SIZE <= tail.length);
  if (ends.length === 0) throw new InvalidInputError(startsAsArchive(file) ? 'archives.truncated' : 'archives.notZip');
  const whole = ends.filter((position) => position + END_SIZE + tail.readUInt16LE(position + 20) === tail.length);
  if (whole.length === 0) throw new InvalidInputError('archives.junk');
  // A comment that is the end of another archive.
  if (whole.length > 1 || ends.some((position) => position > whole[0])) throw new InvalidInputError('archives.ambiguous');
  return { end: tail.subarray(whole[0], whole[0] + END_SIZE), offset: from + whole[0] };
}

/** The larger end record of archives beyond 4 GiB or 65,535 entries; null where there is none. */
function readLargeEnd(file: ArchiveFile, endOffset: number): { frame: Frame; offset: number } | null {
  const locator = file.read(endOffset - LOCATOR_SIZE, LOCATOR_SIZE);
  if (locator.length < LOCATOR_SIZE || locator.readUInt32LE(0) !== LOCATOR_SIGNATURE) return null;
  const offset = wholeNumber(locator, 8);
  const end = file.read(offset, END64_SIZE);
  if (end.length < END64_SIZE || end.readUInt32LE(0) !== END64_SIGNATURE) throw new InvalidInputError('archives.damaged');
  if (offset + 12 + wholeNumber(end, 4) !== endOffset - LOCATOR_SIZE) throw new InvalidInputError('archives.ambiguous');
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1) throw new InvalidInputError('archives.multiDisk');
  if (end.readUInt32LE(16) !== 0 || end.readUInt32LE(20) !== 0) throw new InvalidInputError('archives.multiDisk');
  if (wholeNumber(end, 24) !== wholeNumber(end, 32)) throw new InvalidInputError('archives.multiDisk');
  return { frame: { count: wholeNumber(end, 32), directorySize: wholeNumber(end, 40), directoryOffset: wholeNumber(end, 48) }, offset };
}

/** Takes the larger figures, which must not contradict the small ones. */
function agree(small: Frame, large: Frame): void {
  const fits =
    [0xffff, large.count].includes(small.count) &&
    [0xffffffff, large.directorySize].includes(small.directorySize) &&
    [0xffffffff, large.directoryOffset].includes(small.directoryOffset);
  if (!fits) throw new InvalidInputError('archives.ambiguous');
  Object.assign(small, large);
}

/** Walks the table of contents from header to header. @returns how many there are, as far as they fill it exactly. */
function countHeaders(file: ArchiveFile, { directoryOffset, directorySize }: Frame): number {
  const end = directoryOffset + directorySize;
  let piece: Buffer = Buffer.alloc(0);
  let pieceOffset = directoryOffset;
  let count = 0;
  for (let offset = directoryOffset; offset < end; count += 1) {
    if (offset + HEADER_SIZE > pieceOffset + piece.length) {
      piece = file.read(offset, PIECE);
      pieceOffset = offset;
    }
    const at = offset - pieceOffset;
    if (at + HEADER_SIZE > piece.length || piece.readUInt32LE(at) !== HEADER_SIGNATURE) throw new InvalidInputError('archives.damaged');
    offset += HEADER_SIZE + piece.readUInt16LE(at + 28) + piece.readUInt16LE(at + 30) + piece.readUInt16LE(at + 32);
    if (offset > end) throw new InvalidInputError('archives.damaged');
  }
  return count;
}

function positionsOf(bytes: Buffer, signature: number): number[] {
  const wanted = Buffer.alloc(4);
  wanted.writeUInt32LE(signature);
  const positions: number[] = [];
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) positions.push(at);
  return positions;
}

function startsAsArchive(file: ArchiveFile): boolean {
  return file.read(0, 4).equals(Buffer.from('PK\u0003\u0004'));
}

function wholeNumber(bytes: Buffer, offset: number): number {
  const value = bytes.readBigUInt64LE(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new InvalidInputError('archives.damaged');
  return Number(value);
}
