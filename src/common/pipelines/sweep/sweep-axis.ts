import { asYesNo } from '../../../browser/conditions/entries';
import { text } from '../../../locales/text';
import type { Parameter } from '../manifest';
import { matchesNamePattern } from './name-pattern';
import { numberRange } from './number-range';

/** One parameter that takes several values, and those values as a form would send them. */
export interface SweepAxis {
  parameter: string;
  values: string[];
}

export type ReadAxis = { axis: SweepAxis } | { fault: string };

/** A file that a form offers: see `InputFiles`. */
export interface OfferedFile {
  reference: string;
  /** Last part of its path. */
  name: string;
  /** Its path. */
  label: string;
}

/** Values of one axis; the number of runs has a limit of its own. */
export const MOST_VALUES = 1000;
const SWEEPABLE = new Set<Parameter['type']>(['string', 'integer', 'number', 'boolean', 'choice', 'file', 'files']);

/** Whether a parameter can take several values: one of them makes one run. */
export function isSweepable({ type }: Pick<Parameter, 'type'>): boolean {
  return SWEEPABLE.has(type);
}

/**
 * Reads what somebody typed for several values: one a line, or separated by commas; for numbers ranges as well (`numberRange`), for choices
 * and booleans `*` for all, for files names and patterns such as `*.tif`. What is said twice counts once.
 * @param files that could be chosen for the parameter.
 */
export function readAxis(parameter: Parameter, entered: string, files: readonly OfferedFile[]): ReadAxis {
  const items = split(entered);
  if (items.length === 0) return { fault: text('sweep.noValues', { label: parameter.label }) };
  const values: string[] = [];
  for (const item of items) {
    const found = valuesOf(parameter, item, files);
    if ('fault' in found) return found;
    values.push(...found.values);
  }
  const different = [...new Set(values)];
  if (different.length > MOST_VALUES) return { fault: text('sweep.tooManyValues', { entry: parameter.label, most: MOST_VALUES }) };
  return { axis: { parameter: parameter.name, values: different } };
}

/** A value that holds a comma stands on a line of its own, with another line. */
function split(entered: string): string[] {
  const lines = entered.replaceAll('\r\n', '\n').split('\n');
  const filled = lines.filter((line) => line.trim() !== '');
  return (lines.length > 1 ? filled : entered.split(',')).map((item) => item.trim()).filter((item) => item !== '');
}

function valuesOf(parameter: Parameter, item: string, files: readonly OfferedFile[]): { values: string[] } | { fault: string } {
  const { type } = parameter;
  if (type === 'integer' || type === 'number') return numberRange(item, type, MOST_VALUES) ?? { values: [item] };
  if (type === 'boolean') return { values: item === '*' ? ['true', 'false'] : [String(asYesNo(item) ?? item)] };
  if (type === 'choice')
    return { values: item === '*' ? parameter.options.map(({ value }) => value) : [choiceOf(parameter.options, item)] };
  return type === 'file' || type === 'files' ? filesOf(item, files) : { values: [item] };
}

/** People type what they see; a value itself goes first. */
function choiceOf(options: readonly { value: string; label: string }[], item: string): string {
  if (options.some(({ value }) => value === item)) return item;
  return options.find(({ label }) => label.toLowerCase() === item.toLowerCase())?.value ?? item;
}

/** A pattern without a folder looks at names, wherever they are. */
function filesOf(item: string, files: readonly OfferedFile[]): { values: string[] } | { fault: string } {
  const exact = files.filter(({ reference, label }) => reference === item || label === item);
  if (exact.length > 0) return { values: exact.slice(0, 1).map(({ reference }) => reference) };
  const found = files.filter(({ label, name }) => matchesNamePattern(item, item.includes('/') ? label : name));
  if (found.length === 0) return { fault: text('sweep.noSuchFile', { item }) };
  return { values: found.map(({ reference }) => reference) };
}
