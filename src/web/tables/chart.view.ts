import { text } from '../../locales/text';
import type { Bars, Cloud, Measures } from './engine/tasks';
import { shownNumber } from './shown-number';

/** A histogram in a box of `ACROSS` by `UP` that is stretched to its place. */
export interface HistogramView {
  bars: { x: string; width: string; y: string; height: string; from: string; to: string; count: number; filter: string }[];
  low: string;
  high: string;
  most: string;
  /** Where the median stands; null beside the bars. */
  median: string | null;
}

/** The most frequent texts, as bars that lie. */
export interface FrequentView {
  text: string;
  count: number;
  /** Of the most frequent one, out of 100. */
  share: number;
  filter: string;
}

/** A scatter: one path for each of the densities, from thin to dense. */
export interface ScatterView {
  across: number;
  up: number;
  /** Whether it is drawn as images are, from above to below. */
  goesDown: boolean;
  levels: { level: number; path: string }[];
  x: { low: string; high: string };
  y: { low: string; high: string };
  points: number;
  /** The most points in one place, and the densities that there are, from thin to dense. */
  most: number;
  key: number[];
  correlation: string | null;
  /** The same in a grid so coarse that it can be read. */
  grid: { heads: string[]; rows: { head: string; counts: number[] }[] };
}

export const ACROSS = 480;
export const UP = 120;
const LEVELS = 7;
const GRID = 8;
const SPARK = { across: 72, up: 20 };

/** The outline of some bars as a path in a box of 72 by 20. */
export function sparkPath(counts: readonly number[]): string {
  const most = Math.max(...counts);
  if (counts.length === 0 || most === 0) return '';
  const width = SPARK.across / counts.length;
  return counts
    .map((count, index) => {
      const height = (count / most) * SPARK.up;
      return count === 0 ? '' : `M${round(index * width)} ${SPARK.up}v-${round(Math.max(0.5, height))}h${round(width - 1)}V${SPARK.up}z`;
    })
    .join('');
}

export function histogramView(bars: Bars, numbers: NonNullable<Measures['numbers']>): HistogramView {
  const { low, step, counts } = bars;
  const most = Math.max(...counts);
  const width = ACROSS / counts.length;
  const high = low + step * counts.length;
  const edge = (index: number) => tidy(low + step * index, step);
  return {
    bars: counts.map((count, index) => {
      const height = count === 0 ? 0 : Math.max(1, (count / most) * UP);
      return {
        x: round(index * width),
        width: round(Math.max(1, width - 1)),
        y: round(UP - height),
        height: round(height),
        from: shownNumber(edge(index)),
        to: shownNumber(edge(index + 1)),
        count,
        filter: `${edge(index)}..${edge(index + 1)}`,
      };
    }),
    low: shownNumber(tidy(low, step)),
    high: shownNumber(tidy(high, step)),
    most: shownNumber(most),
    median: high > low ? round(((numbers.quartiles[1] - low) / (high - low)) * ACROSS) : null,
  };
}

export function frequentView(frequent: Measures['frequent']): FrequentView[] {
  const most = frequent[0]?.count ?? 1;
  return frequent.map((one) => ({ ...one, share: (one.count / most) * 100, filter: `= ${one.text}` }));
}

/** Whether two columns are places in an image, whose rows are counted from above. */
export function arePlaces(across: string, up: string): boolean {
  const pattern = /(?<![a-z])x(?![a-z])/i;
  return pattern.test(across) && across.replace(pattern, 'y').toLowerCase() === up.toLowerCase();
}

/** @returns 0 to `LEVELS` - 1, the densest; -1 for none. A few numbers have a shade each, so that the key tells them apart. */
function densityOf(count: number, most: number): number {
  if (count === 0) return -1;
  if (most <= LEVELS) return LEVELS - most + count - 1;
  return Math.min(LEVELS - 1, Math.floor((Math.log1p(count) / Math.log1p(most)) * LEVELS));
}

/** @param goesDown whether small values of y are drawn above. */
export function scatterView({ across, up, counts, x, y, points, correlation }: Cloud, goesDown: boolean): ScatterView {
  const most = Math.max(...counts);
  const levelOf = (index: number) => densityOf(counts[index], most);
  const lineOf = (row: number) => (goesDown ? row : up - 1 - row);
  const paths = Array.from({ length: LEVELS }, () => '');
  for (let index = 0; index < counts.length;) {
    const level = levelOf(index);
    // Neighbours of one density are one piece, so that a full scatter stays small.
    let width = 1;
    while ((index + width) % across !== 0 && levelOf(index + width) === level) width += 1;
    if (level >= 0) paths[level] += `M${index % across} ${lineOf(Math.floor(index / across))}h${width}v1h-${width}z`;
    index += width;
  }
  return {
    across,
    up,
    goesDown,
    levels: paths.flatMap((path, index) => (path === '' ? [] : [{ level: index + 1, path }])),
    x: { low: shownNumber(x.low), high: shownNumber(x.high) },
    y: { low: shownNumber(y.low), high: shownNumber(y.high) },
    points,
    most,
    key: Array.from({ length: LEVELS }, (_, index) => index + 1).slice(Math.max(0, densityOf(1, most))),
    correlation: correlation === null ? null : correlation.toFixed(3).replace('-', '−'),
    grid: gridOf({ across, up, counts, x, y }, goesDown),
  };
}

function gridOf({ across, up, counts, x, y }: Pick<Cloud, 'across' | 'up' | 'counts' | 'x' | 'y'>, goesDown: boolean): ScatterView['grid'] {
  const sums = Array.from({ length: GRID }, () => Array.from({ length: GRID }, () => 0));
  for (const [index, count] of counts.entries()) {
    const row = Math.floor((Math.floor(index / across) / up) * GRID);
    sums[row][Math.floor(((index % across) / across) * GRID)] += count;
  }
  const head = ({ low, high }: { low: number; high: number }, index: number) =>
    text('tables.fromOn', { from: shownNumber(low + ((high - low) / GRID) * index) });
  const rows = sums.map((counts, index) => ({ head: head(y, index), counts }));
  return {
    heads: sums.map((_, index) => head(x, index)),
    rows: goesDown ? rows : rows.toReversed(),
  };
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Sums of steps such as 0.1 have a tail that nobody means. */
function tidy(value: number, step: number): number {
  const digits = Math.max(0, Math.min(20, 1 - Math.floor(Math.log10(step))));
  return digits > 15 ? value : Number(value.toFixed(digits));
}
