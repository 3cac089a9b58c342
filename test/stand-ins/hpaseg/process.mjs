/**
 * Stands for process.py of HPACellSegmentatorPortable: segments the fields of view of path_list.csv in the folder where it is started. It
 * keeps the contract, its traps included: commas that nothing can quote, seven fields, a status of 0 whatever happened to the rows. Nuclei
 * and cells are found by classical means and may be small; the real one drops nuclei below 2500 pixels.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { segment } from '../../../config/pipelines/nuclei/lib/segment.mjs';
import { grow } from '../lib/grow.mjs';
import { boxOf, readTiff, writeCrop, writeLabels } from './images.mjs';

const CONSTANTS = { crop_cells: true, crop_size: 1024, crop_bitdepth: 8, crop_mask: true, mask_cell: true };
const COLOURS = ['red', 'yellow', 'blue', 'green'];
const OPTIONS = { sigma: 1, factor: 0.9, minArea: 12, maxArea: 0, split: true, distance: 4, background: 0, dropEdge: false };

function now() {
  return new Date().toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/');
}

/** To the file with its level, and to the console without. */
function log(level, message) {
  appendFileSync('log.txt', `${level}: ${message}\n`);
  process.stderr.write(`${message}\n`);
}

/** The flat file of options that YAML makes of them: numbers and truth values. */
function readConfig() {
  const lines = readFileSync('config.yaml', 'utf8').split('\n');
  const pairs = lines.flatMap((line) => {
    const [, key, value] = /^(\w+): *(.*?) *$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value === 'true' ? true : value === 'false' ? false : Number(value)]];
  });
  return { ...CONSTANTS, ...Object.fromEntries(pairs) };
}

async function segmentRow(fields, options, crops) {
  const [red, yellow, blue, green, masks, cropFolder, prefix] = fields.map((field) => field.trim());
  if (fields.length < 7) throw new Error('list index out of range');
  mkdirSync(masks, { recursive: true });
  const [tubules, reticulum, nuclei] = [await readTiff(red), await readTiff(yellow), await readTiff(blue)];
  const { width, height } = nuclei;
  if (tubules.width !== width || reticulum.width !== width) throw new Error('all the input array dimensions must match exactly');
  const { labels, count } = segment(nuclei, OPTIONS, () => {});
  const brightest = tubules.pixels.reduce((most, value) => Math.max(most, value), 1);
  const cells = grow(
    labels,
    width,
    12,
    tubules.pixels.map((value, at) => value + reticulum.pixels[at] > brightest * 0.05),
  );
  await writeLabels(join(masks, `${prefix}nucleimask.png`), labels, width, height);
  await writeLabels(join(masks, `${prefix}cellmask.png`), cells, width, height);
  if (!options.crop_cells) return;
  if (cropFolder === '') throw new Error("[Errno 2] No such file or directory: ''");
  mkdirSync(cropFolder, { recursive: true });
  const channels = [tubules, reticulum, nuclei, await readTiff(green)];
  for (let cell = 1; cell <= count; cell += 1) {
    const box = boxOf(cells, cell, width, height, options.crop_size);
    const base = join(cropFolder, `${prefix}cell${cell}_crop`);
    for (const [at, channel] of channels.entries()) {
      await writeCrop(`${base}_${COLOURS[at]}.png`, channel, box, options.crop_bitdepth);
      if (options.mask_cell) await writeCrop(`${base}_masked_${COLOURS[at]}.png`, channel, box, options.crop_bitdepth, cells, cell);
    }
    if (options.crop_mask) {
      await writeCrop(`${base}_mask.png`, { ...nuclei, pixels: cells.map((label) => (label === cell ? 255 : 0)) }, box, 8);
      await writeCrop(`${base}_nucleimask.png`, { ...nuclei, pixels: labels.map((label) => (label === cell ? 255 : 0)) }, box, 8);
    }
    crops.push([prefix, cell, box.cellLeft, box.cellTop, box.cellRight, box.cellBottom].join(','));
  }
}

async function main() {
  writeFileSync('log.txt', '');
  const options = readConfig();
  log('INFO', `Start: ${now()}`);
  log('INFO', 'Parameters used:');
  log('INFO', JSON.stringify(options));
  log('INFO', '----------');
  for (const name of ['dpn_unet_nuclei_v1.pth', 'dpn_unet_cell_3ch_v1.pth']) readFileSync(join('models', name));
  const crops = [];
  const lines = existsSync('path_list.csv') ? readFileSync('path_list.csv', 'utf8').split('\n') : [];
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    try {
      const fields = line.split(',');
      await segmentRow(fields, options, crops);
      log('INFO', `- Saved results for ${fields[6].trim()}`);
    } catch (error) {
      log('ERROR', `- Failed to process '${line.trim()}': ${error.message}`);
    }
  }
  if (options.crop_cells) writeFileSync('crop_info.csv', `${['id,cell,x1,y1,x2,y2', ...crops].join('\n')}\n`);
  log('INFO', '----------');
  log('INFO', `End: ${now()}`);
}

main().catch((error) => {
  process.stderr.write(
    `Traceback (most recent call last):\n  File "process.py", line 1, in <module>\nFileNotFoundError: ${error.message}\n`,
  );
  process.exitCode = 1;
});
