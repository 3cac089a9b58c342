import { CellReader } from './cells';
import type { Dialect } from './dialect';
import { GrowingFloats } from './growing';
import type { RowVisitor, Units } from './scanner';
import { MOST_MEASURED, MOST_STEP, type ColumnFigures, type TableIndex } from './tasks';

/** Rows of which every cell is remembered for a while; twice as many at most. */
const SAMPLE = 2048;
const BARS = 18;
/** Places, 8 bytes each, above which fewer rows get one. */
const MANY_PLACES = 256 * 1024;

/** Finds where rows begin, how many there are, and the figures of the first columns. */
export class Indexer implements RowVisitor {
  readonly wanted = Array.from({ length: MOST_MEASURED }, (_, column) => column);
  private readonly places = new GrowingFloats();
  private readonly cells: CellReader;
  private readonly sums = Array.from({ length: MOST_MEASURED }, () => new Sums());
  private rows = 0;
  private columns = 0;
  private step = 1;
  /** One row in so many is sampled. */
  private stride = 1;
  private isSampled = true;

  constructor(
    dialect: Dialect,
    private readonly manyPlaces = MANY_PLACES,
  ) {
    this.cells = new CellReader(dialect);
  }

  cell(column: number, units: Units, from: number, to: number): void {
    const kind = this.cells.kind(units, from, to);
    if (kind === 'empty') return;
    const sums = this.sums[column];
    if (kind === 'text') sums.texts += 1;
    else sums.add(this.cells.value, this.isSampled);
  }

  row(start: number, columns: number): boolean {
    if (this.rows % this.step === 0) this.keepPlace(start);
    this.rows += 1;
    if (columns > this.columns) this.columns = columns;
    if (this.rows === this.stride * SAMPLE * 2) this.thin();
    this.isSampled = this.rows % this.stride === 0;
    return false;
  }

  /** @param end of the file. */
  result(end: number): { index: TableIndex; places: Float64Array } {
    this.places.push(end);
    const figures = this.sums.slice(0, Math.min(this.columns, MOST_MEASURED)).map((sums) => sums.figures());
    return { index: { rows: this.rows, step: this.step, columns: this.columns, figures }, places: this.places.values() };
  }

  private keepPlace(start: number): void {
    if (this.places.length === this.manyPlaces && this.step < MOST_STEP) {
      this.places.thin();
      this.step *= 2;
      if (this.rows % this.step !== 0) return;
    }
    this.places.push(start);
  }

  private thin(): void {
    this.stride *= 2;
    for (const sums of this.sums) sums.thin();
  }
}

/** Running figures of a column, and a sample of its numbers. */
class Sums {
  texts = 0;
  private numbers = 0;
  private finite = 0;
  private sum = 0;
  private low = Infinity;
  private high = -Infinity;
  private sample: number[] = [];

  add(value: number, isSampled: boolean): void {
    this.numbers += 1;
    if (value - value !== 0) return;
    this.finite += 1;
    this.sum += value;
    if (value < this.low) this.low = value;
    if (value > this.high) this.high = value;
    if (isSampled) this.sample.push(value);
  }

  /** Every second one goes; with gaps in a column these are not quite the rows that stay, which does no harm. */
  thin(): void {
    this.sample = this.sample.filter((_, index) => index % 2 === 0);
  }

  figures(): ColumnFigures {
    const { numbers, texts, finite, low, high } = this;
    if (finite === 0) return { numbers, texts, low: null, high: null, mean: null, median: null, isEstimate: false, bars: [] };
    const sorted = Float64Array.from(this.sample).sort();
    const median = sorted.length === 0 ? null : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
    return {
      numbers,
      texts,
      low,
      high,
      mean: this.sum / finite,
      median,
      isEstimate: sorted.length < finite,
      bars: barsOf(sorted, low, high),
    };
  }
}

function barsOf(sample: Float64Array, low: number, high: number): number[] {
  if (sample.length === 0 || !(high - low > 0) || high - low === Infinity) return [];
  const bars = Array.from({ length: BARS }, () => 0);
  for (const value of sample) bars[Math.min(BARS - 1, Math.floor(((value - low) / (high - low)) * BARS))] += 1;
  return bars;
}
