import { distanceTransform } from './distance.mjs';
import { blur, removeBackground } from './filters.mjs';
import { fillHoles, regions, selectRegions } from './regions.mjs';
import { otsu, rangeOf } from './threshold.mjs';
import { joinParts, peaks, watershed } from './watershed.mjs';

/** How much of its height a dim or a bright place may lose or gain. */
const LEAST_LIGHT = 0.8;
const MOST_LIGHT = 1.15;

/** Two parts are one nucleus when the pass between them is at least this share of the lower peak. */
const NOTCH = 0.95;

/**
 * Finds nuclei: flat background, blur, Otsu, holes filled, touching ones parted, sizes selected.
 * @param {{ pixels: Float32Array, width: number, height: number }} image
 * @param {{ sigma: number, factor: number, minArea: number, maxArea: number, split: boolean, distance: number, background: number, dropEdge: boolean }} options
 * @param {(percent: number, text: string) => void} tell
 * @returns {{ labels: Int32Array, count: number, threshold: number }} labels from 1 in the order of reading.
 */
export function segment({ pixels, width, height }, options, tell) {
  tell(15, 'Smoothing');
  const smooth = blur(removeBackground(pixels, width, height, options.background), width, height, options.sigma);
  tell(30, 'Finding the threshold');
  const threshold = otsu(smooth) * options.factor;
  const mask = new Uint8Array(smooth.length);
  const { most } = rangeOf(smooth);
  // An image of one value has no foreground.
  if (most > 0) for (let at = 0; at < mask.length; at += 1) mask[at] = smooth[at] > threshold ? 1 : 0;
  fillHoles(mask, width, height, options.minArea);
  tell(45, options.split ? 'Separating nuclei that touch' : 'Numbering nuclei');
  const labels = options.split ? split(mask, smooth, width, height, options) : regions(mask, width, height, 1, true).labels;
  tell(65, 'Selecting by size');
  return { ...selectRegions(labels, width, height, options), threshold };
}

/**
 * Nuclei are parted where they are narrow and where they are dim between two bright middles: heights are the distance to the edge,
 * and a place that is darker than its surroundings loses some of its own. Parts between which there is hardly a notch are one nucleus.
 */
function split(mask, smooth, width, height, { distance }) {
  const edge = distanceTransform(mask, width, height);
  const wide = blur(smooth, width, height, distance);
  for (let at = 0; at < edge.length; at += 1) {
    if (mask[at] !== 0) edge[at] *= Math.min(MOST_LIGHT, Math.max(LEAST_LIGHT, smooth[at] / wide[at]));
  }
  const heights = blur(edge, width, height, Math.max(1, distance / 4));
  const parts = watershed(heights, mask, width, height, peaks(heights, mask, width, height, distance));
  return joinParts(parts, heights, width, NOTCH);
}
