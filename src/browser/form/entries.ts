import type { ConditionField, Entry } from '../conditions/entries.js';
import { linesIn, type Cells } from '../conditions/several.js';
import { pastedRows } from './pasted-rows.js';

/** What the fields of a form hold, by name, for conditions. */
export function entriesIn(form: HTMLFormElement, fields: readonly ConditionField[]): Record<string, Entry> {
  const data = new FormData(form);
  return Object.fromEntries(fields.map((field) => [field.name, entryOf(field, data)]));
}

function entryOf({ name, type, many, columns = [] }: ConditionField, data: FormData): Entry {
  if (type === 'table') return rowsOf(`p.${name}.`, columns, data);
  const texts = data.getAll(`p.${name}`).filter((value) => typeof value === 'string');
  if (type === 'pick' && many === true) return linesIn(texts);
  return type === 'files' || type === 'choices' ? texts : (texts.at(-1) ?? '');
}

function rowsOf(start: string, columns: NonNullable<ConditionField['columns']>, data: FormData): Cells[] {
  const rows = new Map<string, Record<string, string>>();
  for (const [name, value] of data) {
    if (!name.startsWith(start) || typeof value !== 'string') continue;
    const [number = '', column] = name.slice(start.length).split('.');
    if (column !== undefined) rows.set(number, { ...rows.get(number), [column]: value });
    // Rows that no script has drawn yet.
    else for (const [index, cells] of pastedRows(value).entries()) rows.set(`${number}+${index}`, named(columns, cells));
  }
  return [...rows.values()];
}

function named(columns: NonNullable<ConditionField['columns']>, cells: readonly string[]): Record<string, string> {
  return Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? '']));
}
