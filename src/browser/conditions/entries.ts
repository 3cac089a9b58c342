import { parseNumber } from '../numbers.js';
import type { Held } from './evaluate.js';
import { filledColumns, isBlankRow, itemsIn, type Cells } from './several.js';

/** What conditions have to know of a field; parameters of manifests fit. */
export interface ConditionField {
  name: string;
  type: string;
  default?: string | number | boolean | readonly string[] | null;
  /** Of an `output`: the ending that its name gets. */
  extension?: string;
  /** Whether it must not stay empty, whatever `requiredWhen` says. */
  required: boolean;
  /** Expressions; see expression.ts. */
  when?: string;
  requiredWhen?: string;
  /** Of a `pick`: whether several names are picked. */
  many?: boolean;
  /** Of a `table`. */
  columns?: readonly { name: string; type: string }[];
}

/** What a field holds: the text in it, what is chosen in it, or the rows of a table. */
export type Entry = string | readonly string[] | readonly Cells[];

const YES = new Set(['true', 'on', 'yes', '1']);
const NO = new Set(['false', 'off', 'no', '0', '']);

/** Nothing is known of a field that does not apply, or that there is not. */
export const NOTHING: Held = { value: null, items: [], count: 0, isEmpty: true };

/** What an entry means for conditions, before anybody has checked it. */
export function heldBy(field: ConditionField, entry: Entry): Held {
  if (field.type === 'table') return rows(field, entry);
  const texts = typeof entry === 'string' ? [entry] : entry.filter((one) => typeof one === 'string');
  if (field.type === 'files') return { ...several(texts), items: [] };
  if (field.type === 'list') return several(typeof entry === 'string' ? itemsIn(entry) : texts);
  if (field.type === 'choices' || (field.type === 'pick' && field.many === true)) return several(texts);
  const text = texts.at(-1) ?? '';
  switch (field.type) {
    case 'file':
    case 'run':
      return { ...several([text]), items: [] };
    case 'constant':
      return textHeld(String(field.default ?? ''));
    case 'integer':
    case 'number':
      return numberHeld(field, field.type, text.trim());
    case 'boolean':
      return { ...NOTHING, value: asYesNo(text) ?? null, isEmpty: false };
    case 'choice':
      return textHeld(text === '' ? String(field.default ?? '') : text);
    case 'output':
      return textHeld(outputName(text, String(field.default ?? ''), field.extension ?? ''));
    default:
      return textHeld(text.replaceAll('\r\n', '\n'));
  }
}

/** `yes`, `true`, `on`, `1` and their opposites in any letters; undefined for another word. */
export function asYesNo(entry: string): boolean | undefined {
  const word = entry.trim().toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
}

/** The name of a file to be written: the one typed, else the default, with the ending that the pipeline writes; '' for none. */
export function outputName(entry: string, standard: string, extension: string): string {
  const typed = entry.trim() === '' ? standard : entry.trim();
  return typed === '' || typed.toLowerCase().endsWith(extension.toLowerCase()) ? typed : typed + extension;
}

function several(texts: readonly string[]): Held {
  const items = texts.filter((one) => one !== '');
  return { value: null, items, count: items.length, isEmpty: items.length === 0 };
}

function rows({ columns = [] }: ConditionField, entry: Entry): Held {
  const all = typeof entry === 'string' ? [] : entry.filter((row) => typeof row !== 'string');
  const count = all.filter((row) => !isBlankRow(columns, row)).length;
  return { ...NOTHING, items: filledColumns(columns, all), count, isEmpty: count === 0 };
}

function numberHeld({ default: standard }: ConditionField, type: 'integer' | 'number', typed: string): Held {
  if (typed !== '') return { ...NOTHING, value: parseNumber(typed, type) ?? null, isEmpty: false };
  return typeof standard === 'number' ? { ...NOTHING, value: standard, isEmpty: false } : NOTHING;
}

function textHeld(value: string): Held {
  return { ...NOTHING, value, isEmpty: value === '' };
}
