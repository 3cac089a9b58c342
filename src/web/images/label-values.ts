/**
 * Numbers of objects are whole, few beside the pixels, and stand in patches: neighbours inside an object are equal, which noise never is.
 * @param hinted whether a name says so already.
 */
export function areLabels(values: ArrayLike<number>, hinted: boolean): boolean {
  let pairs = 0;
  let equal = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (!Number.isInteger(value) || value < 0) return false;
    if (value === 0) continue;
    pairs++;
    if (values[index - 1] === value || values[index + 1] === value) equal++;
  }
  if (pairs === 0 || hinted) return pairs > 0;
  if (equal <= pairs * 0.9) return false;
  const found = new Set<number>();
  let highest = 0;
  for (let index = 0; index < values.length; index++) {
    // Within an object there is nothing new.
    if (values[index] === 0 || values[index] === values[index - 1]) continue;
    found.add(values[index]);
    if (values[index] > highest) highest = values[index];
  }
  return found.size >= 2 && found.size * 8 < pairs && highest <= found.size * 4 + 16;
}

const MOST_LEVELS = 65_536;
/** Share of the pixels that have an equal neighbour, and of the levels whose pixels have. */
const PATCHY = 0.9;

/**
 * Masks that a program saved as red, green and blue of equal values. A grey photograph has equal values as well, so here a name alone does
 * not tell: the pixels of nearly every level have to lie in patches, which those of light, and of the soft edges of drawings, do not.
 * @param values three or more samples for each pixel.
 * @param hinted whether a name says that it is a mask. Without one, its numbers have to be the first ones, without large gaps.
 * @returns the numbers, one for each pixel; null for everything else.
 */
export function labelsOfColours<Values extends PixelValues>(values: Values, samples: number, hinted: boolean): Values | null {
  if (samples < 3) return null;
  for (let at = 0; at < values.length; at += samples) {
    if (values[at] !== values[at + 1] || values[at] !== values[at + 2]) return null;
  }
  const numbers = values.slice(0, values.length / samples) as Values;
  for (let index = 0; index < numbers.length; index++) numbers[index] = values[index * samples];
  return areInPatches(numbers, hinted) ? numbers : null;
}

type PixelValues = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;

function areInPatches(values: PixelValues, hinted: boolean): boolean {
  const levels = new Map<number, { pixels: number; equal: number }>();
  let highest = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (!Number.isInteger(value) || value < 0) return false;
    if (value === 0) continue;
    let level = levels.get(value);
    if (!level) levels.set(value, (level = { pixels: 0, equal: 0 }));
    if (levels.size > MOST_LEVELS) return false;
    level.pixels++;
    if (values[index - 1] === value || values[index + 1] === value) level.equal++;
    if (value > highest) highest = value;
  }
  const all = [...levels.values()];
  // What there is most of may be the empty ground of a photograph.
  const largest = all.reduce<number>((most, { pixels }, index) => (pixels > (all[most]?.pixels ?? -1) ? index : most), -1);
  const others = all.length > 1 ? all.filter((_, index) => index !== largest) : all;
  const pixels = others.reduce((sum, level) => sum + level.pixels, 0);
  const equal = others.reduce((sum, level) => sum + level.equal, 0);
  const patchy = others.filter((level) => level.equal > level.pixels / 2).length;
  if (pixels === 0 || equal <= pixels * PATCHY || patchy < others.length * PATCHY) return false;
  return hinted || (levels.size >= 2 && levels.size * 8 < pixels && highest <= levels.size * 1.25 + 4);
}
