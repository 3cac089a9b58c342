import { asYesNo, outputName } from '../../browser/conditions/entries';
import { isOnStep, parseNumber } from '../../browser/numbers';
import { text } from '../../locales/text';
import { DomainError } from '../errors';
import { newEntryName } from '../files/entry-name';
import type { Parameter } from './manifest';
import { matchesWhole } from './pattern';

/** The outcome for one parameter: a value (undefined: empty), or the sentence beside its field. */
export type Checked = { value: string | boolean | string[] | undefined } | { error: string };

type Of<Type extends Parameter['type']> = Extract<Parameter, { type: Type }>;

/** Linux takes 131,072 bytes for one argument, with its end. */
export const MOST_ARGUMENT_BYTES = 131_071;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a text holds what no program can be given: NUL, or half of a character. */
export function notText(entry: string): boolean {
  return entry.includes('\0') || LONE_SURROGATE.test(entry);
}

/** Text of one or many lines, as typed. */
export function checkString(parameter: Of<'string'> | Of<'text'>, entry: string): Checked {
  if (entry === '') return emptyOr(parameter);
  if (notText(entry)) return { error: text('pipelines.notText') };
  if (entry.length > parameter.maxLength) return { error: text('pipelines.tooLong', { most: parameter.maxLength, length: entry.length }) };
  if (parameter.type === 'string' && parameter.pattern !== null && !matchesWhole(parameter.pattern, entry)) {
    return { error: parameter.patternMessage ?? text('pipelines.noMatch', { pattern: parameter.pattern }) };
  }
  return { value: entry };
}

/** A number within its range and on its steps; passed on as typed. An emptied field means the default, where there is one. */
export function checkNumber(parameter: Of<'integer' | 'number'>, entry: string): Checked {
  const typed = entry.trim();
  if (typed === '') return parameter.default === null ? emptyOr(parameter) : { value: String(parameter.default) };
  const value = parseNumber(typed, parameter.type);
  if (value === undefined) return { error: text(numberFault(parameter.type, typed)) };
  const { min, max, step, zeroMeans } = parameter;
  if (value === 0 && zeroMeans !== undefined) return { value: typed };
  if ((min !== null && value < min) || (max !== null && value > max)) return { error: rangeFault(parameter) };
  if (step !== null && !isOnStep(value, step, min ?? 0)) return { error: text('pipelines.offStep', { step, base: min ?? 0 }) };
  return { value: typed };
}

function numberFault(type: 'integer' | 'number', typed: string) {
  if (type === 'integer') return 'pipelines.notWhole';
  return /^[+-]?\d*,\d+$/.test(typed) ? 'pipelines.decimalComma' : 'pipelines.notNumber';
}

function rangeFault({ min, max, unit, zeroMeans }: Of<'integer' | 'number'>): string {
  const measure = unit === '' ? '' : ` ${unit}`;
  if (zeroMeans !== undefined) return text('pipelines.outOfRangeOrZero', { range: rangeInWords(min, max, measure), zeroMeans });
  return text('pipelines.outOf', { range: rangeInWords(min, max, measure) });
}

function rangeInWords(min: number | null, max: number | null, measure: string): string {
  if (min === null) return text('pipelines.atMost', { max: max ?? 0, measure });
  return max === null ? text('pipelines.atLeast', { min, measure }) : text('pipelines.fromTo', { min, max, measure });
}

export function checkBoolean(entry: string): Checked {
  const value = asYesNo(entry);
  return value === undefined ? { error: text('pipelines.notYesNo') } : { value };
}

/** An emptied choice means the default, where there is one. */
export function checkChoice(parameter: Of<'choice'>, entry: string): Checked {
  if (entry === '') return parameter.default === '' ? emptyOr(parameter, 'pipelines.chooseOne') : { value: parameter.default };
  if (parameter.options.some((option) => option.value === entry)) return { value: entry };
  return { error: text('pipelines.notAnOption') };
}

/** The name of a file to be written: by the rules for new names, with the ending that the pipeline writes. */
export function checkOutput(parameter: Of<'output'>, entry: string): Checked {
  const name = outputName(entry, parameter.default, parameter.extension);
  if (name === '') return emptyOr(parameter);
  try {
    return { value: newEntryName(name).toString('utf8') };
  } catch (error) {
    if (error instanceof DomainError) return { error: error.message };
    throw error;
  }
}

function emptyOr(parameter: Parameter, key: 'pipelines.required' | 'pipelines.chooseOne' = 'pipelines.required'): Checked {
  return parameter.required ? { error: text(key) } : { value: undefined };
}
