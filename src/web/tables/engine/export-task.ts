import { CellReader } from './cells';
import { hasDecimalCommas, type Dialect } from './dialect';
import { RowTest, type Filter } from './filters';
import type { RowVisitor, Units } from './scanner';

const PIECE_CHARACTERS = 256 * 1024;
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s?%?$/i;
const NUMBER_WITH_COMMA = /^[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?\s?%?$/i;
const SPECIAL = /[",\r\n]/;
const LINE_END = '\r\n';

/**
 * A cell of a CSV file that a spreadsheet may open: what would be taken for a formula begins with an apostrophe, unless it is a plain
 * number.
 */
export function csvCell(text: string, withCommas = false): string {
  const isFormula = FORMULA.test(text) && !(withCommas ? NUMBER_WITH_COMMA : NUMBER).test(text);
  const safe = isFormula ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Writes rows that pass all filters as CSV, piece by piece. */
export class Exporter implements RowVisitor {
  readonly wanted = null;
  private readonly cells: CellReader;
  private readonly test: RowTest;
  private readonly withCommas: boolean;
  private text = '';
  private row0: string[] = [];

  constructor(
    dialect: Dialect,
    filters: readonly Filter[],
    private readonly write: (bytes: Buffer) => void,
  ) {
    this.cells = new CellReader(dialect);
    this.test = new RowTest(filters, this.cells);
    this.withCommas = hasDecimalCommas(dialect);
  }

  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    this.test.cell(column, units, from, to, isQuoted);
    this.row0.push(csvCell(this.cells.text(units, from, to, isQuoted), this.withCommas));
  }

  row(_start: number, columns: number): boolean {
    if (this.test.end(columns)) this.keep();
    this.row0 = [];
    return false;
  }

  /** The head passes whatever is asked of the rows. */
  keep(): void {
    this.text += this.row0.join(',') + LINE_END;
    this.row0 = [];
    if (this.text.length >= PIECE_CHARACTERS) this.flush();
  }

  flush(): void {
    if (this.text !== '') this.write(Buffer.from(this.text));
    this.text = '';
  }
}
