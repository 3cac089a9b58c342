import { TILE } from '../../../browser/viewer/pyramid';
import type { Feature, Line } from './geojson';

/** Parts of a pixel of the level that positions are rounded to. */
export const FINENESS = 16;
/** Lines go on so far beyond the edge of a tile, so that strokes end outside. */
const MARGIN = 4;
/** Nearer points than this are one, in pixels of the level. */
const TOLERANCE = 0.4;

/** What is drawn in one tile: runs of `n, x, y, …` in sixteenths of a pixel; a run of one point is a dot. */
export interface CutTile {
  numbers: number[];
  /** Places that have a dot; none were drawn where it is null. */
  dots: Set<number> | null;
  /** Where the count of the open run stands, and of which line it is. */
  open: { line: number; count: number; x: number; y: number } | null;
}

/** Tiles of one level by `row * 65536 + column`, those without lines left out. */
export type CutLevel = Map<number, CutTile>;

/** Cuts all lines at one level: outlines that are smaller than a pixel become dots, one for each place. */
export function cutLevel(features: readonly Feature[], level: number): CutLevel {
  const tiles: CutLevel = new Map();
  const scale = 2 ** -level;
  let line = 0;
  for (const feature of features) for (const points of feature.lines) cutLine(tiles, thin(points, scale), line++);
  return tiles;
}

/** The line in pixels of the level without points that could not be told apart. */
function thin(line: Line, scale: number): Line {
  const kept = new Float64Array(line.length);
  let count = 0;
  for (let at = 0; at < line.length; at += 2) {
    const [x, y] = [line[at] * scale, line[at + 1] * scale];
    const isEnd = at === 0 || at === line.length - 2;
    if (!isEnd && Math.abs(x - kept[count - 2]) < TOLERANCE && Math.abs(y - kept[count - 1]) < TOLERANCE) continue;
    kept[count++] = x;
    kept[count++] = y;
  }
  return kept.subarray(0, count);
}

function cutLine(tiles: CutLevel, line: Line, number: number): void {
  if (isDot(line)) return addDot(tiles, line[0], line[1]);
  for (let at = 2; at < line.length; at += 2) cutSegment(tiles, number, [line[at - 2], line[at - 1], line[at], line[at + 1]]);
}

function isDot(line: Line): boolean {
  if (line.length === 2) return true;
  for (let at = 2; at < line.length; at++) if (Math.abs(line[at] - line[at % 2]) >= 1) return false;
  return true;
}

function addDot(tiles: CutLevel, x: number, y: number): void {
  const [column, row] = [Math.floor(x / TILE), Math.floor(y / TILE)];
  if (column < 0 || row < 0) return;
  const tile = tileAt(tiles, column, row);
  const [left, top] = [Math.floor(x - column * TILE), Math.floor(y - row * TILE)];
  tile.dots ??= new Set();
  if (tile.dots.has(top * TILE + left)) return;
  tile.dots.add(top * TILE + left);
  tile.open = null;
  tile.numbers.push(1, left * FINENESS, top * FINENESS);
}

type Segment = [fromX: number, fromY: number, toX: number, toY: number];

function cutSegment(tiles: CutLevel, line: number, segment: Segment): void {
  const [, fromY, , toY] = segment;
  for (let row = firstTile(fromY, toY); row <= lastTile(fromY, toY); row++) {
    const [left, right] = within(segment, row * TILE - MARGIN, (row + 1) * TILE + MARGIN);
    for (let column = firstTile(left, right); column <= lastTile(left, right); column++) {
      const part = clip(segment, column * TILE, row * TILE);
      if (part) addSegment(tileAt(tiles, column, row), line, part);
    }
  }
}

function firstTile(one: number, other: number): number {
  return Math.max(0, Math.floor((Math.min(one, other) - MARGIN) / TILE));
}

function lastTile(one: number, other: number): number {
  return Math.floor((Math.max(one, other) + MARGIN) / TILE);
}

/** From where to where a segment reaches across between two heights; a pixel more, for what is rounded. */
function within([fromX, fromY, toX, toY]: Segment, top: number, bottom: number): [left: number, right: number] {
  const [left, right] = [Math.min(fromX, toX), Math.max(fromX, toX)];
  if (fromY === toY) return [left, right];
  const at = (y: number) => fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX);
  const [one, other] = [at(top), at(bottom)];
  return [Math.max(left, Math.min(one, other) - 1), Math.min(right, Math.max(one, other) + 1)];
}

/** The part of a segment inside a tile and its margin, from the corner of the tile; null for none. */
function clip([fromX, fromY, toX, toY]: Segment, left: number, top: number): Segment | null {
  const [dx, dy] = [toX - fromX, toY - fromY];
  let [begin, end] = [0, 1];
  const sides = [
    [-dx, fromX - (left - MARGIN)],
    [dx, left + TILE + MARGIN - fromX],
    [-dy, fromY - (top - MARGIN)],
    [dy, top + TILE + MARGIN - fromY],
  ];
  for (const [step, room] of sides) {
    if (step === 0 && room < 0) return null;
    if (step < 0) begin = Math.max(begin, room / step);
    if (step > 0) end = Math.min(end, room / step);
  }
  if (begin > end) return null;
  return [fromX + begin * dx - left, fromY + begin * dy - top, fromX + end * dx - left, fromY + end * dy - top];
}

function addSegment(tile: CutTile, line: number, segment: Segment): void {
  const [fromX, fromY, toX, toY] = segment.map((value) => Math.round(value * FINENESS));
  const { open, numbers } = tile;
  if (open && open.line === line && open.x === fromX && open.y === fromY && numbers[open.count] < 30_000) {
    numbers[open.count] += 1;
    numbers.push(toX, toY);
    [open.x, open.y] = [toX, toY];
    return;
  }
  tile.open = { line, count: numbers.length, x: toX, y: toY };
  numbers.push(2, fromX, fromY, toX, toY);
}

function tileAt(tiles: CutLevel, column: number, row: number): CutTile {
  const key = row * 65_536 + column;
  let tile = tiles.get(key);
  if (!tile) tiles.set(key, (tile = { numbers: [], dots: null, open: null }));
  return tile;
}
