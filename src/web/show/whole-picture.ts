import type { FileHandle } from 'node:fs/promises';
import { hasAllOfFirstPage } from './whole-tiff';

const HEAD_BYTES = 32;
const TAIL_BYTES = 1024;
/** Some programs write a few more bytes behind the end of a picture. */
const NEAR_END_BYTES = 64;
const MOST_BOXES = 64;
const PNG_END = Buffer.from('49454e44ae426082', 'hex');
const JPEG_END = Buffer.from('ffd9', 'hex');
const GIF_END = 0x3b;

interface Ends {
  handle: FileHandle;
  size: number;
  head: Buffer;
  tail: Buffer;
}

/**
 * Whether a picture is there from its beginning to its end, as far as its format tells: a program may be in the middle of writing it.
 * Reads a few kilobytes, whatever is in the file.
 * @returns null where the format is none that tells.
 */
export async function isWholePicture(handle: FileHandle, size: number): Promise<boolean | null> {
  if (size === 0) return false;
  const head = await readAt(handle, 0, Math.min(HEAD_BYTES, size));
  const tailLength = Math.min(TAIL_BYTES, size);
  const ends = { handle, size, head, tail: await readAt(handle, size - tailLength, tailLength) };
  return (checkOf(head) ?? (() => null))(ends);
}

/** `cutOff`: it ends early, or has no end; `otherKind`: it is none of the kinds of images that are known here. */
export type PictureFault = 'cutOff' | 'otherKind';

/** What is wrong with what should be an image, as far as its first and last bytes tell. Reads a few kilobytes. @returns null for nothing. */
export async function pictureFault(handle: FileHandle, size: number): Promise<PictureFault | null> {
  const head = await readAt(handle, 0, Math.min(HEAD_BYTES, size));
  if (checkOf(head) === undefined) return 'otherKind';
  return (await isWholePicture(handle, size)) === false ? 'cutOff' : null;
}

type Check = (ends: Ends) => boolean | null | Promise<boolean | null>;

/** By the first bytes: names may lie. */
function checkOf(head: Buffer): Check | undefined {
  const word = head.toString('latin1');
  if (word.startsWith('\x89PNG')) return ({ tail }) => tail.subarray(-NEAR_END_BYTES).includes(PNG_END);
  if (word.startsWith('\xff\xd8')) return ({ tail }) => tail.subarray(-NEAR_END_BYTES).includes(JPEG_END);
  if (word.startsWith('GIF8')) return ({ tail }) => tail.at(-1) === GIF_END;
  if (word.startsWith('RIFF')) return ({ size }) => size >= 8 && head.readUInt32LE(4) + 8 <= size;
  if (/^(?:II[*+]\0|MM\0[*+])/s.test(word)) return ({ handle, size }) => hasAllOfFirstPage(handle, size);
  if (word.slice(4, 8) === 'ftyp') return hasAllBoxes;
  if (/^\s*<(?:\?xml|svg|!--|!DOCTYPE)/i.test(word)) return ({ tail }) => tail.includes('</svg>');
  return undefined;
}

/** AVIF and HEIC are boxes one behind the other. */
async function hasAllBoxes({ handle, size }: Ends): Promise<boolean> {
  let hasContent = false;
  for (let [at, boxes] = [0, 0]; boxes < MOST_BOXES; boxes += 1) {
    if (at === size) return hasContent;
    if (at + 16 > size) return false;
    const head = await readAt(handle, at, 16);
    if (head.toString('latin1', 4, 8) === 'mdat') hasContent = true;
    const short = head.readUInt32BE(0);
    // 0: to the end of the file; 1: the length is a long one and follows.
    if (short === 0) return true;
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    if (length < 8 || at + length > size) return false;
    at += length;
  }
  return hasContent;
}

/** The file may become shorter meanwhile: what is missing is zeros, which end nothing. */
async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, from);
  return buffer;
}
