import { parseNumber } from '../numbers.js';
import type { Held } from './evaluate.js';

/** What conditions have to know of a field; parameters of manifests fit. */
export interface ConditionField {
  name: string;
  type: string;
  default?: string | number | boolean | null;
  /** Of an `output`: the ending that its name gets. */
  extension?: string;
  /** Whether it must not stay empty, whatever `requiredWhen` says. */
  required: boolean;
  /** Expressions; see expression.ts. */
  when?: string;
  requiredWhen?: string;
}

/** What a field holds: the text in it, or the references of the files that are chosen. */
export type Entry = string | readonly string[];

const YES = new Set(['true', 'on', 'yes', '1']);
const NO = new Set(['false', 'off', 'no', '0', '']);

/** Nothing is known of a field that does not apply, or that there is not. */
export const NOTHING: Held = { value: null, count: 0, isEmpty: true };

/** What an entry means for conditions, before anybody has checked it. */
export function heldBy(field: ConditionField, entry: Entry): Held {
  if (field.type === 'files') return files(typeof entry === 'string' ? [entry] : entry);
  const text = typeof entry === 'string' ? entry : (entry.at(-1) ?? '');
  switch (field.type) {
    case 'file':
      return files([text]);
    case 'integer':
    case 'number':
      return numberHeld(field, field.type, text.trim());
    case 'boolean':
      return { value: asYesNo(text) ?? null, count: 0, isEmpty: false };
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

function files(references: readonly string[]): Held {
  const count = references.filter((reference) => reference !== '').length;
  return { value: null, count, isEmpty: count === 0 };
}

function numberHeld({ default: standard }: ConditionField, type: 'integer' | 'number', typed: string): Held {
  if (typed !== '') return { value: parseNumber(typed, type) ?? null, count: 0, isEmpty: false };
  return typeof standard === 'number' ? { value: standard, count: 0, isEmpty: false } : NOTHING;
}

function textHeld(value: string): Held {
  return { value, count: 0, isEmpty: value === '' };
}
