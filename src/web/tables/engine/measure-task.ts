import { barsOf, cloudOf, figuresOf } from './bins';
import { CellReader } from './cells';
import type { Dialect } from './dialect';
import { RowTest, type Filter } from './filters';
import { GrowingFloats } from './growing';
import type { RowVisitor, Units } from './scanner';
import { TooMuch } from './select-task';
import { LONGEST_CELL, MOST_ROWS_IN_MEMORY, type Measures } from './tasks';

const MOST_DISTINCT = 10_000;
const MOST_FREQUENT = 20;

/** The figures of one column, or of two, over the rows that pass all filters. */
export class Measurer implements RowVisitor {
  readonly wanted: number[];
  private readonly cells: CellReader;
  private readonly test: RowTest;
  private readonly texts = new Map<string, number>();
  private readonly xs = new GrowingFloats();
  /** Pairs, for a scatter. */
  private readonly pairX = new GrowingFloats();
  private readonly pairY = new GrowingFloats();
  private readonly counts = { rows: 0, empty: 0, texts: 0, infinite: 0 };
  private hasMoreTexts = false;
  /** Of the present row. */
  private x = NaN;
  private y = NaN;
  private text: string | null = null;

  constructor(
    dialect: Dialect,
    filters: readonly Filter[],
    private readonly columnX: number,
    private readonly columnY: number | null,
  ) {
    this.cells = new CellReader(dialect);
    this.test = new RowTest(filters, this.cells);
    this.wanted = [...this.test.columns, columnX, ...(columnY === null ? [] : [columnY])];
  }

  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    this.test.cell(column, units, from, to, isQuoted);
    if (column !== this.columnX && column !== this.columnY) return;
    const kind = this.cells.kind(units, from, to);
    const value = kind === 'number' ? this.cells.value : NaN;
    if (column === this.columnY) this.y = value;
    if (column !== this.columnX) return;
    this.x = value;
    if (kind === 'text') this.text = this.cells.text(units, from, to, isQuoted, LONGEST_CELL);
  }

  row(_start: number, columns: number): boolean {
    if (this.test.end(columns)) this.count();
    this.x = NaN;
    this.y = NaN;
    this.text = null;
    return false;
  }

  result(): Measures {
    const sorted = this.xs.values().sort();
    const { pairX, pairY, columnY, hasMoreTexts } = this;
    const frequent = [...this.texts].map(([text, count]) => ({ text, count })).sort((one, other) => other.count - one.count);
    return {
      ...this.counts,
      numbers: sorted.length > 0 ? figuresOf(sorted) : null,
      distinctTexts: hasMoreTexts ? null : this.texts.size,
      frequent: hasMoreTexts ? [] : frequent.slice(0, MOST_FREQUENT),
      bars: sorted.length > 0 ? barsOf(sorted) : null,
      cloud: columnY === null ? null : cloudOf(pairX.values(), pairY.values()),
    };
  }

  private count(): void {
    const { counts, x, y } = this;
    counts.rows += 1;
    if (this.text !== null) this.countText(this.text);
    else if (Number.isNaN(x)) counts.empty += 1;
    else if (x - x !== 0) counts.infinite += 1;
    else {
      if (this.xs.length === MOST_ROWS_IN_MEMORY) throw new TooMuch();
      this.xs.push(x);
      if (y - y !== 0) return;
      this.pairX.push(x);
      this.pairY.push(y);
    }
  }

  private countText(text: string): void {
    this.counts.texts += 1;
    const known = this.texts.get(text);
    if (known !== undefined) this.texts.set(text, known + 1);
    else if (this.texts.size < MOST_DISTINCT) this.texts.set(text, 1);
    else this.hasMoreTexts = true;
  }
}
