import { fstatSync } from 'node:fs';
import { levelCount } from '../../../browser/viewer/pyramid';
import { readFully, writeFully } from '../tiles/tile-file';
import { cutLevel } from './cut-lines';
import { readFeatures, type Feature } from './geojson';
import { SHAPE_MARK, type ShapeFileEnd } from './shape-file';

const MOST_BYTES = 400_000_000;
/** Positions beyond are no pixels of an image. */
const FARTHEST = 2_000_000;

/** Reads GeoJSON and writes its shapes cut into tiles. @param key see `readFeatures`. */
export function indexShapes(input: number, output: number, key: string): void {
  const { size } = fstatSync(input);
  if (size > MOST_BYTES) throw new Error('too large to be shown');
  const features = readFeatures(readFully(input, size, 0).toString('utf8'), key).filter(isWithin);
  const writer = new ShapeWriter(output);
  const edge = features.reduce((most, feature) => Math.max(most, boxOf(feature)[2], boxOf(feature)[3]), 1);
  for (let level = 0; level < levelCount(edge, edge); level++) writer.level(features, level);
  writer.finish(features);
}

class ShapeWriter {
  private at = 0;
  private readonly levels: ShapeFileEnd['levels'] = [];

  constructor(private readonly output: number) {}

  level(features: readonly Feature[], level: number): void {
    const cut = [...cutLevel(features, level)].sort(([one], [other]) => one - other);
    const table = Float64Array.from(
      cut.flatMap(([key, { numbers }]) => {
        const entry = [key, this.at, numbers.length * 2];
        this.write(Buffer.from(Int16Array.from(numbers).buffer));
        return entry;
      }),
    );
    this.levels.push({ level, tiles: this.at, count: cut.length });
    this.write(Buffer.from(table.buffer));
  }

  finish(features: readonly Feature[]): void {
    const boxes = this.at;
    this.write(Buffer.from(Float32Array.from(features.flatMap(boxOf)).buffer));
    const records = features.map(recordOf);
    const places = this.at;
    let at = places + records.length * 16;
    const table = new Float64Array(records.length * 2);
    records.forEach(({ length }, index) => {
      table.set([at, length], index * 2);
      at += length;
    });
    this.write(Buffer.from(table.buffer));
    this.write(Buffer.concat(records));
    const end: ShapeFileEnd = { features: features.length, boxes, places, levels: this.levels };
    const json = Buffer.from(JSON.stringify(end));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    this.write(Buffer.concat([json, length, Buffer.from(SHAPE_MARK, 'latin1')]));
  }

  private write(bytes: Buffer): void {
    writeFully(this.output, bytes, this.at);
    this.at += bytes.length;
  }
}

function isWithin(feature: Feature): boolean {
  return boxOf(feature).every((position) => Math.abs(position) < FARTHEST);
}

function boxOf({ lines }: Feature): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const line of lines) {
    for (let at = 0; at < line.length; at += 2) {
      box[0] = Math.min(box[0], line[at]);
      box[1] = Math.min(box[1], line[at + 1]);
      box[2] = Math.max(box[2], line[at]);
      box[3] = Math.max(box[3], line[at + 1]);
    }
  }
  return box;
}

function recordOf({ label, lines }: Feature): Buffer {
  const words = Buffer.from(label);
  const record = Buffer.alloc(8 + words.length + lines.reduce((sum, line) => sum + 4 + line.length * 4, 0));
  record.writeUInt32LE(words.length, 0);
  words.copy(record, 4);
  let at = 4 + words.length;
  record.writeUInt32LE(lines.length, at);
  for (const line of lines) {
    at += 4;
    record.writeUInt32LE(line.length / 2, at);
    for (let number = 0; number < line.length; number++) record.writeFloatLE(line[number], at + 4 + number * 4);
    at += line.length * 4;
  }
  return record;
}
