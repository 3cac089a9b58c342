import { Injectable } from '@nestjs/common';
import { bytesPerTile, levelSize, TILE, tileGrid } from '../../browser/viewer/pyramid';
import { pixelArray } from '../images/tiles/page-facts';
import { tileOffset, type TileFileEnd } from '../images/tiles/tile-file';
import type { OpenFile } from '../../common/files/safe-directory';
import { ImagePages, readBytes } from './image-pages';
import type { Original, Shelf } from './shelf';

/** The middle of an object in pixels of the image, and how far it reaches. */
export interface LabelPlace {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Reach {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Of an image of 20,000 x 20,000 pixels. */
const MOST_TILES = 1600;

/** Finds objects of masks by their numbers. */
@Injectable()
export class LabelPlaces {
  constructor(private readonly pages: ImagePages) {}

  /** @returns null when the mask has no such object, as far as one can look. */
  async find(shelf: Shelf, original: Original, page: number, label: number): Promise<LabelPlace | null> {
    const key = { page, labels: true };
    const draft = await this.pages.draft(shelf, original, key);
    if (!draft) return null;
    const level = Math.min(...draft.end.levels.map((one) => one.level));
    const place = await findIn(draft, level, label);
    if (place || level === 0) return place;
    // A first look may pass over what is smaller than its pixels.
    const whole = await this.pages.whole(shelf, original, key);
    return whole && findIn(whole, 0, label);
  }
}

/** Closes the file. */
async function findIn({ file, end }: { file: OpenFile; end: TileFileEnd }, level: number, label: number): Promise<LabelPlace | null> {
  try {
    const { columns, rows } = tileGrid(end.facts, level);
    if (columns * rows > MOST_TILES) return null;
    let reach: Reach | null = null;
    for (let row = 0; row < rows; row++) {
      const before: Reach | null = reach;
      for (let column = 0; column < columns; column++) {
        const bytes = await readBytes(file.handle, tileOffset(end, level, column, row) ?? 0, bytesPerTile(end.facts));
        reach = joined(reach, reachIn(bytes, end, { level, column, row }, label));
      }
      // It does not go on below a row of tiles without it.
      if (before && reach && before.bottom === reach.bottom) break;
    }
    return reach && toPlace(reach, 2 ** level);
  } finally {
    await file.handle.close();
  }
}

function reachIn(
  bytes: Buffer,
  { facts }: TileFileEnd,
  { level, column, row }: { level: number; column: number; row: number },
  label: number,
): Reach | null {
  const values = pixelArray(facts.type, bytes);
  const size = levelSize(facts, level);
  const [across, down] = [Math.min(TILE, size.width - column * TILE), Math.min(TILE, size.height - row * TILE)];
  let reach: Reach | null = null;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      if (values[(y * TILE + x) * facts.samples] !== label) continue;
      const [left, top] = [column * TILE + x, row * TILE + y];
      if (reach === null) reach = { left, top, right: left, bottom: top };
      else {
        reach.left = Math.min(reach.left, left);
        reach.right = Math.max(reach.right, left);
        reach.bottom = top;
      }
    }
  }
  return reach;
}

function joined(one: Reach | null, other: Reach | null): Reach | null {
  if (!one || !other) return one ?? other;
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

function toPlace({ left, top, right, bottom }: Reach, scale: number): LabelPlace {
  const [width, height] = [(right - left + 1) * scale, (bottom - top + 1) * scale];
  return { x: left * scale + width / 2, y: top * scale + height / 2, width, height };
}
