/**
 * A program of its own, started by `ImageRenderer` for each picture: reads the image on file handle 3 and writes one that browsers show
 * to handle 4. Whatever a hostile file does to libvips, it does here. It imports next to nothing, so that it starts in a blink.
 * Argument: JSON of `{ most, labels }`. Exit status 0, or 3 where there is no picture to be had, with the reason on standard error.
 */
import { writeSync } from 'node:fs';
import sharp from 'sharp';
import { labelColour } from '../../browser/viewer/blend';
import { areLabels, labelsOfColours } from './label-values';

interface Task {
  /** Longest edge of the result in pixels. */
  most: number;
  /** Whether the name says that the values are numbers of objects rather than brightness. */
  labels: boolean;
}

interface Pixels {
  values: Float32Array;
  width: number;
  height: number;
  channels: number;
}

const INPUT = '/proc/self/fd/3';
const OUTPUT = 4;
const NO_PICTURE = 3;
const SECONDS = 20;
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Tiff', 'Nsgif', 'Heif'];
/** Streamed formats may be large; the others are decoded whole. */
const MOST_TIFF_PIXELS = 4_000_000_000;
const MOST_PIXELS = 268_402_689;
/** A colour image is read once more to see whether it is a mask: no larger than this where its name says nothing, and no longer. */
const MOST_LOOKED_AT = 30_000_000;
const LOOK_SECONDS = 8;
/** An image of 8 bits keeps its brightness, unless next to nothing of it could be seen. */
const DIM = 100;
const LOW = 0.01;
const HIGH = 0.998;
const BUCKETS = 65_536;

async function render(task: Task): Promise<Buffer> {
  const { format, depth, space, channels, width, height } = await open(false).metadata();
  const most = format === 'tiff' ? MOST_TIFF_PIXELS : MOST_PIXELS;
  const deep = depth !== 'uchar';
  if (channels === 1 || (channels === 2 && deep)) return renderGrey(task, most, space === 'grey16', deep);
  // Values of a photograph's format are never exact.
  const mayBeMask = format !== 'jpeg' && (task.labels || width * height <= MOST_LOOKED_AT);
  const labels = mayBeMask ? await readColourLabels(task, most, deep) : null;
  if (labels) return encode(colourLabels(labels.values), { ...labels, channels: 3 });
  return deep ? renderDeepColour(task, most) : renderColour(task, most, format === 'jpeg');
}

/** @param limitInputPixels false where only the head is read. */
function open(limitInputPixels: number | false, seconds = SECONDS): sharp.Sharp {
  return sharp(INPUT, { limitInputPixels, failOn: 'none', page: 0 }).timeout({ seconds });
}

function scaled(image: sharp.Sharp, most: number, nearest: boolean): sharp.Sharp {
  return image.resize(most, most, { fit: 'inside', withoutEnlargement: true, ...(nearest ? { kernel: 'nearest' as const } : {}) });
}

function renderColour(task: Task, most: number, photo: boolean): Promise<Buffer> {
  const image = scaled(open(most).autoOrient(), task.most, task.labels).toColourspace('srgb');
  return (photo ? image.jpeg({ quality: 88 }) : image.png({ compressionLevel: 6 })).toBuffer();
}

async function renderDeepColour(task: Task, most: number): Promise<Buffer> {
  const pixels = await read(scaled(open(most), task.most, false), 'rgb16');
  return encode(stretch(pixels, false), pixels);
}

/** Numbers of objects that stand in all three colours alike; null for everything else, also for what cannot be read that way. */
async function readColourLabels(task: Task, most: number, deep: boolean): Promise<Pixels | null> {
  const image = open(most, LOOK_SECONDS);
  try {
    // Turned as it is when it is drawn as a photograph.
    const exact = await read(scaled(deep ? image : image.autoOrient(), task.most, true), deep ? 'rgb16' : 'srgb');
    const values = labelsOfColours(exact.values, exact.channels, task.labels);
    return values && { ...exact, values, channels: 1 };
  } catch {
    return null;
  }
}

/** One channel: objects in colours where the values are their numbers, else brightness between its outer percentiles. */
async function renderGrey(task: Task, most: number, is16Bit: boolean, deep: boolean): Promise<Buffer> {
  const colours = is16Bit ? 'grey16' : 'b-w';
  const exact = await read(scaled(open(most).extractChannel(0), task.most, true), colours);
  if (areLabels(exact.values, task.labels)) return encode(colourLabels(exact.values), { ...exact, channels: 3 });
  const smooth = await read(scaled(open(most).extractChannel(0), task.most, false), colours);
  return encode(stretch(smooth, !deep), smooth);
}

async function read(image: sharp.Sharp, colours: string): Promise<Pixels> {
  const { data, info } = await image.toColourspace(colours).raw({ depth: 'float' }).toBuffer({ resolveWithObject: true });
  const values = new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  return { values, width: info.width, height: info.height, channels: info.channels };
}

function encode(bytes: Uint8Array, { width, height, channels }: Omit<Pixels, 'values'>): Promise<Buffer> {
  const image = sharp(bytes, { raw: { width, height, channels: channels as 1 | 2 | 3 | 4 } });
  return image
    .toColourspace(channels < 3 ? 'b-w' : 'srgb')
    .png({ compressionLevel: 6 })
    .toBuffer();
}

/** Neighbouring numbers get distant hues; 0 is background. */
function colourLabels(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 3);
  for (let index = 0; index < values.length; index++) {
    if (values[index] !== 0) bytes.set(labelColour(values[index]), index * 3);
  }
  return bytes;
}

/** Brightness from the darkest to the brightest, leaving out a few outliers at both ends; what is no number is black. */
function stretch({ values }: Pixels, is8Bit: boolean): Uint8Array {
  const [least, most] = limits(values);
  const [low, high] = is8Bit && most > DIM ? [0, 255] : [least, most];
  const factor = high > low ? 255 / (high - low) : 0;
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = (values[index] - low) * factor;
    bytes[index] = value > 255 ? 255 : value > 0 ? value : 0;
  }
  return bytes;
}

function limits(values: Float32Array): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
    count++;
  }
  if (count === 0 || most === least) return [0, most > 0 ? most : 1];
  const histogram = new Uint32Array(BUCKETS);
  const width = (most - least) / (BUCKETS - 1);
  for (const value of values) if (Number.isFinite(value)) histogram[Math.floor((value - least) / width)]++;
  const low = least + width * bucketAt(histogram, count * LOW);
  const high = least + width * (bucketAt(histogram, count * HIGH) + 1);
  return [low, Math.max(high, low + width)];
}

function bucketAt(histogram: Uint32Array, count: number): number {
  let seen = 0;
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    seen += histogram[bucket];
    if (seen >= count) return bucket;
  }
  return histogram.length - 1;
}

async function main(): Promise<void> {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}`) });
  const bytes = await render(JSON.parse(process.argv[2] ?? '') as Task);
  for (let written = 0; written < bytes.length;) written += writeSync(OUTPUT, bytes, written);
}

main().catch((error: unknown) => {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = NO_PICTURE;
});
