import { accepts } from '../../common/pipelines/accept';
import type { Parameter } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import { MOST_FAULTS } from '../../common/pipelines/table-fields';
import type { EnteredValue } from '../../common/pipelines/rich-entries';
import type { Column, Row } from '../../common/pipelines/rich-parameters';
import { text } from '../../locales/text';
import { FIELD_PREFIX } from './field-prefix';
import type { FormSurroundings } from './form-surroundings';
import type { NameSearch } from './rich-field.view';
import { tableLines, type RowsText } from './table-lines';

type Table = Extract<Parameter, { type: 'table' }>;

/** How a table of a form is drawn. */
export interface TableView {
  name: string;
  columns: { name: string; label: string; help: string; measure: string; isOptional: boolean }[];
  lines: (RowView | RowsText)[];
  /** One that scripts copy: `NEW_ROW` stands for its number. */
  newRow: RowView;
  /** Names that cells suggest, by the id that they refer to; `search` where there are too many. */
  lists: { id: string; names: string[]; search: NameSearch | null; searchedIn: 'files' | 'sources' }[];
  canFill: boolean;
  maxRows: number;
  /** What filling it from files did; '' for nothing. */
  note: string;
  /** Its rows that cannot be sent as they are; null for none. */
  faulty: FaultyRows | null;
}

/** Rows with something wrong in them. */
export interface FaultyRows {
  label: string;
  /** How many of how many. */
  amount: string;
  /** The first of them, each with its cell that is wrong: by its id on the page as it is drawn, and as scripts find it. */
  rows: { id: string; table: string; place: number; column: string; words: string }[];
  /** '' where all are named. */
  more: string;
  /** What helps. */
  help: string;
}

export interface RowView {
  /** Its place, as people count; '' in the one that is copied. */
  row: string;
  cells: CellView[];
}

export interface CellView {
  kind: 'line' | 'lines' | 'box' | 'choice';
  id: string;
  name: string;
  column: string;
  /** Of its column. */
  heading: string;
  /** With its row. */
  label: string;
  /** Whether it may stay empty. */
  isOptional: boolean;
  value: string;
  checked: boolean;
  options: { value: string; label: string; selected: boolean }[];
  /** Id of the names that it suggests; '' for none. */
  list: string;
  inputMode: 'text' | 'numeric' | 'decimal';
  placeholder: string;
  error: string | undefined;
}

/** Stands for the number of a row in the one that scripts copy. */
export const NEW_ROW = 'new';
const FIRST_ROWS = 3;
/** So many rows are named that something is wrong with. */
const MOST_NAMED = 5;
/** As many names are suggested at once; more are searched for. */
const MOST_SUGGESTED = 300;

export interface TableState {
  entry: EnteredValue;
  entered: Entered;
  /** Sentences by `<row>.<column>`. */
  errors: Readonly<Record<string, string>>;
  /** Empty rows to draw at the end; undefined for as many as fit a fresh or a filled table. */
  blank: number | undefined;
  note: string;
}

export async function tableView(table: Table, state: TableState, around: FormSurroundings): Promise<TableView> {
  const { name, columns, maxRows, minRows, fill } = table;
  const rows = typeof state.entry === 'string' ? [] : state.entry.filter((row): row is Row => typeof row !== 'string');
  const blank = state.blank ?? (rows.length === 0 ? Math.max(minRows, FIRST_ROWS) : 1);
  const total = Math.min(Math.max(maxRows, rows.length), rows.length + blank);
  const lists = await listsFor(table, state.entered, around);
  const shown: RowView[] = [];
  for (let index = 0; index < total; index += 1) shown.push(await rowView(table, rows[index] ?? {}, String(index), state, around));
  return {
    name,
    columns: columns.map((column) => ({
      name: column.name,
      label: column.label,
      help: column.help,
      measure: 'unit' in column ? column.unit : '',
      isOptional: isOptional(column),
    })),
    lines: tableLines(name, shown, rows.length),
    newRow: await rowView(table, {}, NEW_ROW, { ...state, errors: {} }, around),
    lists,
    canFill: fill !== null,
    maxRows,
    note: state.note,
    faulty: faultyRows(table, state.errors, rows.length),
  };
}

