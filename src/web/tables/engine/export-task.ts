import { csvCell } from '../../../common/csv-cell';
import { CellReader } from './cells';
import { hasDecimalCommas, type Dialect } from './dialect';
import { RowTest, type Filter } from './filters';
import type { RowVisitor, Units } from './scanner';

/** How a cell of a table is written that leaves as a file. */
export const exportedCell = csvCell;

const PIECE = 256 * 1024;
const COMMA = 0x2c;
const COMMA_BYTES = Buffer.from(',');
const QUOTE = 0x22;
const END = Buffer.from('\r\n');
/** Characters that make a cell one to be looked at: they end it elsewhere, or begin a formula. Some of other scripts begin with 0xef. */
const SPECIAL_UNITS = [COMMA, QUOTE, 0x0d, 0x0a];
const FORMULA_UNITS = [0x3d, 0x2b, 0x2d, 0x40, 0x09, 0xef];

/** Writes rows that pass all filters as CSV, piece by piece. */
export class Exporter implements RowVisitor {
  readonly wanted = null;
  private readonly cells: CellReader;
  private readonly test: RowTest;
  private readonly hasFilters: boolean;
  private readonly withCommas: boolean;
  private readonly isUtf8: boolean;
  private bytes = Buffer.alloc(2 * PIECE);
  private length = 0;
  /** Where the present row begins. */
  private rowStart = 0;

  constructor(
    dialect: Dialect,
    filters: readonly Filter[],
    private readonly write: (bytes: Buffer) => void,
  ) {
    this.cells = new CellReader(dialect);
    this.test = new RowTest(filters, this.cells);
    this.hasFilters = filters.length > 0;
    this.withCommas = hasDecimalCommas(dialect);
    this.isUtf8 = dialect.encoding === 'utf-8';
  }

  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    this.test.cell(column, units, from, to, isQuoted);
    if (column > 0) this.put(COMMA_BYTES);
    if (this.isUtf8 && this.copy(units, from, to)) return;
    this.put(Buffer.from(csvCell(this.cells.text(units, from, to, isQuoted), this.withCommas)));
    // A row without an end goes out in pieces, unless it may be none of them.
    if (!this.hasFilters && this.length > PIECE) this.flush();
  }

  row(_start: number, columns: number): boolean {
    if (this.test.end(columns)) this.keep();
    else this.length = this.rowStart;
    return false;
  }

  /** The head passes whatever is asked of the rows. */
  keep(): void {
    this.put(END);
    this.rowStart = this.length;
    if (this.length > PIECE) this.flush();
  }

  flush(): void {
    if (this.length > 0) this.write(this.bytes.subarray(0, this.length));
    this.length = 0;
    this.rowStart = 0;
  }

  /** Most cells are safe as they are. @returns false, with nothing written, for one that has to be looked at. */
  private copy(units: Units, from: number, to: number): boolean {
    if (from < to && FORMULA_UNITS.includes(units[from])) return false;
    this.makeRoom(to - from);
    let { length } = this;
    const { bytes } = this;
    for (let at = from; at < to; at += 1) {
      const unit = units[at];
      if (unit <= COMMA && SPECIAL_UNITS.includes(unit)) return false;
      bytes[length] = unit;
      length += 1;
    }
    this.length = length;
    if (!this.hasFilters && length > PIECE) this.flush();
    return true;
  }

  private put(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  private makeRoom(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const larger = Buffer.alloc((this.length + bytes) * 2);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
