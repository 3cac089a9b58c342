/** What server and browser both know of images in tiles. Nothing is imported here, so that a program may read it alone. */

export const TILE = 512;

/** Values of pixels, as they lie in the bytes of a tile. */
export const PIXEL_ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
} as const;

export type PixelType = keyof typeof PIXEL_ARRAYS;
export type PixelArray = InstanceType<(typeof PIXEL_ARRAYS)[PixelType]>;

/** One page of an image, as its tiles have it. */
export interface PageShape {
  width: number;
  height: number;
  /** Values of a pixel, side by side. */
  samples: number;
  type: PixelType;
}

/** Level 0 is the page itself; each further one has half of its edges, and the last fits one tile. */
export function levelCount(width: number, height: number): number {
  return 1 + Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / TILE)));
}

/** Pixels of a level. */
export function levelSize({ width, height }: Pick<PageShape, 'width' | 'height'>, level: number): { width: number; height: number } {
  return { width: Math.ceil(width / 2 ** level), height: Math.ceil(height / 2 ** level) };
}

export function bytesPerTile({ samples, type }: Pick<PageShape, 'samples' | 'type'>): number {
  return TILE * TILE * samples * PIXEL_ARRAYS[type].BYTES_PER_ELEMENT;
}

/** Of one level. */
export function tileGrid(shape: Pick<PageShape, 'width' | 'height'>, level: number): { columns: number; rows: number } {
  const { width, height } = levelSize(shape, level);
  return { columns: Math.ceil(width / TILE), rows: Math.ceil(height / TILE) };
}

/** Brightness of one sample over the whole page, as far as a look at it tells. */
export interface SampleFacts {
  least: number;
  most: number;
  /** Between these lies nearly everything: a good contrast to begin with. */
  low: number;
  high: number;
  /** Pixels by brightness between `least` and `reach`. */
  histogram: number[];
  reach: number;
}

export interface PageFacts extends PageShape {
  sampleFacts: SampleFacts[];
  /** Whether the values look like numbers of objects rather than brightness. */
  labels: boolean;
}

const COLOURS_OF_PIXEL = 3;

/**
 * What is known of a sample. Of the brightest of a pixel's red, green and blue, which nobody measured: that of the brightest of the three,
 * its dark end where all three are dark.
 * @param sample below 0: `BRIGHTEST`. @returns undefined for a page without that sample.
 */
export function rangeOf({ sampleFacts }: Pick<PageFacts, 'sampleFacts'>, sample: number): SampleFacts | undefined {
  if (sample >= 0) return sampleFacts[sample];
  const colours = sampleFacts.slice(0, COLOURS_OF_PIXEL);
  const brightest = colours.sort((one, other) => other.high - one.high).at(0);
  return brightest && { ...brightest, low: Math.max(...colours.map(({ low }) => low)) };
}
