#!/usr/bin/env node
/**
 * Finds nuclei in a fluorescence image and measures them:
 *   node nuclei.mjs --image=tissue.tif --out=folder [--sigma=1.5 …]
 * Writes outlines.png, labels.tif, cells.csv and areas.png. What people can mend ends in one line and status 1.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawAreas } from './lib/draw-areas.mjs';
import { drawOutlines } from './lib/draw-outlines.mjs';
import { InputError } from './lib/input-error.mjs';
import { measure } from './lib/measure.mjs';
import { readOptions } from './lib/options.mjs';
import { readImage } from './lib/read-image.mjs';
import { segment } from './lib/segment.mjs';
import { cellsCsv } from './lib/table.mjs';
import { writeTiff } from './lib/write-tiff.mjs';

const tell = (percent, text) => process.stdout.write(`[${String(percent).padStart(3)}%] ${text}\n`);

async function main() {
  const options = readOptions(process.argv.slice(2));
  tell(0, 'Reading the image');
  const image = await readImage(options.image, options.channel);
  process.stdout.write(`Image of ${image.width} × ${image.height} pixels, ${image.depth} samples\n`);
  const { labels, count, threshold } = segment(image, options, tell);
  process.stdout.write(`Threshold ${Number(threshold.toPrecision(4))}\n`);
  if (count === 0)
    throw new InputError('no nuclei were found. Try a lower threshold factor, a smaller smallest nucleus, or another channel.');
  tell(75, `Measuring ${count} ${count === 1 ? 'nucleus' : 'nuclei'}`);
  const cells = measure(labels, image.pixels, image.width, count);
  await writeResults(options, image, labels, cells);
  tell(100, `Found ${count} ${count === 1 ? 'nucleus' : 'nuclei'}`);
}

async function writeResults({ out, pixelSize }, image, labels, cells) {
  tell(80, 'Writing the results');
  await writeFile(join(out, 'cells.csv'), cellsCsv(cells, pixelSize));
  // 16 bits are what most programs expect of a mask; more nuclei than that need 32.
  const ids = cells.length > 65_535 ? new Uint32Array(labels) : new Uint16Array(labels);
  await writeTiff(join(out, 'labels.tif'), ids, image.width, image.height);
  await drawOutlines(join(out, 'outlines.png'), image, labels);
  const areas = cells.map((cell) => cell.area);
  await drawAreas(join(out, 'areas.png'), areas);
}

main().catch((error) => {
  // "Error:" makes it the line that the page of a failed run begins with.
  process.stderr.write(error instanceof InputError ? `Error: ${error.message}\n` : `${error.stack}\n`);
  process.exitCode = 1;
});
