import { fstatSync } from 'node:fs';
import sharp from 'sharp';
import { bytesPerTile, TILE, tileGrid, type PageShape, type PixelType } from '../../../browser/viewer/pyramid';
import { openPlainPage } from './plain-page';
import { requireTilesInOrder } from './tiles-in-order';

/** Reads pages of an image by libvips, each value as it stands in the file. Only programs of their own use it. */
export interface PageReader {
  shape: PageShape;
  /** The page at another size, each pixel one of the page. @returns bytes of values, row by row. */
  scaled(width: number, height: number): Promise<Buffer>;
  /** Writes all tiles of the page, row by row, from `FIRST_TILE` on. @param output an empty file, open for writing and reading. */
  writeTiled(output: number): Promise<void>;
}

const LOADERS = ['Jpeg', 'Png', 'Webp', 'Tiff', 'Nsgif', 'Heif'];
/** Formats that are read in bands may be large; the others are decoded whole. */
const MOST_TIFF_PIXELS = 20_000_000_000;
const MOST_PIXELS = 268_402_689;
const TYPES: Record<string, PixelType> = {
  uchar: 'uint8',
  char: 'int8',
  ushort: 'uint16',
  uint: 'uint32',
  int: 'int32',
  float: 'float32',
};
/** Deep images whose fourth or second sample would count as transparency are read whole up to this, so that it changes no value. */
const MOST_WHOLE_BYTES = 400_000_000;
const MOST_TIMES_LARGER = 3000;
const SMALL_BYTES = 64_000_000;
const MOST_BYTES = 16_000_000_000;
/** Spaces whose values are shown as they are; others are turned into red, green and blue. */
const PLAIN_SPACES = new Set(['b-w', 'grey16', 'srgb', 'rgb', 'rgb16', 'scrgb', 'multiband']);

export function prepareSharp(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}`) });
}

export function openHead(path: string, page = 0): Promise<sharp.Metadata> {
  return sharp(path, { limitInputPixels: false, failOn: 'none', page }).metadata();
}

/**
 * @param file a file descriptor. @param seconds after which libvips gives up.
 * @param single reads the first sample only, of images whose samples are the same.
 * @throws Error when there is nothing to be had.
 */
export async function openPage(file: number, page: number, seconds: number, single = false): Promise<PageReader> {
  const path = `/proc/self/fd/${file}`;
  const head = await openHead(path, page).catch(() => null);
  // Some kinds of pixels are not known to libvips, or lose their sign.
  const reader =
    (head && TYPES[head.depth] ? openByLibrary(path, page, seconds, single ? firstOf(head) : head) : null) ?? openPlainPage(file, page);
  if (!reader) throw new Error('an image of a kind that cannot be read');
  requireBelievable(reader.shape, fstatSync(file).size);
  return reader;
}

/** Images may claim more than they hold, and each pixel costs time, memory, and bytes on the disk. */
function requireBelievable(shape: PageShape, size: number): void {
  const { columns, rows } = tileGrid(shape, 0);
  const bytes = columns * rows * bytesPerTile(shape);
  if (bytes > MOST_BYTES || bytes > SMALL_BYTES + size * MOST_TIMES_LARGER) throw new Error('it claims more pixels than it can hold');
}

/** What the head of the same image with its first sample only would say. */
function firstOf(head: sharp.Metadata): sharp.Metadata {
  return { ...head, channels: 1, space: head.depth === 'ushort' ? 'grey16' : 'b-w', hasAlpha: false };
}

function openByLibrary(path: string, page: number, seconds: number, head: sharp.Metadata): PageReader {
  const { width, height, channels, depth, space, format, hasAlpha, orientation } = head;
  const type = TYPES[depth];
  const limitInputPixels = format === 'tiff' ? MOST_TIFF_PIXELS : MOST_PIXELS;
  if (width * height > limitInputPixels) throw new Error('too many pixels');
  const isPlain = PLAIN_SPACES.has(space);
  const colours = isPlain ? space : 'srgb';
  const turns = format !== 'tiff' && (orientation ?? 1) > 4;
  const open = () => {
    const image = sharp(path, { limitInputPixels, failOn: 'none', page }).timeout({ seconds });
    const upright = format === 'tiff' ? image : image.autoOrient();
    return channels === 1 ? upright.extractChannel(0) : upright;
  };
  const [across, down] = turns ? [height, width] : [width, height];
  const shape: PageShape = { width: across, height: down, samples: isPlain ? channels : 3, type: isPlain ? type : 'uint8' };
  const rawDepth = isPlain ? depth : 'uchar';
  const bytes = width * height * shape.samples * sizeOf(shape.type);
  const whole = () => open().toColourspace(colours).raw({ depth: rawDepth }).toBuffer();
  return {
    shape,
    scaled: async (to, tall) => {
      if (to === across && tall === down) return whole();
      if (hasAlpha && type !== 'uint8' && bytes <= MOST_WHOLE_BYTES) return thinned(await whole(), shape, to, tall);
      return open().resize(to, tall, { kernel: 'nearest', fit: 'fill' }).toColourspace(colours).raw({ depth: rawDepth }).toBuffer();
    },
    writeTiled: async (output) => {
      const options = { tile: true, tileWidth: TILE, tileHeight: TILE, compression: 'none', predictor: 'none', bigtiff: true } as const;
      await open().toColourspace(colours).tiff(options).toFile(`/proc/self/fd/${output}`);
      const { columns, rows } = tileGrid(shape, 0);
      requireTilesInOrder(output, columns * rows, bytesPerTile(shape));
    },
  };
}

export function sizeOf(type: PixelType): number {
  return type.endsWith('8') ? 1 : type.endsWith('16') ? 2 : 4;
}

function thinned(bytes: Buffer, { width, height, samples, type }: PageShape, to: number, tall: number): Buffer {
  const size = samples * sizeOf(type);
  const result = Buffer.alloc(to * tall * size);
  for (let y = 0; y < tall; y++) {
    const row = Math.min(height - 1, Math.floor(((y + 0.5) * height) / tall)) * width;
    for (let x = 0; x < to; x++) {
      const from = (row + Math.min(width - 1, Math.floor(((x + 0.5) * width) / to))) * size;
      bytes.copy(result, (y * to + x) * size, from, from + size);
    }
  }
  return result;
}
