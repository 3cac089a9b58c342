#!/usr/bin/env node
/**
 * Draws a tissue section that never was, for trying things out: `node make-sample.mjs tissue.tif [seed]`. 16 bits, 800 × 600 pixels.
 * Nuclei are blurred ellipses of varied size and brightness with texture, some of them in touching pairs, on a background that grows
 * brighter to one side, with the noise of a camera. The same seed draws the same picture. Prints how many nuclei there are.
 */
import { drawTissue } from './lib/draw-tissue.mjs';
import { writeTiff } from './lib/write-tiff.mjs';

const [file, seed = '7'] = process.argv.slice(2);
if (!file || !/^\d+$/.test(seed)) {
  process.stderr.write('Usage: node make-sample.mjs FILE.tif [SEED]\n');
  process.exit(2);
}
const { pixels, width, height, count } = drawTissue(Number(seed));
await writeTiff(file, pixels, width, height);
process.stdout.write(`${count} nuclei\n`);
