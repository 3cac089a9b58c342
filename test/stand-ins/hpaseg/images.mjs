import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readImage } from '../../../config/pipelines/nuclei/lib/read-image.mjs';

const sharp = createRequire(import.meta.url)('sharp');

/** As tifffile reads: TIFF and nothing else. */
export async function readTiff(file) {
  const head = readFileSync(file).subarray(0, 4);
  if (!/^(II\*\0|MM\0\*)/.test(head.toString('latin1'))) throw new Error(`not a TIFF file b'${head.toString('latin1')}'`);
  return readImage(file, 'brightness');
}

/** Labels as PNG of 16 bits. */
export async function writeLabels(file, labels, width, height) {
  await sharp(Uint16Array.from(labels), { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toFile(file);
}

/** A square around a cell, within the picture, and where the cell lies in it. */
export function boxOf(labels, cell, width, height, size) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  labels.forEach((label, at) => {
    if (label !== cell) return;
    const [x, y] = [at % width, Math.floor(at / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  });
  const side = Math.min(size, width, height);
  const begin = (from, to, all) => Math.max(0, Math.min(all - side, Math.round((from + to - side) / 2)));
  const [x, y] = [begin(left, right, width), begin(top, bottom, height)];
  return { x, y, side, cellLeft: left - x, cellTop: top - y, cellRight: right - x, cellBottom: bottom - y };
}

/** One channel of a crop, with only one cell of it if `cell` is given. */
export async function writeCrop(file, { pixels, width }, { x, y, side }, bits, labels = null, cell = 0) {
  const most = bits === 16 ? 65_535 : 255;
  const scale = most === 255 && pixels.some((value) => value > 255) ? 1 / 257 : 1;
  const crop = (bits === 16 ? Uint16Array : Uint8Array).from({ length: side * side }, (_, at) => {
    const from = (y + Math.floor(at / side)) * width + x + (at % side);
    return labels && labels[from] !== cell ? 0 : Math.min(most, pixels[from] * scale);
  });
  const image = sharp(crop, { raw: { width: side, height: side, channels: 1 } });
  await (bits === 16 ? image.toColourspace('grey16') : image.toColourspace('b-w')).png({ compressionLevel: 1 }).toFile(file);
}
