import { pastedRows } from '../../browser/form/pasted-rows';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import type { Row } from '../../common/pipelines/rich-parameters';
import type { SubmittedForm } from '../http/form';
import { FIELD_PREFIX } from './field-prefix';

type Table = Extract<Parameter, { type: 'table' }>;

const CELL = /^([A-Za-z_]\w*)\.(\d{1,6})\.([A-Za-z_]\w*)$/;
/** Rows from that number on, as one text: `RowsText`. */
const ROWS = /^([A-Za-z_]\w*)\.(\d{1,6})$/;
/** More lines of one text are no table that anybody may send. */
const MOST_LINES = 10_000;

/** Values by parameter name out of a form; rows of tables in the order of their numbers, those without anything too. */
export function enteredIn(form: SubmittedForm, { parameters }: Pick<Manifest, 'parameters'>): Entered {
  const entered: Entered = Object.create(null) as Entered;
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const tables = new Map<string, Map<number, Row>>();
  for (const [field, value] of Object.entries(form ?? {})) {
    if (!field.startsWith(FIELD_PREFIX)) continue;
    const name = field.slice(FIELD_PREFIX.length);
    const texts = (Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => (typeof item === 'string' ? item : ''));
    const [, table = '', row = '', column = ''] = CELL.exec(name) ?? ROWS.exec(name) ?? [];
    const described = known.get(table);
    if (described?.type === 'table' && column === '') setRows(tables, described, Number(row), texts.join('\n'));
    else if (described?.type === 'table') setCell(tables, table, Number(row), column, texts);
    else entered[name] = entryOf(known.get(name)?.type, texts);
  }
  for (const [table, rows] of tables) {
    entered[table] = [...rows].sort(([one], [other]) => one - other).map(([, row]) => row);
  }
  // A table whose last row was removed sends nothing, and has no rows.
  for (const { name, type } of parameters) if (type === 'table') entered[name] ??= [];
  return entered;
}

function entryOf(type: string | undefined, texts: readonly string[]): string | string[] {
  if (type === 'files' || type === 'choices' || type === 'pick') return texts.filter((text) => text !== '');
  // A box to tick sends its hidden "false" first.
  return texts.at(-1) ?? '';
}

function setCell(tables: Map<string, Map<number, Row>>, table: string, index: number, column: string, texts: string[]): void {
  const rows = tables.get(table) ?? new Map<number, Row>();
  const row = rows.get(index) ?? (Object.create(null) as Row);
  row[column] = texts;
  rows.set(index, row);
  tables.set(table, rows);
}

/** Cells beyond the last column are left out, as where rows are pasted. */
function setRows(tables: Map<string, Map<number, Row>>, { name, columns }: Table, first: number, text: string): void {
  for (const [index, cells] of pastedRows(text).slice(0, MOST_LINES).entries()) {
    for (const [place, column] of columns.entries()) setCell(tables, name, first + index / MOST_LINES, column.name, [cells[place] ?? '']);
  }
}
