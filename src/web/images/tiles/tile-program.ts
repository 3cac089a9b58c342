/**
 * A program of its own, started for each image that somebody looks at closely: whatever a hostile file does to libvips, it does here.
 * Handle 3 is the image, or a file of tiles of it, 4 an empty file for what becomes of it. Argument: JSON of `TileTask`. Exit status 0, or 3 where there is
 * nothing to be had, with the reason on standard error.
 */
import { describeImage } from './describe-image';
import { openPage, prepareSharp } from './page-reader';
import { drawPicture, type PictureTask } from './draw-picture';
import { indexShapes } from '../shapes/index-shapes';
import { writeBoxes } from './label-boxes';
import { MOST_PAGES, readTiff } from './tiff-directories';
import { readEndSync, writeFully } from './tile-file';
import { writeDraft, writePyramid } from './write-tiles';

export type TileTask =
  | { kind: 'describe' }
  /** `seconds` after which libvips gives up. */
  | { kind: 'draft' | 'pyramid'; page: number; labels: boolean; seconds: number }
  | { kind: 'shapes'; key: string }
  /** Of the objects of a mask; handle 3 is a file of tiles. */
  | { kind: 'boxes' }
  | PictureTask;

const [INPUT, OUTPUT, DRAFT] = [3, 4, 5];
const NOTHING = 3;
async function main(task: TileTask): Promise<void> {
  if (task.kind === 'picture') return drawPicture(task);
  if (task.kind === 'shapes') return indexShapes(INPUT, OUTPUT, task.key);
  if (task.kind === 'boxes') return writeBoxes(INPUT, OUTPUT);
  prepareSharp();
  if ((readTiff(INPUT)?.pages.length ?? 0) > MOST_PAGES) throw new Error('too many pages');
  if (task.kind === 'describe') return writeFully(OUTPUT, Buffer.from(JSON.stringify(await describeImage(INPUT))), 0);
  if (task.kind === 'draft') return writeDraft(await openPage(INPUT, task.page, task.seconds), OUTPUT, task.labels);
  const draft = readEndSync(DRAFT);
  if (!draft) throw new Error('there is no first look');
  // The first look may have found one mask in all three colours.
  const page = await openPage(INPUT, task.page, task.seconds, task.labels && draft.facts.samples === 1);
  return writePyramid(page, OUTPUT, task.labels, draft.facts);
}

main(JSON.parse(process.argv[2] ?? '') as TileTask).catch((error: unknown) => {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = NOTHING;
});