/** @param errors by `<row>.<column>`. */
function faultyRows({ name, label }: Table, errors: TableState['errors'], total: number): FaultyRows | null {
  const columns = new Map<number, string>();
  for (const cell of Object.keys(errors)) {
    const [row = '', column = ''] = cell.split('.');
    if (!columns.has(Number(row))) columns.set(Number(row), column);
  }
  const count = columns.size;
  if (count === 0) return null;
  const rows = [...columns].sort(([one], [other]) => one - other).slice(0, MOST_NAMED);
  // No more than these were looked for.
  const isOpen = Object.keys(errors).length >= MOST_FAULTS;
  return {
    label,
    amount: text(isOpen ? 'run.rowsFaultyAtLeast' : 'run.rowsFaulty', { count, total }),
    rows: rows.map(([place, column]) => ({
      id: `p-${name}-${place}-${column}`,
      table: name,
      place,
      column,
      words: text('run.rowNumber', { row: place + 1 }),
    })),
    more: count === rows.length ? '' : text('run.rowsMore', { count: count - rows.length }),
    help: text('run.rowsFaultyHelp', { count }),
  };
}

async function rowView(table: Table, row: Row, index: string, { errors }: TableState, around: FormSurroundings): Promise<RowView> {
  const place = index === NEW_ROW ? '' : String(Number(index) + 1);
  const cells: CellView[] = [];
  for (const column of table.columns) {
    const texts = Object.hasOwn(row, column.name) ? [row[column.name]].flat() : [];
    const shown = column.type === 'file' ? await Promise.all(texts.map((one) => around.shownName(one))) : texts;
    cells.push(cellView(table, column, shown, index, errors[`${index}.${column.name}`]));
  }
  return { row: place, cells };
}

function cellView(table: Table, column: Column, texts: readonly string[], index: string, error: string | undefined): CellView {
  const standard = standardOf(column);
  const value = texts.join('\n');
  return {
    kind: kindOf(column),
    id: `p-${table.name}-${index}-${column.name}`,
    name: `${FIELD_PREFIX}${table.name}.${index}.${column.name}`,
    column: column.name,
    heading: column.label,
    label: index === NEW_ROW ? column.label : text('run.cellLabel', { column: column.label, row: Number(index) + 1 }),
    isOptional: isOptional(column),
    value,
    checked: texts.length === 0 ? standard === 'true' : /^(true|on|yes|1)$/i.test(value.trim()),
    options: optionsOf(column, value, standard),
    list: column.type === 'file' || column.type === 'pick' ? listId(table, column) : '',
    inputMode: column.type === 'integer' ? 'numeric' : column.type === 'number' ? 'decimal' : 'text',
    placeholder: column.placeholder ?? standard,
    error,
  };
}

function isOptional(column: Column): boolean {
  return !column.required && column.type !== 'boolean' && standardOf(column) === '';
}

function standardOf(column: Column): string {
  return 'default' in column && column.default !== null ? String(column.default) : '';
}

function kindOf(column: Column): CellView['kind'] {
  if (column.type === 'boolean') return 'box';
  if (column.type === 'choice') return 'choice';
  return column.type === 'pick' && column.many ? 'lines' : 'line';
}

function optionsOf(column: Column, value: string, standard: string): CellView['options'] {
  if (column.type !== 'choice') return [];
  const label = column.options.find((option) => option.value === standard)?.label ?? '';
  const options = column.options.map((option) => ({ ...option, selected: option.value === value }));
  return [{ value: '', label: label === '' ? '' : text('run.defaultChoice', { label }), selected: value === '' }, ...options];
}

/** Columns that offer the same names share a list. */
function listId({ name }: Table, column: Extract<Column, { type: 'file' | 'pick' }>): string {
  const what = column.type === 'pick' ? `names-${column.from}` : `files${column.accept.join('').replaceAll('.', '-')}`;
  return `p-${name}-${what}`;
}

async function listsFor(table: Table, entered: Entered, around: FormSurroundings): Promise<TableView['lists']> {
  const lists = new Map<string, TableView['lists'][number]>();
  for (const column of table.columns) {
    if (column.type !== 'file' && column.type !== 'pick') continue;
    const id = listId(table, column);
    if (lists.has(id)) continue;
    if (column.type === 'file') {
      const { names, total } = await around.fileNames(({ name }) => accepts(column.accept, name));
      const search = { source: `${table.name}.${column.name}`, runField: '', total, allowOther: false };
      lists.set(id, { id, names, search: total > names.length ? search : null, searchedIn: 'files' });
      continue;
    }
    const source = await around.names(column.from, entered);
    const names = 'names' in source ? [...source.names] : [];
    const search = { source: column.from, runField: around.runFieldOf(column.from), total: names.length, allowOther: column.allowOther };
    lists.set(id, {
      id,
      names: names.slice(0, MOST_SUGGESTED),
      search: names.length > MOST_SUGGESTED || search.runField !== '' ? search : null,
      searchedIn: 'sources',
    });
  }
  return [...lists.values()];
}
