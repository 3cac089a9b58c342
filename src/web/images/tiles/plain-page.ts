import {
  bytesPerTile,
  PIXEL_ARRAYS,
  TILE,
  tileGrid,
  type PageShape,
  type PixelArray,
  type PixelType,
} from '../../../browser/viewer/pyramid';
import type { PageReader } from './page-reader';
import { readPlainLayout, type PlainLayout } from './tiff-directories';
import { FIRST_TILE, readFully, writeFully } from './tile-file';

type Take = (row: DataView, at: number, little: boolean) => number;

/** By format and bits: what programs for numbers write and libvips does not read. Fractions and whole numbers of 64 bits are shortened. */
const KINDS: Record<string, { type: PixelType; take: Take }> = {
  '2 16': { type: 'int16', take: (row, at, little) => row.getInt16(at, little) },
  '1 64': { type: 'int32', take: (row, at, little) => Number(row.getBigUint64(at, little)) },
  '2 64': { type: 'int32', take: (row, at, little) => Number(row.getBigInt64(at, little)) },
  '3 64': { type: 'float32', take: (row, at, little) => row.getFloat64(at, little) },
};

/** A page of an uncompressed TIFF in strips, of the kinds above. @returns null for all else. */
export function openPlainPage(file: number, page: number): PageReader | null {
  const layout = readPlainLayout(file, page);
  const kind = KINDS[`${layout?.format} ${layout?.bits}`];
  if (!layout || !kind || layout.width === 0 || layout.height === 0) return null;
  const shape: PageShape = { width: layout.width, height: layout.height, samples: layout.samples, type: kind.type };
  const rows = new RowReader(file, layout, shape, kind.take);
  return {
    shape,
    scaled: async (width, height) => {
      const values = new PIXEL_ARRAYS[shape.type](width * height * shape.samples);
      for (let y = 0; y < height; y++) {
        const row = rows.read(middle(y, height, shape.height));
        for (let x = 0; x < width; x++) {
          const from = middle(x, width, shape.width) * shape.samples;
          values.set(row.subarray(from, from + shape.samples), (y * width + x) * shape.samples);
        }
      }
      return Buffer.from(values.buffer);
    },
    writeTiled: async (output) => writeTiles(rows, shape, output),
  };
}

/** The pixel of `length` that stands for one of `count`. */
function middle(index: number, count: number, length: number): number {
  return Math.min(length - 1, Math.floor(((index + 0.5) * length) / count));
}

class RowReader {
  constructor(
    private readonly file: number,
    private readonly layout: PlainLayout,
    private readonly shape: PageShape,
    private readonly take: Take,
  ) {}

  read(y: number): PixelArray {
    const { rows, strips, bits, little } = this.layout;
    const count = this.shape.width * this.shape.samples;
    const bytes = count * (bits / 8);
    const piece = readFully(this.file, bytes, (strips[Math.floor(y / rows)] ?? Number.MAX_SAFE_INTEGER) + (y % rows) * bytes);
    const view = new DataView(piece.buffer, piece.byteOffset, bytes);
    const values = new PIXEL_ARRAYS[this.shape.type](count);
    for (let index = 0; index < count; index++) values[index] = this.take(view, index * (bits / 8), little);
    return values;
  }
}

function writeTiles(rows: RowReader, shape: PageShape, output: number): void {
  const { width, height, samples, type } = shape;
  const grid = tileGrid(shape, 0);
  let at = FIRST_TILE;
  for (let row = 0; row < grid.rows; row++) {
    const tiles = Array.from({ length: grid.columns }, () => new PIXEL_ARRAYS[type](TILE * TILE * samples));
    for (let y = row * TILE; y < Math.min(height, (row + 1) * TILE); y++) {
      const values = rows.read(y);
      tiles.forEach((tile, column) => {
        const across = values.subarray(column * TILE * samples, Math.min(width, (column + 1) * TILE) * samples);
        tile.set(across, (y - row * TILE) * TILE * samples);
      });
    }
    for (const tile of tiles) {
      writeFully(output, new Uint8Array(tile.buffer), at);
      at += bytesPerTile(shape);
    }
  }
}
