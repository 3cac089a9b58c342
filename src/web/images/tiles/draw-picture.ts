import { fstatSync } from 'node:fs';
import sharp from 'sharp';
import {
  blendImages,
  blendLabels,
  colourOf,
  type ColourLayer,
  type LabelLayer,
  type LightLayer,
  type Piece,
} from '../../../browser/viewer/blend';
import { bytesPerTile, levelSize, PIXEL_ARRAYS, rangeOf, TILE, tileGrid } from '../../../browser/viewer/pyramid';
import { pixelArray } from './page-facts';
import { drawRuns } from '../shapes/draw-runs';
import { SHAPE_MARK, type ShapeFileEnd } from '../shapes/shape-file';
import { readEndSync, readFully, tileOffset, writeFully, type TileFileEnd } from './tile-file';

/** One layer of a picture, from a file of ours whose handle is 4 for the first, 5 for the second, and so on. */
export interface PictureLayer {
  kind: 'light' | 'colour' | 'labels' | 'shapes';
  sample: number;
  /** `#rrggbb`; '' where each object has its own. */
  colour: string;
  opacity: number;
  outline: boolean;
  /** Null: what the page of the layer itself suggests. */
  range: [low: number, high: number] | null;
}

export interface PictureTask {
  kind: 'picture';
  layers: PictureLayer[];
}

const OUTPUT = 3;
const FIRST_LAYER = 4;
const QUALITY = 86;

/** Draws layers over each other into one picture of the size of a first look. */
export async function drawPicture({ layers }: PictureTask): Promise<void> {
  sharp.cache(false);
  sharp.concurrency(1);
  const files = layers.map((layer, index) => ({ layer, file: FIRST_LAYER + index }));
  const pages = files.filter(({ layer }) => layer.kind !== 'shapes').map(({ layer, file }) => ({ layer, page: readPage(file) }));
  const base = pages[0]?.page;
  if (!base) throw new Error('a picture needs an image');
  const { width, height } = base;
  const image = new Uint8ClampedArray(width * height * 4);
  const overlay = new Uint8ClampedArray(width * height * 4);
  blendImages(
    image,
    width,
    height,
    pages.flatMap(({ layer, page }) => toImage(layer, page)),
  );
  blendLabels(
    overlay,
    width,
    height,
    pages.flatMap(({ layer, page }) => toLabels(layer, page)),
  );
  for (const { layer, file } of files.filter(({ layer }) => layer.kind === 'shapes')) {
    drawShapes(file, base.level, { pixels: overlay, width, height }, layer);
  }
  const top = { input: Buffer.from(overlay.buffer), raw: { width, height, channels: 4 as const } };
  const picture = await sharp(Buffer.from(image.buffer), { raw: { width, height, channels: 4 } })
    .composite([top])
    .removeAlpha()
    .webp({ quality: QUALITY })
    .toBuffer();
  writeFully(OUTPUT, picture, 0);
}

interface DrawnPage extends Piece {
  level: number;
  facts: TileFileEnd['facts'];
}

/** The most detailed level of a first look, as one piece. */
function readPage(file: number): DrawnPage {
  const end = readEndSync(file);
  if (!end) throw new Error('a layer is not whole');
  const { facts } = end;
  const level = Math.min(...end.levels.map((one) => one.level));
  const { width, height } = levelSize(facts, level);
  const { columns, rows } = tileGrid(facts, level);
  const values = new PIXEL_ARRAYS[facts.type](width * height * facts.samples);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const tile = pixelArray(facts.type, readFully(file, bytesPerTile(facts), tileOffset(end, level, column, row) ?? 0));
      const across = Math.min(TILE, width - column * TILE) * facts.samples;
      for (let y = 0; y < Math.min(TILE, height - row * TILE); y++) {
        const from = y * TILE * facts.samples;
        values.set(tile.subarray(from, from + across), ((row * TILE + y) * width + column * TILE) * facts.samples);
      }
    }
  }
  return { values, samples: facts.samples, stride: width, width, height, level, facts };
}

function toImage({ kind, sample, colour, opacity, range }: PictureLayer, page: DrawnPage): (LightLayer | ColourLayer)[] {
  if (kind === 'colour') return [{ ...page, kind, opacity, tint: colour === '' ? null : colourOf(colour) }];
  if (kind !== 'light') return [];
  const { low, high } = rangeOf(page.facts, sample) ?? { low: 0, high: 1 };
  return [{ ...page, kind, sample, opacity, colour: colourOf(colour), low: range?.[0] ?? low, high: range?.[1] ?? high }];
}

function toLabels({ kind, colour, opacity, outline }: PictureLayer, page: DrawnPage): LabelLayer[] {
  return kind === 'labels' ? [{ ...page, kind, opacity, outline, colour: colour === '' ? null : colourOf(colour), picked: 0 }] : [];
}

function drawShapes(
  file: number,
  level: number,
  target: { pixels: Uint8ClampedArray; width: number; height: number },
  { colour, opacity }: PictureLayer,
): void {
  const { size } = fstatSync(file);
  const tail = readFully(file, SHAPE_MARK.length + 4, size - SHAPE_MARK.length - 4);
  const length = tail.readUInt32LE(0);
  const end = JSON.parse(readFully(file, length, size - SHAPE_MARK.length - 4 - length).toString()) as ShapeFileEnd;
  const tiles = (end.levels.find((one) => one.level === level) ?? end.levels.at(-1))?.tiles ?? [];
  for (const [key, offset, bytes] of tiles) {
    const runs = readFully(file, bytes, offset);
    drawRuns(
      new Int16Array(runs.buffer, runs.byteOffset, bytes / 2),
      { left: (key % 65_536) * TILE, top: Math.floor(key / 65_536) * TILE },
      target,
      [...colourOf(colour), Math.round(opacity * 255)],
    );
  }
}
