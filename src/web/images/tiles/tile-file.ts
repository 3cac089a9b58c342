import { readSync, writeSync, fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { bytesPerTile, tileGrid, type PageFacts } from '../../../browser/viewer/pyramid';

/**
 * A page of an image as tiles of raw values: uncompressed and padded, level by level, so that the place of each is computed. At the
 * end stands what is known of the page. Levels that are missing are found in another file.
 */
export interface TileFileEnd {
  facts: PageFacts;
  levels: { level: number; offset: number }[];
}

const MARK = 'SRTILES1';
const TAIL_BYTES = MARK.length + 4;
const MOST_END_BYTES = 1_000_000;

/** Where libtiff puts the first tile of an uncompressed BigTIFF that is written from beginning to end. */
export const FIRST_TILE = 16;

/** @param at length of what was written before. */
export function writeEnd(file: number, at: number, end: TileFileEnd): void {
  const json = Buffer.from(JSON.stringify(end));
  const tail = Buffer.alloc(TAIL_BYTES);
  tail.writeUInt32LE(json.length, 0);
  tail.write(MARK, 4, 'latin1');
  writeFully(file, Buffer.concat([json, tail]), at);
}

/** @returns null for a file that is not whole. */
export async function readEnd(handle: FileHandle, size: number): Promise<TileFileEnd | null> {
  const tail = Buffer.alloc(TAIL_BYTES);
  if (size < TAIL_BYTES) return null;
  await handle.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES);
  const length = endLength(tail, size);
  if (length === null) return null;
  const json = Buffer.alloc(length);
  await handle.read(json, 0, length, size - TAIL_BYTES - length);
  return JSON.parse(json.toString()) as TileFileEnd;
}

/** As `readEnd`, for programs. */
export function readEndSync(file: number): TileFileEnd | null {
  const { size } = fstatSync(file);
  if (size < TAIL_BYTES) return null;
  const length = endLength(readFully(file, TAIL_BYTES, size - TAIL_BYTES), size);
  return length === null ? null : (JSON.parse(readFully(file, length, size - TAIL_BYTES - length).toString()) as TileFileEnd);
}

function endLength(tail: Buffer, size: number): number | null {
  const length = tail.readUInt32LE(0);
  if (tail.toString('latin1', 4) !== MARK || length > MOST_END_BYTES || length + TAIL_BYTES > size) return null;
  return length;
}

/** Where a tile lies; null for one that is not part of the page, or of this file. */
export function tileOffset({ facts, levels }: TileFileEnd, level: number, column: number, row: number): number | null {
  const found = levels.find((one) => one.level === level);
  const { columns, rows } = tileGrid(facts, level);
  if (!found || column >= columns || row >= rows) return null;
  return found.offset + (row * columns + column) * bytesPerTile(facts);
}

export function readFully(file: number, length: number, at: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let count = 0; count < length;) {
    const read = readSync(file, bytes, count, length - count, at + count);
    if (read === 0) throw new Error('the file ended too early');
    count += read;
  }
  return bytes;
}

export function writeFully(file: number, bytes: Uint8Array, at: number): void {
  for (let count = 0; count < bytes.length;) count += writeSync(file, bytes, count, bytes.length - count, at + count);
}
