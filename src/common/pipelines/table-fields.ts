import { text } from '../../locales/text';
import type { Parameter } from './manifest';
import type { Checked } from './plain-fields';
import type { EnteredValue } from './rich-entries';
import { countFault } from './rich-fields';
import type { Column, Row } from './rich-parameters';

type Table = Extract<Parameter, { type: 'table' }>;

/** What is wrong in a table: a sentence for the whole of it, and one by `<row>.<column>` for cells, rows counted from 0. */
export interface TableFault {
  error: string;
  cells?: Record<string, string>;
}

export type CheckCell = (column: Column, entry: string | string[]) => Promise<Checked>;

/** Cells at fault that are looked for; somebody who pastes a wrong column need not wait for the last of them. */
export const MOST_FAULTS = 20;

/** Checks rows in which something is entered. An empty cell means the default of its column. */
export async function checkTable(
  parameter: Table,
  entry: EnteredValue,
  checkCell: CheckCell,
): Promise<{ value: Row[] | undefined } | TableFault> {
  const { columns, required, minRows: minItems, maxRows: maxItems } = parameter;
  const rows = typeof entry === 'string' ? [] : entry.filter((row) => typeof row !== 'string');
  const fault = countFault({ required, minItems, maxItems }, rows.length, 'pipelines.tooFewRows', 'pipelines.tooManyRows');
  if (fault) return { error: fault };
  const strange = rows.flatMap((row) => Object.keys(row)).find((name) => !columns.some((column) => column.name === name));
  if (strange !== undefined) return { error: text('pipelines.unknownColumn', { name: strange.slice(0, 80) }) };
  const cells: Record<string, string> = {};
  const values: Row[] = [];
  for (const [index, row] of rows.entries()) values.push(await checkRow(columns, row, index, cells, checkCell));
  noteTwice(columns, values, cells);
  if (Object.keys(cells).length > 0) return { error: sentenceOf(columns, cells), cells };
  return { value: values.length === 0 ? undefined : values };
}

async function checkRow(
  columns: readonly Column[],
  row: Row,
  index: number,
  cells: Record<string, string>,
  checkCell: CheckCell,
): Promise<Row> {
  const value: Row = {};
  for (const column of columns) {
    if (Object.keys(cells).length >= MOST_FAULTS) break;
    const checked = await checkCell(column, filledIn(column, Object.hasOwn(row, column.name) ? row[column.name] : ''));
    if ('error' in checked) cells[`${index}.${column.name}`] = checked.error;
    else if (checked.value !== undefined) value[column.name] = typeof checked.value === 'boolean' ? String(checked.value) : checked.value;
  }
  return value;
}

function filledIn(column: Column, cell: string | string[]): string | string[] {
  if (cell.length > 0 || !('default' in column) || column.default === null) return cell;
  if (Array.isArray(column.default)) return column.type === 'pick' && column.many ? column.default : (column.default[0] ?? '');
  return String(column.default);
}

function noteTwice(columns: readonly Column[], values: readonly Row[], cells: Record<string, string>): void {
  for (const { name } of columns.filter(({ unique }) => unique === true)) {
    const first = new Map<string, number>();
    for (const [index, row] of values.entries()) {
      const written = row[name] === undefined ? '' : [row[name]].flat().join('\n');
      const before = written === '' ? undefined : first.get(written);
      if (before === undefined) first.set(written, index);
      else if (Object.keys(cells).length < MOST_FAULTS) cells[`${index}.${name}`] ??= text('pipelines.sameInRows', { row: before + 1 });
    }
  }
}

/** The first cell at fault, and how many more there are. */
function sentenceOf(columns: readonly Column[], cells: Record<string, string>): string {
  const [[place, fault], ...more] = Object.entries(cells);
  const [row = '', name = ''] = place.split('.');
  const label = columns.find((column) => column.name === name)?.label ?? name;
  const first = text('pipelines.atCell', { row: Number(row) + 1, column: label, fault });
  return more.length === 0 ? first : `${first} ${text('pipelines.moreCells', { count: more.length })}`;
}
