import { asYesNo } from '../../../browser/conditions/entries';
import { itemsIn } from '../../../browser/conditions/several';
import { text } from '../../../locales/text';
import type { Parameter } from '../manifest';
import { pickedNames } from '../rich-entries';
import { matchesNamePattern } from './name-pattern';
import { numberRange } from './number-range';

/** One parameter that takes several values, and those values as a form would send them; items of a set stand on lines of their own. */
export interface SweepAxis {
  parameter: string;
  values: string[];
}

export type ReadAxis = { axis: SweepAxis } | { fault: string };

type Values = { values: string[] } | { fault: string };

/** A file that a form offers: see `InputFiles`. */
export interface OfferedFile {
  reference: string;
  /** Last part of its path. */
  name: string;
  /** Its path. */
  label: string;
}

/** What patterns are looked for among. */
export interface Offered {
  files: readonly OfferedFile[];
  /** Whether these are all files that there are. */
  isComplete: boolean;
  /** What a pick takes; empty where nobody knows. */
  names: ReadonlySet<string>;
}

/** Values of one axis; the number of runs has a limit of its own. */
export const MOST_VALUES = 1000;
/** Tables and texts of several lines have line ends within one value; outputs lie in folders of their own anyway. */
const ONE_FOR_ALL = new Set<Parameter['type']>(['text', 'table', 'output', 'constant']);

/** Whether a parameter can take several values: one of them makes one run. */
export function isSweepable({ type }: Pick<Parameter, 'type'>): boolean {
  return !ONE_FOR_ALL.has(type);
}

/** Whether a value of a parameter is a set, of which one run gets all. */
export function takesSets(parameter: Parameter): boolean {
  return parameter.type === 'list' || parameter.type === 'choices' || (parameter.type === 'pick' && parameter.many);
}

/** The items of one set. */
export function itemsOfSet(value: string): string[] {
  return value.split('\n');
}

/** A set as it is typed into one line: see `setIn`. */
export function writtenSet(value: string): string {
  const items = itemsOfSet(value);
  return items.length > 1 && items.some((item) => item.includes(',')) ? items.join('; ') : items.join(', ');
}

/**
 * Reads what somebody typed for several values: one a line, or separated by commas; for numbers ranges as well (`numberRange`), for choices,
 * names and booleans `*` for all, for files and names patterns such as `*.tif`. Where a value is a set, each line is one.
 */
export function readAxis(parameter: Parameter, entered: string, offered: Offered): ReadAxis {
  const items = split(parameter, entered, offered.names);
  if (items.length === 0) return { fault: text('sweep.noValues', { label: parameter.label }) };
  const values: string[] = [];
  for (const item of items) {
    const found = valuesOf(parameter, item, offered);
    if ('fault' in found) return found;
    values.push(...found.values);
    if (values.length > MOST_VALUES) return { fault: text('sweep.tooManyValues', { entry: parameter.label, most: MOST_VALUES }) };
  }
  return { axis: { parameter: parameter.name, values } };
}

/** A value that holds a comma stands on a line of its own, with another line, or is a name of which that is known. */
function split(parameter: Parameter, entered: string, names: ReadonlySet<string>): string[] {
  const lines = entered.split(/\r\n|\r|\n/);
  const filled = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (takesSets(parameter)) return filled;
  const areWhole = parameter.type !== 'pick' || parameter.allowOther;
  if (lines.length > 1 && areWhole) return filled;
  return pickedNames(filled, names);
}

function valuesOf(parameter: Parameter, item: string, offered: Offered): Values {
  switch (parameter.type) {
    case 'integer':
    case 'number':
      return numberRange(item, parameter.type, MOST_VALUES) ?? { values: [item] };
    case 'boolean':
      return { values: item === '*' ? ['true', 'false'] : [String(asYesNo(item) ?? item)] };
    case 'choice':
      return { values: item === '*' ? valuesAmong(parameter.options) : [choiceOf(parameter.options, item)] };
    case 'file':
    case 'files':
      return filesOf(item, offered);
    case 'pick':
      return parameter.many ? setsOf(item, offered.names, (name) => name) : namesOf(item, offered.names);
    case 'choices':
      return setsOf(item, new Set(valuesAmong(parameter.options)), (word) => choiceOf(parameter.options, word));
    case 'list':
      return { values: [itemsIn(item).join('\n')] };
    case 'run':
      return { values: [item.replace(/^#/, '')] };
    case 'string':
    case 'text':
    case 'output':
    case 'table':
    case 'constant':
      return { values: [item] };
  }
}

interface Option {
  value: string;
  label: string;
}

function valuesAmong(options: readonly Option[]): string[] {
  return options.map(({ value }) => value);
}

/** People type what they see; a value itself goes first. */
function choiceOf(options: readonly Option[], item: string): string {
  if (options.some(({ value }) => value === item)) return item;
  return options.find(({ label }) => label.toLowerCase() === item.toLowerCase())?.value ?? item;
}

/** What a line says of a set: one name as a whole, else what stands between semicolons, else between commas. `*` is a set of each by itself. */
function setsOf(line: string, known: ReadonlySet<string>, meant: (word: string) => string): Values {
  if (line === '*') return known.size === 0 ? { fault: text('sweep.nothingListed') } : { values: [...known] };
  const isOne = known.has(line) || known.has(meant(line));
  const words = isOne ? [line] : line.includes(';') ? line.split(';').map((word) => word.trim()) : itemsIn(line);
  const items = words.filter((word) => word !== '').map(meant);
  return { values: items.length === 0 ? [] : [items.join('\n')] };
}

function namesOf(item: string, names: ReadonlySet<string>): Values {
  if (names.has(item) || !/[*?]/.test(item)) return { values: [item] };
  const found = item === '*' ? [...names] : [...names].filter((name) => matchesNamePattern(item, name));
  return found.length === 0 ? { fault: text('sweep.noSuchName', { item }) } : { values: found };
}

/** A pattern without a folder looks at names, wherever they are. */
function filesOf(item: string, { files, isComplete }: Offered): Values {
  const exact = files.find(({ reference, label }) => reference === item || label === item);
  if (exact) return { values: [exact.reference] };
  if (!isComplete && /[*?]/.test(item)) return { fault: text('sweep.tooManyFiles', { item, most: files.length }) };
  const found = files.filter(({ label, name }) => matchesNamePattern(item, item.includes('/') ? label : name));
  if (found.length === 0) return { fault: text('sweep.noSuchFile', { item }) };
  return { values: found.map(({ reference }) => reference) };
}
