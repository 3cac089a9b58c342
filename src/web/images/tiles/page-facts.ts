import { PIXEL_ARRAYS, type PageShape, type PixelArray, type PixelType, type SampleFacts } from '../../../browser/viewer/pyramid';
import { areLabels, labelsOfColours } from '../label-values';

const LOW = 0.01;
const HIGH = 0.998;
const FINE = 65_536;
const BARS = 64;
/** The brightest few pixels may be far off; a slider that reached them could not be moved finely. */
const REACH = 1.6;

export function pixelArray(type: PixelType, bytes: Buffer): PixelArray {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(bytes);
  const kind = PIXEL_ARRAYS[type];
  return new kind(aligned.buffer as ArrayBuffer, aligned.byteOffset, Math.floor(aligned.byteLength / kind.BYTES_PER_ELEMENT));
}

/** What a look at a page tells of its samples. */
export function sampleFacts(values: PixelArray, { samples, type }: Pick<PageShape, 'samples' | 'type'>): SampleFacts[] {
  return Array.from({ length: samples }, (_, sample) => factsOf(values, samples, sample, type));
}

export function looksLikeLabels(values: PixelArray, { samples }: Pick<PageShape, 'samples'>): boolean {
  return samples === 1 ? areLabels(values, false) : labelsOfColours(values, samples, false) !== null;
}

function factsOf(values: PixelArray, samples: number, sample: number, type: PixelType): SampleFacts {
  let least = Infinity;
  let most = -Infinity;
  let count = 0;
  for (let at = sample; at < values.length; at += samples) {
    const value = values[at];
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
    count++;
  }
  if (count === 0) return { least: 0, most: 1, low: 0, high: 1, reach: 1, histogram: Array.from({ length: BARS }, () => 0) };
  const whole = !type.startsWith('float');
  const width = (most - least) / FINE || 1 / FINE;
  const fine = new Uint32Array(FINE + 1);
  for (let at = sample; at < values.length; at += samples) {
    if (Number.isFinite(values[at])) fine[Math.floor((values[at] - least) / width)]++;
  }
  const step = (share: number) => least + width * bucketAt(fine, count * share);
  const low = whole ? Math.floor(step(LOW)) : step(LOW);
  const high = Math.max(whole ? Math.ceil(step(HIGH) + width) : step(HIGH) + width, low + (whole ? 1 : width));
  const reach = Math.max(Math.min(most, high + (high - low) * REACH), high);
  return { least, most, low, high, reach, histogram: bars(values, samples, sample, [least, reach]) };
}

function bars(values: PixelArray, samples: number, sample: number, [least, reach]: [number, number]): number[] {
  const counts = Array.from({ length: BARS }, () => 0);
  const scale = BARS / (reach > least ? reach - least : 1);
  for (let at = sample; at < values.length; at += samples) {
    if (Number.isFinite(values[at])) counts[Math.min(BARS - 1, Math.floor((values[at] - least) * scale))]++;
  }
  return counts;
}

function bucketAt(histogram: Uint32Array, count: number): number {
  let seen = 0;
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    seen += histogram[bucket];
    if (seen >= count) return bucket;
  }
  return histogram.length - 1;
}
