import { fstatSync, ftruncateSync } from 'node:fs';
import {
  bytesPerTile,
  levelCount,
  levelSize,
  PIXEL_ARRAYS,
  TILE,
  tileGrid,
  type PageShape,
  type PixelArray,
} from '../../../browser/viewer/pyramid';
import { halve } from './halve';
import { labelsOfColours } from '../label-values';
import { looksLikeLabels, pixelArray, sampleFacts } from './page-facts';
import type { PageReader } from './page-reader';
import { FIRST_TILE, readFully, writeEnd, writeFully, type TileFileEnd } from './tile-file';

/** A first look is no larger, and an image that is no larger needs no second. */
export const DRAFT_EDGE = 2048;

/** The first level whose edges are at most `DRAFT_EDGE`. */
export function draftLevel(shape: Pick<PageShape, 'width' | 'height'>): number {
  let level = 0;
  for (let size = levelSize(shape, 0); Math.max(size.width, size.height) > DRAFT_EDGE; size = levelSize(shape, level)) level += 1;
  return level;
}

/**
 * Writes the upper levels of a page, quickly: each pixel is one of the page, so that of 12 x 12 one is seen.
 * @param output an empty file. @param labels halves levels without mixing numbers of objects.
 */
export async function writeDraft(page: PageReader, output: number, labels: boolean): Promise<void> {
  const first = draftLevel(page.shape);
  const { width, height } = levelSize(page.shape, first);
  const read = pixelArray(page.shape.type, await page.scaled(width, height));
  const numbers = labels ? labelsOfColours(read, page.shape.samples, true) : null;
  const shape = numbers ? { ...page.shape, samples: 1 } : page.shape;
  const values = numbers ?? read;
  const facts = { ...shape, sampleFacts: sampleFacts(values, shape), labels: looksLikeLabels(values, shape) };
  const levels: TileFileEnd['levels'] = [];
  let piece = { values, width, height };
  let at = 0;
  for (let level = first; level < levelCount(shape.width, shape.height); level++) {
    if (level > first) piece = halve(piece, shape.samples, labels);
    levels.push({ level, offset: at });
    at = writeLevel(output, at, piece, shape);
  }
  writeEnd(output, at, { facts, levels });
}

function writeLevel(output: number, at: number, image: { values: PixelArray; width: number; height: number }, shape: PageShape): number {
  const columns = Math.ceil(image.width / TILE);
  const rows = Math.ceil(image.height / TILE);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const bytes = cutTile(image, shape, column, row);
      writeFully(output, bytes, at);
      at += bytes.length;
    }
  }
  return at;
}

function cutTile(
  { values, width, height }: { values: PixelArray; width: number; height: number },
  shape: PageShape,
  column: number,
  row: number,
) {
  const { samples, type } = shape;
  const tile = new PIXEL_ARRAYS[type](TILE * TILE * samples);
  const across = Math.min(TILE, width - column * TILE) * samples;
  const down = Math.min(TILE, height - row * TILE);
  for (let y = 0; y < down; y++) {
    const from = ((row * TILE + y) * width + column * TILE) * samples;
    tile.set(values.subarray(from, from + across), y * TILE * samples);
  }
  return new Uint8Array(tile.buffer);
}

/**
 * Writes all levels of a page. Readers may take tiles of level 0 while it is written: they come in their order.
 * @param output an empty file, open for reading too.
 */
export async function writePyramid(page: PageReader, output: number, labels: boolean, facts: TileFileEnd['facts']): Promise<void> {
  const { shape } = page;
  await page.writeTiled(output);
  let at = Math.ceil(fstatSync(output).size / 16) * 16;
  const levels: TileFileEnd['levels'] = [{ level: 0, offset: FIRST_TILE }];
  for (let level = 1; level < levelCount(shape.width, shape.height); level++) {
    const { columns, rows } = tileGrid(shape, level);
    levels.push({ level, offset: at });
    const below = levels[level - 1].offset;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        writeFully(output, halvedTile(output, below, shape, { level, column, row }, labels), at);
        at += bytesPerTile(shape);
      }
    }
  }
  ftruncateSync(output, at);
  writeEnd(output, at, { facts, levels });
}

/** A tile is made of four of the level below. */
function halvedTile(
  file: number,
  below: number,
  shape: PageShape,
  { level, column, row }: { level: number; column: number; row: number },
  labels: boolean,
): Uint8Array {
  const { samples, type } = shape;
  const size = bytesPerTile(shape);
  const grid = tileGrid(shape, level - 1);
  const under = levelSize(shape, level - 1);
  const tile = new PIXEL_ARRAYS[type](TILE * TILE * samples);
  for (const [across, down] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ]) {
    const [x, y] = [column * 2 + across, row * 2 + down];
    if (x >= grid.columns || y >= grid.rows) continue;
    const values = pixelArray(type, readFully(file, size, below + (y * grid.columns + x) * size));
    const part = { values, width: Math.min(TILE, under.width - x * TILE), height: Math.min(TILE, under.height - y * TILE) };
    halveInto(tile, part, samples, labels, (down * TILE * TILE + across * TILE) / 2);
  }
  return new Uint8Array(tile.buffer);
}

function halveInto(
  tile: PixelArray,
  part: { values: PixelArray; width: number; height: number },
  samples: number,
  labels: boolean,
  at: number,
): void {
  const half = halve({ ...part, stride: TILE }, samples, labels);
  for (let y = 0; y < half.height; y++) {
    tile.set(half.values.subarray(y * half.width * samples, (y + 1) * half.width * samples), (at + y * TILE) * samples);
  }
}
