import type { FileHandle } from 'node:fs/promises';

/**
 * Shapes cut into tiles. Body: for each level the runs of each tile as 16-bit numbers, and a table of its tiles by their keys (key, place and
 * bytes of the runs, as 64-bit fractions); then boxes of the features (four 32-bit fractions each), places of their records (64 bits), and
 * the records: length and bytes of the label, number of lines, and for each its number of points and these as 32-bit fractions. At the end
 * JSON of `ShapeFileEnd`, its length in 4 bytes, and the mark. However many tiles there are, a reader needs a few bytes to find one.
 */
export interface ShapeFileEnd {
  features: number;
  boxes: number;
  places: number;
  /** `tiles` is where the table of the level begins. */
  levels: { level: number; tiles: number; count: number }[];
}

export interface FoundShape {
  label: string;
  /** x and y in turn, by line; thinned for drawing. */
  lines: number[][];
}

export const SHAPE_MARK = 'SRSHAPE2';
export const TILE_ENTRY_BYTES = 24;
const TAIL_BYTES = SHAPE_MARK.length + 4;
const MOST_END_BYTES = 10_000;
const MOST_RECORD_BYTES = 64_000_000;
const MOST_CANDIDATES = 200;
const MOST_DRAWN_POINTS = 2000;

/** @returns null for a file that is not whole. */
export async function readShapeEnd(handle: FileHandle, size: number): Promise<ShapeFileEnd | null> {
  if (size < TAIL_BYTES) return null;
  const tail = await piece(handle, size - TAIL_BYTES, TAIL_BYTES);
  const length = tail.readUInt32LE(0);
  if (tail.toString('latin1', 4) !== SHAPE_MARK || length > MOST_END_BYTES || length + TAIL_BYTES > size) return null;
  return JSON.parse((await piece(handle, size - TAIL_BYTES - length, length)).toString()) as ShapeFileEnd;
}

/** The runs of a tile; empty where nothing is drawn. */
export async function readShapeTile(
  handle: FileHandle,
  end: ShapeFileEnd,
  at: { level: number; column: number; row: number },
): Promise<Buffer> {
  const key = at.row * 65_536 + at.column;
  const found = end.levels.find(({ level }) => level === at.level);
  if (!found) return Buffer.alloc(0);
  for (let [from, to] = [0, found.count]; from < to;) {
    const middle = Math.floor((from + to) / 2);
    const entry = await piece(handle, found.tiles + middle * TILE_ENTRY_BYTES, TILE_ENTRY_BYTES);
    const present = tileEntry(entry, 0);
    if (present.key === key) return piece(handle, present.offset, present.bytes);
    if (present.key < key) from = middle + 1;
    else to = middle;
  }
  return Buffer.alloc(0);
}

/** One tile of a table. @param at where it stands there. */
export function tileEntry(table: Buffer, at: number): { key: number; offset: number; bytes: number } {
  return { key: table.readDoubleLE(at), offset: table.readDoubleLE(at + 8), bytes: table.readDoubleLE(at + 16) };
}

/** The smallest shape around a point of the image; null for none. */
export async function findShape(handle: FileHandle, end: ShapeFileEnd, x: number, y: number): Promise<FoundShape | null> {
  const bytes = await piece(handle, end.boxes, end.features * 16);
  const boxes = new Float32Array(bytes.buffer, bytes.byteOffset, end.features * 4);
  const around: { index: number; area: number }[] = [];
  for (let index = 0; index < end.features; index++) {
    const [left, top, right, bottom] = [boxes[index * 4], boxes[index * 4 + 1], boxes[index * 4 + 2], boxes[index * 4 + 3]];
    if (x >= left && x <= right && y >= top && y <= bottom) around.push({ index, area: (right - left) * (bottom - top) });
  }
  around.sort((one, other) => one.area - other.area);
  for (const { index } of around.slice(0, MOST_CANDIDATES)) {
    const shape = await readRecord(handle, end, index);
    if (shape && isInside(shape.lines, x, y)) return { label: shape.label, lines: shape.lines.map(thinned) };
  }
  return null;
}

async function readRecord(handle: FileHandle, end: ShapeFileEnd, index: number): Promise<{ label: string; lines: Float32Array[] } | null> {
  const place = await piece(handle, end.places + index * 16, 16);
  const [offset, bytes] = [place.readDoubleLE(0), place.readDoubleLE(8)];
  if (bytes > MOST_RECORD_BYTES) return null;
  const record = await piece(handle, offset, bytes);
  const labelBytes = record.readUInt32LE(0);
  let at = 4 + labelBytes;
  const lines: Float32Array[] = [];
  for (let count = record.readUInt32LE(at); lines.length < count;) {
    at += 4;
    const numbers = record.readUInt32LE(at) * 2;
    const line = new Float32Array(numbers);
    for (let number = 0; number < numbers; number++) line[number] = record.readFloatLE(at + 4 + number * 4);
    lines.push(line);
    at += numbers * 4;
  }
  return { label: record.toString('utf8', 4, 4 + labelBytes), lines };
}

/** By the even-odd rule, so that holes are outside. */
function isInside(lines: readonly Float32Array[], x: number, y: number): boolean {
  let inside = false;
  for (const line of lines) {
    for (let at = 0, before = line.length - 2; at < line.length; before = at, at += 2) {
      const [oneX, oneY, otherX, otherY] = [line[at], line[at + 1], line[before], line[before + 1]];
      if (oneY > y !== otherY > y && x < ((otherX - oneX) * (y - oneY)) / (otherY - oneY) + oneX) inside = !inside;
    }
  }
  return inside;
}

function thinned(line: Float32Array): number[] {
  const step = Math.ceil(line.length / 2 / MOST_DRAWN_POINTS);
  return Array.from(line).filter((_, index) => Math.floor(index / 2) % step === 0);
}

async function piece(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let count = 0; count < length;) {
    const { bytesRead } = await handle.read(bytes, count, length - count, at + count);
    if (bytesRead === 0) throw new Error('a file of shapes is cut off');
    count += bytesRead;
  }
  return bytes;
}
