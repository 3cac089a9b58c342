/**
 * A program of its own, started for each image that somebody looks at closely: whatever a hostile file does to libvips, it does here.
 * Handle 3 is the image, 4 an empty file for what becomes of it. Argument: JSON of `TileTask`. Exit status 0, or 3 where there is
 * nothing to be had, with the reason on standard error.
 */
import { fstatSync } from 'node:fs';
import { bytesPerTile, tileGrid } from '../../../browser/viewer/pyramid';
import { describeImage } from './describe-image';
import { openPage, prepareSharp } from './page-reader';
import { drawPicture, type PictureTask } from './draw-picture';
import { indexShapes } from './shapes/index-shapes';
import { readEndSync, writeFully } from './tile-file';
import { writeDraft, writePyramid } from './write-tiles';

export type TileTask =
  | { kind: 'describe' }
  /** `seconds` after which libvips gives up. */
  | { kind: 'draft' | 'pyramid'; page: number; labels: boolean; seconds: number }
  | { kind: 'shapes'; key: string }
  | PictureTask;

const [INPUT, OUTPUT, DRAFT] = [3, 4, 5];
const NOTHING = 3;
/** Compressed images may claim more than they hold, and each pixel becomes bytes on the disk. */
const MOST_TIMES_LARGER = 3000;
const SMALL_BYTES = 64_000_000;
const MOST_BYTES = 16_000_000_000;

async function main(task: TileTask): Promise<void> {
  const path = `/proc/self/fd/${INPUT}`;
  if (task.kind === 'picture') return drawPicture(task);
  if (task.kind === 'shapes') return indexShapes(INPUT, OUTPUT, task.key);
  prepareSharp();
  if (task.kind === 'describe') return writeFully(OUTPUT, Buffer.from(JSON.stringify(await describeImage(INPUT, path))), 0);
  const page = await openPage(path, task.page, task.seconds);
  if (task.kind === 'draft') return writeDraft(page, OUTPUT, task.labels);
  const grid = tileGrid(page.shape, 0);
  const bytes = grid.columns * grid.rows * bytesPerTile(page.shape) * 1.34;
  if (bytes > MOST_BYTES || bytes > SMALL_BYTES + fstatSync(INPUT).size * MOST_TIMES_LARGER)
    throw new Error('too large to be shown in full');
  const draft = readEndSync(DRAFT);
  if (!draft) throw new Error('there is no first look');
  return writePyramid(page, OUTPUT, task.labels, draft.facts);
}

main(JSON.parse(process.argv[2] ?? '') as TileTask).catch((error: unknown) => {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = NOTHING;
});
