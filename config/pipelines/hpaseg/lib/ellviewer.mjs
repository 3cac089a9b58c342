import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSamples, sharp } from './images.mjs';

/** Colour and name of each channel, as the Human Protein Atlas shows them. Names become HTML in EllViewer, so none comes from outside. */
const CHANNELS = {
  red: ['Microtubules', '#ff0000'],
  yellow: ['Endoplasmic reticulum', '#ffff00'],
  blue: ['Nuclei', '#0000ff'],
  green: ['Protein', '#00ff00'],
};
const OUTLINES = {
  cellMask: ['Outlines of cells', '#ffffff', 'cell_outlines'],
  nucleiMask: ['Outlines of nuclei', '#00ffff', 'nuclei_outlines'],
};
/** Brighter than all but these: dust, which would leave the rest dark. */
const BRIGHTEST = 0.999;

/**
 * Writes what EllViewer shows of one field of view: `<prefix>.csv`, and its pictures in `images`, 8 bits and all of one size.
 * @param {string} folder @param row prefix, paths of the images ('' for none) and of the masks.
 */
export async function writeView(folder, { prefix, images, ...masks }) {
  mkdirSync(join(folder, 'images'), { recursive: true });
  const rows = [];
  for (const [channel, [title, colour]] of Object.entries(CHANNELS)) {
    if (images[channel] === '' || !existsSync(images[channel])) continue;
    const name = `${prefix}${channel}.png`;
    await writeGrey(join(folder, 'images', name), stretched(await readSamples(images[channel])));
    rows.push([name, title, '', '1.0', colour, 'visible']);
  }
  for (const [mask, [title, colour, ending]] of Object.entries(OUTLINES)) {
    const name = `${prefix}${ending}.png`;
    await writeGrey(join(folder, 'images', name), outlines(await readSamples(masks[mask])));
    rows.push([name, title, '', '1.0', colour, 'visible']);
  }
  const lines = [['uri', 'name', 'clip', 'transparency', 'color', 'default'], ...rows].map((row) => row.join(','));
  writeFileSync(join(folder, `${prefix.replace(/_$/, '')}.csv`), `${lines.join('\n')}\n`);
}

/** From the darkest to nearly the brightest sample. */
function stretched({ samples, width, height }) {
  const sorted = Float64Array.from(samples).sort();
  const [least, most] = [sorted[0], sorted[Math.floor((sorted.length - 1) * BRIGHTEST)]];
  const scale = most > least ? 255 / (most - least) : 0;
  return { pixels: Uint8Array.from(samples, (sample) => Math.min(255, Math.max(0, (sample - least) * scale))), width, height };
}

/** White where a label ends; everything else black, which EllViewer makes transparent. */
function outlines({ samples, width, height }) {
  const pixels = new Uint8Array(samples.length);
  for (let at = 0; at < samples.length; at += 1) {
    const label = samples[at];
    if (label === 0) continue;
    const x = at % width;
    const isInner = x > 0 && x < width - 1 && at >= width && at < samples.length - width;
    const isSame = isInner && [at - 1, at + 1, at - width, at + width].every((beside) => samples[beside] === label);
    if (!isSame) pixels[at] = 255;
  }
  return { pixels, width, height };
}

async function writeGrey(file, { pixels, width, height }) {
  await sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toFile(file);
}
