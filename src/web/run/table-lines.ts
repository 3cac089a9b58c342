import { rowsText } from '../../browser/form/pasted-rows';
import { FIELD_PREFIX } from './field-prefix';
import type { RowView } from './table.view';

/** Rows of a long table that are drawn as one text, as a spreadsheet copies them; scripts make rows of it. */
export interface RowsText {
  id: string;
  name: string;
  /** Places of the first and the last, as people count. */
  first: string;
  last: string;
  count: number;
  /** How many columns it stands across. */
  width: number;
  text: string;
}

/** Each row with all its fields is heavy; so many are drawn. */
const FIRST_DRAWN = 20;
/** Fewer stay rows between others. */
const LEAST_TOGETHER = 20;

/**
 * The lines of a table: rows, and texts for those behind the first ones that nothing has to be said of.
 * @param filled how many rows hold something; those behind stay rows.
 */
export function tableLines(table: string, rows: readonly RowView[], filled: number): (RowView | RowsText)[] {
  const lines: (RowView | RowsText)[] = rows.slice(0, FIRST_DRAWN);
  let together: RowView[] = [];
  const flush = () => {
    if (together.length < LEAST_TOGETHER) lines.push(...together);
    else lines.push(textOf(table, together));
    together = [];
  };
  for (const [index, row] of [...rows.entries()].slice(FIRST_DRAWN)) {
    if (index < filled && row.cells.every(({ error }) => error === undefined)) {
      together.push(row);
    } else {
      flush();
      lines.push(row);
    }
  }
  flush();
  return lines;
}

function textOf(table: string, rows: readonly RowView[]): RowsText {
  const first = rows[0]?.row ?? '';
  const index = Number(first) - 1;
  return {
    id: `p-${table}-${index}-rows`,
    name: `${FIELD_PREFIX}${table}.${index}`,
    first,
    last: rows.at(-1)?.row ?? '',
    count: rows.length,
    width: (rows[0]?.cells.length ?? 0) + 1,
    text: rowsText(rows.map(({ cells }) => cells.map(({ kind, checked, value }) => (kind === 'box' ? String(checked) : value)))),
  };
}
