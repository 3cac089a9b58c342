import { isBlankRow, itemsIn } from '../../browser/conditions/several';
import type { Manifest, Parameter } from './manifest';
import type { Entered } from './parameters';
import type { Column, RichParameter, Row } from './rich-parameters';
import type { Surroundings } from './surroundings';

type Rich = Extract<Parameter, { type: RichParameter['type'] }>;
export type EnteredValue = Entered[string];

const RICH = new Set<string>(['choices', 'list', 'pick', 'table', 'run', 'constant'] satisfies RichParameter['type'][]);

export function isRich(parameter: Parameter): parameter is Rich {
  return RICH.has(parameter.type);
}

/** What a field holds before anybody touched it. */
export function richDefault(parameter: Rich): EnteredValue {
  switch (parameter.type) {
    case 'choices':
      return [...parameter.default];
    case 'list':
      return parameter.default.join(', ');
    case 'pick':
      return parameter.many ? [...parameter.default] : (parameter.default[0] ?? '');
    case 'table':
      return [];
    case 'run':
      return '';
    case 'constant':
      return parameter.default;
  }
}

/** @param given text as forms send it, or lists and objects as an API may. */
export function richEntered(parameter: Rich, given: unknown): EnteredValue {
  if (parameter.type === 'table') return rowsEntered(parameter.columns, given);
  const texts = textsOf(given).filter((text) => text !== '');
  if (parameter.type === 'choices' || (parameter.type === 'pick' && parameter.many)) return texts;
  if (parameter.type === 'list' && Array.isArray(given)) return texts;
  return texts.at(-1) ?? '';
}

export function textsOf(given: unknown): string[] {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  return list.map((item) => (typeof item === 'string' ? item : typeof item === 'number' || typeof item === 'boolean' ? String(item) : ''));
}

function rowsEntered(columns: readonly Column[], given: unknown): Row[] {
  const rows = Array.isArray(given) ? (given as unknown[]) : [];
  return rows.filter((row) => typeof row === 'object' && row !== null).map((row) => rowEntered(columns, row as Record<string, unknown>));
}

/** Cells of columns that there are not stay for the check to name. A box sends its hidden "false" first. */
function rowEntered(columns: readonly Column[], given: Record<string, unknown>): Row {
  const row: Row = Object.create(null) as Row;
  for (const [name, cell] of Object.entries(given)) {
    const column = columns.find((one) => one.name === name);
    const texts = textsOf(cell);
    row[name] = column?.type === 'pick' && column.many ? texts.filter((text) => text !== '') : (texts.at(-1) ?? '');
  }
  return row;
}

/**
 * Puts what was typed or pasted into its form: the names in the text of a pick, the references of files that were named in tables.
 * Rows in which nothing is entered are dropped.
 */
export async function settleEntries({ parameters }: Pick<Manifest, 'parameters'>, entered: Entered, around: Surroundings): Promise<void> {
  for (const parameter of parameters) {
    const entry = entered[parameter.name] ?? '';
    if (parameter.type === 'pick' && parameter.many) entered[parameter.name] = await namesIn(parameter, entry, entered, around);
    if (parameter.type !== 'table' || typeof entry === 'string') continue;
    const rows = entry.filter((row): row is Row => typeof row !== 'string' && !isBlankRow(parameter.columns, row));
    for (const row of rows) await settleRow(parameter.columns, row, entered, around);
    entered[parameter.name] = rows;
  }
}

async function settleRow(columns: readonly Column[], row: Row, entered: Entered, around: Surroundings): Promise<void> {
  for (const column of columns) {
    const cell = Object.hasOwn(row, column.name) ? row[column.name] : '';
    if (column.type === 'pick' && column.many) row[column.name] = await namesIn(column, cell, entered, around);
    else if (column.type === 'file' && typeof cell === 'string' && cell !== '') row[column.name] = await around.reference(cell.trim());
  }
}

async function namesIn(pick: { from: string }, entry: EnteredValue, entered: Entered, around: Surroundings): Promise<string[]> {
  const texts = [entry].flat().filter((text) => typeof text === 'string');
  if (!texts.some((text) => text.includes(','))) return pickedNames(texts, new Set());
  const known = await around.names(pick.from, entered);
  return pickedNames(texts, 'names' in known ? known.names : new Set());
}

/** Names as they were ticked or typed: a whole line where it is a name, since names may hold commas; else what stands between commas. */
export function pickedNames(texts: readonly string[], known: ReadonlySet<string>): string[] {
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).map((line) => line.trim());
  return lines.flatMap((line) => (known.has(line) ? [line] : itemsIn(line)));
}
