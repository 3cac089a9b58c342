import type { Entry } from '@zip.js/zip.js';
import { InvalidInputError } from '../../../common/errors';

/** Bits of the Unix mode. */
const TYPE = 0o170000;
const FOLDER = 0o040000;
const REGULAR = 0o100000;
const LINK = 0o120000;
const OTHERS_IDENTITY = 0o6000;

const STORED = 0;
const METHODS = new Set([STORED, 8, 9]);
const UNICODE_PATH = 0x7075;
const UNICODE_PATH_HEAD = 5;

/** A little output may be made of next to nothing; beyond it, data that shrinks more than so many times is made to fill a disk. */
const MOST_RATIO = 200;
const RATIO_COUNTS_FROM = 100_000_000;
/** Some programs deflate the nothing in a folder, to two bytes. */
const MOST_FOLDER_DATA = 2;

/** Whether an entry is a folder, as far as it is one of the two things that are unpacked. @throws InvalidInputError for anything else. */
export function isFolder(entry: Entry): boolean {
  const mode = entry.unixMode ?? 0;
  const type = mode & TYPE;
  if (type === LINK) throw new InvalidInputError('archives.link');
  if (type !== 0 && type !== FOLDER && type !== REGULAR) throw new InvalidInputError('archives.special');
  const folder = entry.directory || type === FOLDER;
  if (folder && (entry.uncompressedSize > 0 || entry.compressedSize > MOST_FOLDER_DATA))
    throw new InvalidInputError('archives.folderWithData');
  // Folders of a group hand their group on by the same bit, which is harmless: nothing of a mode is taken over.
  if (!folder && (mode & OTHERS_IDENTITY) !== 0) throw new InvalidInputError('archives.setuid');
  return folder;
}

/** @throws InvalidInputError when its data is not to be had, or has too little to do with what comes out. */
export function checkData({ encrypted, compressionMethod, compressedSize, uncompressedSize }: Entry): void {
  if (encrypted) throw new InvalidInputError('archives.encrypted');
  if (!METHODS.has(compressionMethod)) throw new InvalidInputError('archives.method', { method: compressionMethod });
  if (compressionMethod === STORED && compressedSize !== uncompressedSize) throw new InvalidInputError('archives.size');
  checkRatio(compressedSize, uncompressedSize);
}

/** @throws InvalidInputError for what would swell too much, one entry or all together. */
export function checkRatio(packed: number, unpacked: number): void {
  if (unpacked > RATIO_COUNTS_FROM && unpacked > packed * MOST_RATIO) throw new InvalidInputError('archives.bomb', { most: MOST_RATIO });
}

/**
 * A name may stand in an archive a second time, for programs that read Unicode; which of the two counts is up to the program.
 * @throws InvalidInputError when there is more than one such name, or it is another one.
 */
export function checkSecondName(entry: Entry, extraFields: readonly (Uint8Array | undefined)[]): void {
  for (const fields of extraFields) {
    const names = [...namesIn(Buffer.from(fields ?? []))];
    if (names.length > 1 || names.some((name) => name !== entry.filename)) throw new InvalidInputError('archives.secondName');
  }
}

function* namesIn(fields: Buffer): Generator<string> {
  for (let offset = 0; offset + 4 <= fields.length; offset += 4 + fields.readUInt16LE(offset + 2)) {
    const end = offset + 4 + fields.readUInt16LE(offset + 2);
    if (fields.readUInt16LE(offset) === UNICODE_PATH) yield fields.subarray(offset + 4 + UNICODE_PATH_HEAD, end).toString('utf8');
  }
}
