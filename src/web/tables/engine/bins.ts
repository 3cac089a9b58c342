import type { Bars, Cloud, NumberFigures } from './tasks';

const MOST_BARS = 48;
const ACROSS = 96;
const UP = 60;
const STEPS = [1, 2, 5, 10];
/** Of a bar: 0.15 is on the edge of its bar, although a double is a little below it. */
const TOLERANCE = 1e-9;

/** @param sorted finite numbers, at least one. */
export function figuresOf(sorted: Float64Array): NumberFigures {
  const { length } = sorted;
  let sum = 0;
  let distinct = 1;
  for (let index = 0; index < length; index += 1) {
    sum += sorted[index];
    if (index > 0 && sorted[index] !== sorted[index - 1]) distinct += 1;
  }
  const mean = sum / length;
  let squares = 0;
  for (const value of sorted) squares += (value - mean) ** 2;
  return {
    count: length,
    distinct,
    low: sorted[0],
    high: sorted[length - 1],
    mean,
    deviation: length > 1 ? Math.sqrt(squares / (length - 1)) : null,
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)],
    tails: [quantile(sorted, 0.05), quantile(sorted, 0.95)],
  };
}

/** Between the two nearest numbers, as R and NumPy have it. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  return low + (high - low) * (place - below);
}

/** Bars whose edges are round numbers. @param sorted finite numbers, at least one. @returns null where they are too far apart. */
export function barsOf(sorted: Float64Array): Bars | null {
  const low = sorted[0];
  const high = sorted[sorted.length - 1];
  const step = roundStep(low, high);
  const first = Math.floor(low / step) * step;
  const count = Math.max(1, Math.floor((high - first) / step) + 1);
  // Numbers at the ends of what a double holds have no steps between them.
  if (!(count <= MOST_BARS + 2)) return null;
  const counts = Array.from({ length: count }, () => 0);
  for (const value of sorted) counts[Math.min(count - 1, Math.max(0, Math.floor((value - first) / step + TOLERANCE)))] += 1;
  return { low: first, step, counts };
}

function roundStep(low: number, high: number): number {
  if (low === high) return low === 0 ? 1 : 10 ** Math.floor(Math.log10(Math.abs(low)));
  const least = (high - low) / MOST_BARS;
  const power = 10 ** Math.floor(Math.log10(least));
  return (STEPS.find((step) => step * power >= least) ?? 10) * power;
}

/** A scatter as a grid. @param xs,ys as many, all finite. */
export function cloudOf(xs: Float64Array, ys: Float64Array): Cloud | null {
  const [x, y] = [spanOf(xs), spanOf(ys)];
  if (xs.length === 0 || !Number.isFinite(x.high - x.low) || !Number.isFinite(y.high - y.low)) return null;
  const counts = Array.from({ length: ACROSS * UP }, () => 0);
  for (let index = 0; index < xs.length; index += 1) {
    counts[field(ys[index], y, UP) * ACROSS + field(xs[index], x, ACROSS)] += 1;
  }
  return { x, y, across: ACROSS, up: UP, counts, points: xs.length, correlation: correlation(xs, ys) };
}

function field(value: number, { low, high }: { low: number; high: number }, fields: number): number {
  return high > low ? Math.min(fields - 1, Math.floor(((value - low) / (high - low)) * fields)) : fields >> 1;
}

function spanOf(values: Float64Array): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

function correlation(xs: Float64Array, ys: Float64Array): number | null {
  const [meanX, meanY] = [meanOf(xs), meanOf(ys)];
  let [both, squaresX, squaresY] = [0, 0, 0];
  for (let index = 0; index < xs.length; index += 1) {
    const [x, y] = [xs[index] - meanX, ys[index] - meanY];
    both += x * y;
    squaresX += x * x;
    squaresY += y * y;
  }
  const scale = Math.sqrt(squaresX) * Math.sqrt(squaresY);
  return scale > 0 && Number.isFinite(scale) ? Math.max(-1, Math.min(1, both / scale)) : null;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
