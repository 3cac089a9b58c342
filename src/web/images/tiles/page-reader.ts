import sharp from 'sharp';
import type { PageShape, PixelType } from '../../../browser/viewer/pyramid';

/** Reads pages of an image by libvips, each value as it stands in the file. Only programs of their own use it. */
export interface PageReader {
  shape: PageShape;
  /** The page at another size, each pixel one of the page. @returns bytes of values, row by row. */
  scaled(width: number, height: number): Promise<Buffer>;
  /** Writes the page as an uncompressed BigTIFF of tiles. @param path of an open file of ours. */
  writeTiled(path: string, tile: number): Promise<void>;
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

/** @throws Error when there is nothing to be had. */
export async function openPage(path: string, page: number, seconds: number): Promise<PageReader> {
  const head = await openHead(path, page);
  const { width, height, channels, depth, space, format, hasAlpha, orientation } = head;
  const type = TYPES[depth];
  if (type === undefined) throw new Error(`pixels of the kind ${depth} cannot be shown`);
  const limitInputPixels = format === 'tiff' ? MOST_TIFF_PIXELS : MOST_PIXELS;
  if (width * height > limitInputPixels) throw new Error('too many pixels');
  const isPlain = PLAIN_SPACES.has(space);
  const colours = isPlain ? space : 'srgb';
  const turns = format !== 'tiff' && (orientation ?? 1) > 4;
  const open = () => {
    const image = sharp(path, { limitInputPixels, failOn: 'none', page }).timeout({ seconds });
    return format === 'tiff' ? image : image.autoOrient();
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
    writeTiled: async (target, tile) => {
      const options = { tile: true, tileWidth: tile, tileHeight: tile, compression: 'none', predictor: 'none', bigtiff: true } as const;
      await open().toColourspace(colours).tiff(options).toFile(target);
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
