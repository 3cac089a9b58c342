import { createRequire } from 'node:module';
import { percentiles } from './threshold.mjs';

const OUTLINE = [255, 214, 51];

/**
 * Draws the image, stretched so that it can be seen, with a line around each nucleus.
 * @param {string} file PNG to write.
 */
export async function drawOutlines(file, { pixels, width, height }, labels) {
  const sharp = createRequire(import.meta.url)('sharp');
  const [dark, bright] = percentiles(pixels, [0.01, 0.998]);
  const scale = bright > dark ? 255 / (bright - dark) : 0;
  const picture = Buffer.alloc(pixels.length * 3);
  for (let at = 0; at < pixels.length; at += 1) {
    const value = Math.max(0, Math.min(255, Math.round((pixels[at] - dark) * scale)));
    picture[at * 3] = value;
    picture[at * 3 + 1] = value;
    picture[at * 3 + 2] = value;
  }
  // In a large picture a line of one pixel is lost when it is shown smaller.
  const thick = Math.max(width, height) > 2000;
  for (let at = 0; at < labels.length; at += 1) {
    if (isOutline(labels, at, width, thick)) picture.set(OUTLINE, at * 3);
  }
  await sharp(picture, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toFile(file);
}

/** Pixels of a nucleus with something else beside them. */
function isOutline(labels, at, width, thick) {
  const label = labels[at];
  if (label === 0) return false;
  const x = at % width;
  const reach = thick ? 2 : 1;
  for (let step = 1; step <= reach; step += 1) {
    if (x >= step && labels[at - step] !== label) return true;
    if (x < width - step && labels[at + step] !== label) return true;
    if (at >= step * width && labels[at - step * width] !== label) return true;
    if (at + step * width < labels.length && labels[at + step * width] !== label) return true;
  }
  return false;
}
