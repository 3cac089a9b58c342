import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSamples } from './images.mjs';

const CHANNELS = { red: 'microtubules', yellow: 'er', blue: 'nuclei', green: 'protein' };

/**
 * Writes `<sample>.csv`: the cells of one field of view by the number that they have in both masks, where they are, how large they and
 * their nuclei are in pixels, and how bright each channel is in them on average.
 * @param {string} folder @param row prefix, paths of the images ('' for none) and of the masks.
 */
export async function writeCells(folder, { prefix, images, cellMask, nucleiMask }) {
  const { samples: labels, width } = await readSamples(cellMask);
  const cells = new Map();
  for (const [at, label] of labels.entries()) {
    if (label === 0) continue;
    const cell = cells.get(label) ?? { area: 0, x: 0, y: 0, nucleus: 0, light: {} };
    cell.area += 1;
    cell.x += at % width;
    cell.y += Math.floor(at / width);
    cells.set(label, cell);
  }
  const nuclei = await readSamples(nucleiMask);
  for (const label of nuclei.samples) if (cells.has(label)) cells.get(label).nucleus += 1;
  const shown = Object.keys(CHANNELS).filter((channel) => images[channel] !== '' && existsSync(images[channel]));
  for (const channel of shown) addLight(cells, labels, channel, await readSamples(images[channel]));
  const head = ['cell', 'area', 'nucleus_area', 'x', 'y', ...shown.map((channel) => `${CHANNELS[channel]}_mean`)];
  const rows = [...cells]
    .toSorted(([one], [other]) => one - other)
    .map(([label, { area, x, y, nucleus, light }]) => [
      label,
      area,
      nucleus,
      ...[x, y, ...shown.map((channel) => light[channel])].map((sum) => (sum / area).toFixed(1)),
    ]);
  mkdirSync(folder, { recursive: true });
  const lines = [head, ...rows].map((row) => row.join(','));
  writeFileSync(join(folder, `${prefix.replace(/_$/, '')}.csv`), `${lines.join('\n')}\n`);
}

function addLight(cells, labels, channel, { samples }) {
  for (const cell of cells.values()) cell.light[channel] = 0;
  for (const [at, label] of labels.entries()) if (label !== 0) cells.get(label).light[channel] += samples[at];
}
