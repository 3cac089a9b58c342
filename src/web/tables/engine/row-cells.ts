import { CellReader } from './cells';
import type { Dialect } from './dialect';
import { TableScanner, type ByteSource, type RowVisitor, type Units } from './scanner';
import type { ColumnRange, RowBlock } from './tasks';

/** Cells of some rows as text, in some columns only. A row may have fewer. */
export class RowCells implements RowVisitor {
  readonly wanted: number[];
  readonly rows: string[][] = [];
  /** The most cells that a row of them has. */
  columns = 0;
  private readonly cells: CellReader;
  private present: string[] = [];

  /** @param most rows. @param longest characters of a cell; what is longer ends with an ellipsis. */
  constructor(
    dialect: Dialect,
    private readonly range: ColumnRange,
    private readonly most: number,
    private readonly longest: number,
  ) {
    this.cells = new CellReader(dialect);
    this.wanted = Array.from({ length: range.to - range.from }, (_, index) => range.from + index);
  }

  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    const text = this.cells.text(units, from, to, isQuoted, this.longest + 1);
    this.present[column - this.range.from] = text.length > this.longest ? `${text.slice(0, this.longest).toWellFormed()}…` : text;
  }

  row(_start: number, columns: number): boolean {
    const { length } = this.wanted;
    this.rows.push(
      Array.from({ length: Math.max(0, Math.min(length, columns - this.range.from)) }, (_, index) => this.present[index] ?? ''),
    );
    this.present = [];
    this.columns = Math.max(this.columns, columns);
    return this.rows.length >= this.most;
  }
}

/** Rows that follow one another, as far as there are so many. */
export function readRows(source: ByteSource, dialect: Dialect, block: RowBlock, range: ColumnRange, longest: number): RowCells {
  const cells = new RowCells(dialect, range, block.count, longest);
  if (block.count > 0) new TableScanner(source, dialect, block).run(cells);
  return cells;
}
