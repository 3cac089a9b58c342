import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeTiff } from '../../../config/pipelines/nuclei/lib/write-tiff.mjs';
import { writeGrey } from './lib/draw.mjs';
import { imagesOf } from './lib/images.mjs';
import { now, tell } from './lib/log.mjs';
import { float, int, listOf, text, yesNo } from './lib/options.mjs';
import { runStep } from './lib/step.mjs';

const options = {
  preprocess_markers: text(),
  threshold_min: float(0),
  threshold_max: float(100),
  tophat_radius: int(0, true),
  otsu_threshold_levels: text('off'),
  flatten_spots: yesNo(),
  balance_tiles: yesNo(),
  tile_size: int(0),
  light_gradient: int(0),
  stitch_size: int(0),
  exposure: int(100),
};

/**
 * `N` or `N:a:b`; what is no number is a fault of the whole step, before any image. N classes have N - 1 thresholds; a and b are places among
 * them, from 0 and, where they are negative, from behind, as Python counts.
 */
function otsuLevels(value) {
  if (value === 'off') return null;
  const [count, lower = 0, upper = count - 1] = value.split(':').map(Number);
  if (value === '' || Number.isNaN(count)) throw new TypeError(`invalid literal for int() with base 10: '${value}'`);
  return { thresholds: (count === 0 ? 3 : count) - 1, lower, upper };
}

function at({ thresholds }, index) {
  if (index >= thresholds || index < -thresholds)
    throw new RangeError(`index ${index} is out of bounds for axis 0 with size ${thresholds}`);
}

async function cleanUp(data, marker, image, { threshold_min: least, threshold_max: most, exposure, flatten_spots: flatten }, levels) {
  if (levels) at(levels, levels.lower);
  if (levels && flatten === 'yes') at(levels, levels.upper);
  const brightest = image.pixels.reduce((top, value) => Math.max(top, value), 1);
  const share = image.pixels.map((value) => value / brightest);
  const cleaned = share.map((value) => (value < least / 100 || value > most / 100 ? 0 : Math.min(1, (value * exposure) / 100)));
  await writeTiff(
    join(data, 'preprocessed', `${marker}.tif`),
    Uint16Array.from(cleaned, (value) => value * 65_535),
    image.width,
    image.height,
  );
  if (least > 0) {
    const dropped = share.map((value) => (value < least / 100 ? value * 255 : 0));
    await writeGrey(join(data, 'preprocessed', `${marker}_threshold_bottom.jpg`), dropped, image.width, image.height);
  }
}

await runStep(
  { script: 'preprocessing.py', title: 'preprocessing', settings: 'preprocessing', options, fallback: './data' },
  async (given) => {
    const levels = otsuLevels(given.otsu_threshold_levels);
    mkdirSync(join(given.data, 'preprocessed'), { recursive: true });
    for (const [marker, image] of await imagesOf(given.data, listOf(given.preprocess_markers))) {
      try {
        await cleanUp(given.data, marker, image, given, levels);
        tell(`Preprocessed image ${image.name} =`, now());
      } catch (error) {
        // An image that fails does not fail the step.
        tell(`Could not read image ${join(given.data, image.name)}`);
        tell(` ${error.message}`);
      }
    }
  },
);
