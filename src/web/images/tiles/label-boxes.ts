import type { FileHandle } from 'node:fs/promises';
import { bytesPerTile, levelSize, TILE, tileGrid } from '../../../browser/viewer/pyramid';
import { pixelArray } from './page-facts';
import { readEndSync, readFully, tileOffset, writeFully, type TileFileEnd } from './tile-file';

/** What an object of a mask covers, in pixels of the level that was read; each edge belongs to it. */
export interface LabelBox {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A file begins with it, so that one without any object is not empty. */
const MARK = 'SRBOXES1';
/** Number of the object, then its edges: each of 32 bits, little end first. */
const FIELDS = 5;
const RECORD_BYTES = FIELDS * 4;
const MOST_OBJECTS = 5_000_000;
const MOST_LABEL = 2 ** 32 - 1;

/** Writes what each object of a mask covers, by its number, the smallest first. @param input a file of tiles, of which the finest level is read. */
export function writeBoxes(input: number, output: number): void {
  const end = readEndSync(input);
  if (!end) throw new Error('the tiles are not whole');
  const level = Math.min(...end.levels.map((one) => one.level));
  const boxes = new Boxes();
  const { columns, rows } = tileGrid(end.facts, level);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) addTile(boxes, input, end, { level, column, row });
  }
  writeFully(output, Buffer.from(MARK, 'latin1'), 0);
  writeFully(output, boxes.sorted(), MARK.length);
}

function addTile(boxes: Boxes, input: number, end: TileFileEnd, { level, column, row }: { level: number; column: number; row: number }) {
  const { facts } = end;
  const values = pixelArray(facts.type, readFully(input, bytesPerTile(facts), tileOffset(end, level, column, row) ?? 0));
  const size = levelSize(facts, level);
  const [left, top] = [column * TILE, row * TILE];
  const [across, down] = [Math.min(TILE, size.width - left), Math.min(TILE, size.height - top)];
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across;) {
      const first = x;
      const label = values[(y * TILE + x) * facts.samples];
      do x++;
      while (x < across && values[(y * TILE + x) * facts.samples] === label);
      if (label > 0) boxes.add(label, { left: left + first, right: left + x - 1, top: top + y, bottom: top + y });
    }
  }
}

class Boxes {
  /** Number of its record by number of the object. */
  private readonly records = new Map<number, number>();
  private values = new Uint32Array(FIELDS * 1024);

  add(label: number, { left, top, right, bottom }: LabelBox): void {
    const record = this.records.get(label);
    if (record === undefined) return this.begin(label, [left, top, right, bottom]);
    const { values } = this;
    const at = record * FIELDS + 1;
    if (left < values[at]) values[at] = left;
    if (top < values[at + 1]) values[at + 1] = top;
    if (right > values[at + 2]) values[at + 2] = right;
    if (bottom > values[at + 3]) values[at + 3] = bottom;
  }

  private begin(label: number, edges: number[]): void {
    // Nobody can ask for another number.
    if (!Number.isInteger(label) || label > MOST_LABEL) return;
    const record = this.records.size;
    if (record >= MOST_OBJECTS) throw new Error('too many objects');
    if ((record + 1) * FIELDS > this.values.length) {
      const more = new Uint32Array(this.values.length * 2);
      more.set(this.values);
      this.values = more;
    }
    this.values.set([label, ...edges], record * FIELDS);
    this.records.set(label, record);
  }

  sorted(): Buffer {
    const bytes = Buffer.alloc(this.records.size * RECORD_BYTES);
    let at = 0;
    for (const label of Uint32Array.from(this.records.keys()).sort()) {
      const from = this.records.get(label)! * FIELDS;
      for (let field = 0; field < FIELDS; field++) at = bytes.writeUInt32LE(this.values[from + field], at);
    }
    return bytes;
  }
}

/** @param file of `writeBoxes`. @returns null when there is no such object. */
export async function findBox({ handle, size }: { handle: FileHandle; size: number }, label: number): Promise<LabelBox | null> {
  const record = Buffer.alloc(RECORD_BYTES);
  let [low, high] = [0, Math.floor((size - MARK.length) / RECORD_BYTES)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { bytesRead } = await handle.read(record, 0, RECORD_BYTES, MARK.length + middle * RECORD_BYTES);
    if (bytesRead < RECORD_BYTES) throw new Error('a file of objects is cut off');
    const [found, left, top, right, bottom] = Array.from({ length: FIELDS }, (_, field) => record.readUInt32LE(field * 4));
    if (found === label) return { left, top, right, bottom };
    if (found < label) low = middle + 1;
    else high = middle;
  }
  return null;
}
