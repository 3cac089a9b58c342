import { CellReader, hasDoubledQuotes } from './cells';
import type { Dialect } from './dialect';
import { RowTest, type Filter } from './filters';
import { GrowingFloats, GrowingWords, TextHeap } from './growing';
import { orderOfNumbers, orderOfTexts } from './order';
import type { RowVisitor, Units } from './scanner';
import { LONGEST_CELL, MOST_ROWS_IN_MEMORY, type SortBy, type TableSelection } from './tasks';

/** More rows than can be sorted or measured. */
export class TooMuch extends Error {}

/** Finds the rows that pass all filters, and brings them into an order. */
export class Selector implements RowVisitor {
  readonly wanted: number[];
  private readonly cells: CellReader;
  private readonly test: RowTest;
  private readonly passed = new GrowingWords();
  private readonly sorted: SortedColumn | null;
  private readonly sortColumn: number;
  private row0 = 0;

  constructor(
    dialect: Dialect,
    filters: readonly Filter[],
    private readonly sort: SortBy | null,
  ) {
    this.cells = new CellReader(dialect);
    this.test = new RowTest(filters, this.cells);
    this.sortColumn = sort?.column ?? -1;
    this.sorted = sort && new SortedColumn(this.cells, sort.asText, dialect.encoding === 'utf-8');
    this.wanted = [...this.test.columns, ...(sort ? [sort.column] : [])];
  }

  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    this.test.cell(column, units, from, to, isQuoted);
    if (column === this.sortColumn) this.sorted?.take(units, from, to, isQuoted);
  }

  row(_start: number, columns: number): boolean {
    if (this.test.end(columns)) {
      if (this.passed.length === MOST_ROWS_IN_MEMORY) throw new TooMuch();
      this.sorted?.keep(this.passed.length);
      this.passed.push(this.row0);
    }
    this.sorted?.drop();
    this.row0 += 1;
    return false;
  }

  /** @returns the numbers of the rows in their order. */
  result(): { selection: TableSelection; order: Uint32Array } {
    const rows = this.passed.values();
    if (!this.sorted || !this.sort) return { selection: { rows: rows.length, parts: null }, order: rows };
    const { order, parts } = this.sorted.order(this.sort.descending);
    return { selection: { rows: rows.length, parts }, order: order.map((place) => rows[place]) };
  }
}

/** The cells by which rows are sorted: numbers, then texts, then what is empty, whose place is last in either direction. */
class SortedColumn {
  private readonly numbers = new GrowingFloats();
  private readonly numberRows = new GrowingWords();
  private readonly texts = new TextHeap();
  private readonly textRows = new GrowingWords();
  private readonly emptyRows = new GrowingWords();
  /** Of the present row. */
  private kind: 'empty' | 'number' | 'text' = 'empty';
  private value = 0;
  /** The scan moves on before the row is kept, so the text is copied. */
  private readonly text = new Uint8Array(LONGEST_CELL);
  private length = 0;

  constructor(
    private readonly cells: CellReader,
    private readonly asText: boolean,
    private readonly isUtf8: boolean,
  ) {}

  take(units: Units, from: number, to: number, isQuoted: boolean): void {
    const kind = this.cells.kind(units, from, to);
    this.kind = kind === 'number' && this.asText ? 'text' : kind;
    if (this.kind === 'number') this.value = this.cells.value;
    if (this.kind !== 'text') return;
    if (this.isUtf8 && !(isQuoted && hasDoubledQuotes(units, from, to))) return this.copy(units, from, to);
    const bytes = Buffer.from(this.cells.text(units, from, to, isQuoted, LONGEST_CELL));
    this.copy(bytes, 0, bytes.length);
  }

  private copy(units: ArrayLike<number>, from: number, to: number): void {
    this.length = Math.min(to - from, LONGEST_CELL);
    for (let index = 0; index < this.length; index += 1) this.text[index] = units[from + index];
  }

  /** The row passes; its cell was the last that was taken, or it has none. */
  keep(place: number): void {
    if (this.kind === 'number') {
      this.numbers.push(this.value);
      this.numberRows.push(place);
    } else if (this.kind === 'text') {
      this.texts.push(this.text, 0, this.length);
      this.textRows.push(place);
    } else this.emptyRows.push(place);
  }

  drop(): void {
    this.kind = 'empty';
  }

  order(descending: boolean): { order: Uint32Array; parts: NonNullable<TableSelection['parts']> } {
    const numbers = ordered(orderOfNumbers(directed(this.numbers.values(), descending)), this.numberRows.values());
    const texts = ordered(this.textOrder(descending), this.textRows.values());
    const empty = this.emptyRows.values();
    const order = new Uint32Array(numbers.length + texts.length + empty.length);
    order.set(numbers);
    order.set(texts, numbers.length);
    order.set(empty, numbers.length + texts.length);
    return { order, parts: { numbers: numbers.length, texts: texts.length, empty: empty.length } };
  }

  /** Backwards, but equal ones in the order of the file. */
  private textOrder(descending: boolean): Uint32Array {
    const order = orderOfTexts(this.texts);
    if (!descending) return order;
    order.reverse();
    const { bytes, starts } = this.texts.parts();
    const equal = (one: number, other: number) => Buffer.compare(textAt(bytes, starts, one), textAt(bytes, starts, other)) === 0;
    for (let from = 0; from < order.length;) {
      let to = from + 1;
      // Of equal ones the numbers fall now, so most stretches are seen to end without a look at the texts.
      while (to < order.length && order[to] < order[to - 1] && equal(order[to], order[from])) to += 1;
      order.subarray(from, to).reverse();
      from = to;
    }
    return order;
  }
}

function textAt(bytes: Uint8Array, starts: Uint32Array, text: number): Uint8Array {
  return bytes.subarray(starts[text], starts[text + 1]);
}

function ordered(order: Uint32Array, rows: Uint32Array): Uint32Array {
  return order.map((place) => rows[place]);
}

function directed(values: Float64Array, descending: boolean): Float64Array {
  return descending ? values.map((value) => -value) : values;
}
