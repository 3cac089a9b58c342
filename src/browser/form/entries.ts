import type { ConditionField, Entry } from '../conditions/entries.js';
import { linesIn, type Cells } from '../conditions/several.js';

/** What the fields of a form hold, by name, for conditions. */
export function entriesIn(form: HTMLFormElement, fields: readonly ConditionField[]): Record<string, Entry> {
  const data = new FormData(form);
  return Object.fromEntries(fields.map((field) => [field.name, entryOf(field, data)]));
}

function entryOf({ name, type, many }: ConditionField, data: FormData): Entry {
  if (type === 'table') return rowsOf(`p.${name}.`, data);
  const texts = data.getAll(`p.${name}`).filter((value) => typeof value === 'string');
  if (type === 'pick' && many === true) return linesIn(texts);
  return type === 'files' || type === 'choices' ? texts : (texts.at(-1) ?? '');
}

function rowsOf(start: string, data: FormData): Cells[] {
  const rows = new Map<string, Record<string, string>>();
  for (const [name, value] of data) {
    if (!name.startsWith(start) || typeof value !== 'string') continue;
    const [number = '', column = ''] = name.slice(start.length).split('.');
    const row = rows.get(number) ?? {};
    row[column] = value;
    rows.set(number, row);
  }
  return [...rows.values()];
}
