import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { InputError } from './input-error.mjs';

/** Larger images would need more memory than a shared machine should lend to one run. */
const MOST_PIXELS = 100_000_000;

/** What libvips calls the samples, and the typed array that holds them. */
const SAMPLES = {
  uchar: { depth: 'uchar', array: Uint8Array },
  ushort: { depth: 'ushort', array: Uint16Array },
  float: { depth: 'float', array: Float32Array },
  double: { depth: 'float', array: Float32Array },
};

/** Weights of red, green and blue in brightness, as Rec. 709 has them. */
const BRIGHTNESS = [0.2126, 0.7152, 0.0722];

/**
 * Reads one channel of an image with its full range of values.
 * @param {string} file TIFF, PNG, JPEG or WebP; of several pages the first.
 * @param {'brightness' | '1' | '2' | '3'} channel
 * @returns {Promise<{ pixels: Float32Array, width: number, height: number, depth: string }>} rows from the top.
 * @throws {InputError} with one sentence for people.
 */
export async function readImage(file, channel) {
  const sharp = loadSharp();
  // The size is checked here, with a sentence, before anything is decoded.
  const image = sharp(file, { limitInputPixels: false, page: 0 });
  const { width, height, depth } = await describe(image, file);
  const samples = SAMPLES[depth];
  if (!samples) throw new InputError(`images with ${depth} samples cannot be read. Save it with 8 or 16 bits per channel.`);
  const { data, info } = await decode(image, samples.depth);
  const values = new samples.array(data.buffer, data.byteOffset, width * height * info.channels);
  return { pixels: pickChannel(values, info.channels, channel), width, height, depth };
}

function loadSharp() {
  try {
    return createRequire(import.meta.url)('sharp');
  } catch {
    throw new InputError('the image library is missing. Keep this folder inside the installation, or install "sharp" beside it.');
  }
}

async function describe(image, file) {
  const metadata = await image.metadata().catch(async (error) => {
    const { size } = await stat(file).catch(() => ({ size: null }));
    const reason = size === 0 ? 'it is empty' : firstLine(error);
    throw new InputError(
      `“${basename(file)}” is not an image that can be read (${reason}). Open it in your image program, and save it again.`,
    );
  });
  const { width, height, depth } = metadata;
  if (width * height > MOST_PIXELS) {
    throw new InputError(`the image is too large: ${width} × ${height} pixels, at most ${MOST_PIXELS / 1e6} million in all.`);
  }
  return { width, height, depth };
}

/**
 * Without a colour space of 16 bits libvips would bring everything to 8: values of a 12-bit camera would all become black. The plain
 * word "multiband" keeps channels that are no colours.
 */
async function decode(image, depth) {
  try {
    const wide = depth === 'uchar' ? image : image.toColourspace(depth === 'ushort' ? await wideSpace(image) : 'scrgb');
    return await wide.raw({ depth }).toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new InputError(`the image is damaged or incomplete (${firstLine(error)}).`);
  }
}

async function wideSpace(image) {
  const { channels } = await image.metadata();
  return channels < 3 ? 'grey16' : 'rgb16';
}

function pickChannel(values, channels, channel) {
  const wanted = channel === 'brightness' ? 0 : Number(channel) - 1;
  if (wanted >= channels)
    throw new InputError(`the image has ${channels} ${channels === 1 ? 'channel' : 'channels'}, so there is no channel ${channel}.`);
  const pixels = new Float32Array(values.length / channels);
  const isColour = channel === 'brightness' && channels >= 3;
  for (let at = 0, from = 0; at < pixels.length; at += 1, from += channels) {
    const value = isColour
      ? BRIGHTNESS[0] * values[from] + BRIGHTNESS[1] * values[from + 1] + BRIGHTNESS[2] * values[from + 2]
      : values[from + wanted];
    pixels[at] = Number.isFinite(value) ? value : 0;
  }
  return pixels;
}

function firstLine(error) {
  return String(error.message)
    .split('\n')[0]
    .replace(/^Input file /, '');
}
