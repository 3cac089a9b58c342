import type { Dialect } from '../dialect';
import { GrowingFloats } from '../growing';
import type { RowVisitor, Units } from '../scanner';
import { CellWords, NUMBER } from './cell-words';
import { NO_ROW, type ColumnComparison, type ColumnPair } from './join-tasks';

/** Differences of a column that are remembered for their median; of more one in two is, then one in four. */
const MOST_DIFFERENCES = 4_000_000;

/** Cells of some columns of the first table, row by row. */
export class StoredColumns implements RowVisitor {
  readonly wanted: number[];
  readonly kinds: Uint8Array;
  /** Two for each cell. */
  readonly words: Uint32Array;
  readonly floats: Float64Array;
  private readonly places: number[] = [];
  private readonly present: CellWords;
  private at = 0;

  constructor(dialect: Dialect, columns: readonly number[], rows: number) {
    this.wanted = [...columns];
    columns.forEach((column, place) => (this.places[column] = place));
    this.kinds = new Uint8Array(rows * columns.length);
    this.floats = new Float64Array(rows * columns.length);
    this.words = new Uint32Array(this.floats.buffer);
    this.present = new CellWords(dialect);
  }

  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    const place = this.places[column];
    if (place === undefined) return;
    this.present.read(units, from, to, isQuoted);
    const at = this.at * this.wanted.length + place;
    this.kinds[at] = this.present.kind;
    this.words[at * 2] = this.present.low;
    this.words[at * 2 + 1] = this.present.high;
  }

  row(): boolean {
    this.at += 1;
    return false;
  }
}

/** Goes through the second table and compares each row that has a mate with it. */
export class ColumnComparer implements RowVisitor {
  readonly wanted: number[];
  private readonly present: CellWords;
  private readonly places: number[] = [];
  private readonly kinds: Uint8Array;
  private readonly floats: Float64Array;
  private readonly words: Uint32Array;
  private readonly sums: ColumnSums[];
  private at = 0;

  /**
   * @param mates rows of the first table by those of the second; `NO_ROW` for none. @param pairs of columns, as `stored` has the first ones.
   * @param onChange hears of each cell that differs, by the row of the first table.
   */
  constructor(
    dialect: Dialect,
    private readonly stored: StoredColumns,
    private readonly mates: Uint32Array,
    pairs: readonly ColumnPair[],
    private readonly onChange: (row: number, place: number, difference: number) => void,
  ) {
    this.wanted = pairs.map(({ second }) => second);
    pairs.forEach(({ second }, place) => (this.places[second] = place));
    this.present = new CellWords(dialect);
    this.kinds = new Uint8Array(pairs.length);
    this.floats = new Float64Array(pairs.length);
    this.words = new Uint32Array(this.floats.buffer);
    this.sums = pairs.map(() => new ColumnSums());
  }

  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    const place = this.places[column];
    if (place === undefined || !this.hasMate()) return;
    this.present.read(units, from, to, isQuoted);
    this.kinds[place] = this.present.kind;
    this.words[place * 2] = this.present.low;
    this.words[place * 2 + 1] = this.present.high;
  }

  row(): boolean {
    if (this.hasMate()) this.compare(this.mates[this.at]);
    this.at += 1;
    return false;
  }

  private hasMate(): boolean {
    return this.at < this.mates.length && this.mates[this.at] !== NO_ROW;
  }

  results(): ColumnComparison[] {
    return this.sums.map((sums) => sums.result());
  }

  private compare(mate: number): void {
    const { length } = this.wanted;
    for (let place = 0; place < length; place += 1) {
      const at = mate * length + place;
      const isSame =
        this.kinds[place] === this.stored.kinds[at] &&
        this.words[place * 2] === this.stored.words[at * 2] &&
        this.words[place * 2 + 1] === this.stored.words[at * 2 + 1];
      const areNumbers = this.kinds[place] === NUMBER && this.stored.kinds[at] === NUMBER;
      const difference = areNumbers ? (isSame ? 0 : this.floats[place] - this.stored.floats[at]) : NaN;
      this.sums[place].add(isSame, difference);
      if (!isSame) this.onChange(mate, place, difference);
    }
    // A shorter row has no cells for the rest.
    this.kinds.fill(0);
    this.words.fill(0);
  }
}

class ColumnSums {
  private equal = 0;
  private changed = 0;
  private numbers = 0;
  private zeros = 0;
  private largest = 0;
  private stride = 1;
  private readonly differences = new GrowingFloats();

  /** @param difference no number where one of them is none, or not finite. */
  add(isSame: boolean, difference: number): void {
    if (isSame) this.equal += 1;
    else this.changed += 1;
    if (difference - difference !== 0) return;
    this.numbers += 1;
    if (difference === 0) this.zeros += 1;
    else this.keep(difference);
  }

  result(): ColumnComparison {
    const { equal, changed, numbers, largest } = this;
    return { equal, changed, numbers, median: numbers === 0 ? null : this.median(), largest: numbers === 0 ? null : largest };
  }

  private keep(difference: number): void {
    if (Math.abs(difference) > Math.abs(this.largest)) this.largest = difference;
    if ((this.numbers - this.zeros) % this.stride !== 0) return;
    this.differences.push(difference);
    if (this.differences.length < MOST_DIFFERENCES) return;
    this.differences.thin();
    this.stride *= 2;
  }

  /** Of all, those without a difference among them. */
  private median(): number {
    const sorted = this.differences.values().sort();
    const zeros = Math.round(this.zeros / this.stride);
    const below = sorted.findIndex((value) => value > 0);
    const negative = below === -1 ? sorted.length : below;
    const at = (place: number): number => {
      if (place < negative) return sorted[place];
      return place < negative + zeros ? 0 : sorted[place - zeros];
    };
    const all = sorted.length + zeros;
    return (at((all - 1) >> 1) + at(all >> 1)) / 2;
  }
}
