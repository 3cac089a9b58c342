import { text } from '../../locales/text';
import { normaliseEnding } from './accept';
import type { AnnotatedLine } from './annotation-line';
import type { Parameter, ParameterType } from './manifest';
import { MOST_FILES, STRING_LENGTH, TEXT_LENGTH } from './manifest-defaults';
import { nearestName, readableName } from './names';
import { parseNumber } from '../../browser/numbers';

/** The types that one line can describe. */
export const PARAMETER_TYPES = [
  'string',
  'text',
  'integer',
  'number',
  'boolean',
  'choice',
  'file',
  'files',
  'output',
] as const satisfies readonly ParameterType[];

type LineType = (typeof PARAMETER_TYPES)[number];

type Common = Pick<Parameter, 'name' | 'label' | 'help' | 'required' | 'advanced'>;

/** The parameter that an annotated line describes, or the fault as a sentence. */
export function annotatedParameter(line: AnnotatedLine, name: string): Parameter | string {
  const type = typeOf(line);
  if (type === undefined) return unknownType(line.type ?? '');
  const common: Common = {
    name,
    label: readableName(line.name),
    help: line.description,
    required: !line.optional && line.default === undefined,
    advanced: false,
  };
  if (line.default !== undefined && (type === 'file' || type === 'files')) return text('pipelines.fileDefault', { name });
  switch (type) {
    case 'integer':
    case 'number':
      return numberParameter(common, line, type);
    case 'choice':
      return choiceParameter(common, line);
    case 'boolean':
      return booleanParameter(common, line);
    case 'file':
    case 'files':
      return fileParameter(common, line, type);
    case 'output':
      return outputParameter(common, line);
    case 'string':
    case 'text':
      return textParameter(common, line, type);
  }
}

/** ScriptRunner's convention rules where no type is given: names decide. */
function typeOf({ name, type }: AnnotatedLine): LineType | undefined {
  if (type !== undefined) return PARAMETER_TYPES.find((known) => known === type);
  if (name.startsWith('input')) return 'file';
  return name.startsWith('output') ? 'output' : 'string';
}

function unknownType(type: string): string {
  const meant = nearestName(type, PARAMETER_TYPES);
  if (meant) return text('pipelines.unknownTypeMeant', { type, meant });
  return text('pipelines.unknownType', { type, types: PARAMETER_TYPES.join(', ') });
}

function numberParameter(common: Common, line: AnnotatedLine, type: 'integer' | 'number'): Parameter | string {
  const standard = line.default === undefined ? null : parseNumber(line.default, type);
  if (standard === undefined) return text('pipelines.badDefault', { name: common.name, value: line.default ?? '' });
  const range = numberRange(line.range);
  if (!range) return text('pipelines.badRange', { name: common.name, range: line.range ?? '' });
  const { min, max } = range;
  if (standard !== null && ((min !== null && standard < min) || (max !== null && standard > max))) {
    return text('pipelines.defaultOutside', { name: common.name, value: standard });
  }
  return { ...common, type, default: standard, ...range };
}

/** `0..10`, `0..`, `..10`, each with `step 0.5` and a unit after it; a unit alone is taken too. */
function numberRange(range: string | undefined): { min: number | null; max: number | null; step: number | null; unit: string } | undefined {
  const [, low, high] = /^(.*?)\.\.(.*)$/.exec(range ?? '') ?? [];
  if (low === undefined || high === undefined) {
    return /\d/.test(range ?? '') ? undefined : { min: null, max: null, step: null, unit: (range ?? '').trim() };
  }
  const words = high.split(/\s+/).filter(Boolean);
  const most = /^[+.\d-]/.test(words[0] ?? '') ? words.shift() : undefined;
  const stepped = words[0] === 'step' ? words.splice(0, 2)[1] : undefined;
  const bounds = [low.trim() || undefined, most, stepped].map((bound) => (bound === undefined ? null : parseNumber(bound, 'number')));
  const [min, max, step] = bounds;
  if (min === undefined || max === undefined || step === undefined) return undefined;
  if ((min !== null && max !== null && min > max) || (step !== null && step <= 0)) return undefined;
  return { min, max, step, unit: words.join(' ') };
}

function choiceParameter(common: Common, line: AnnotatedLine): Parameter | string {
  const options = (line.range ?? '').split('|').map((option) => option.trim());
  if (options.some((option) => option === '') || new Set(options).size !== options.length) {
    return text('pipelines.badOptions', { name: common.name });
  }
  const standard = line.default ?? '';
  if (standard !== '' && !options.includes(standard)) return text('pipelines.defaultNotOption', { name: common.name, value: standard });
  return { ...common, type: 'choice', default: standard, options: options.map((value) => ({ value, label: value })) };
}

function booleanParameter(common: Common, line: AnnotatedLine): Parameter | string {
  const word = (line.default ?? 'no').toLowerCase();
  if (!/^(true|yes|on|false|no|off)$/.test(word)) return text('pipelines.badDefault', { name: common.name, value: word });
  return { ...common, required: false, type: 'boolean', default: /^(true|yes|on)$/.test(word) };
}

function fileParameter(common: Common, line: AnnotatedLine, type: 'file' | 'files'): Parameter {
  const accept = endings(line.range);
  if (type === 'file') return { ...common, type, accept };
  return { ...common, type, accept, minItems: common.required ? 1 : 0, maxItems: MOST_FILES };
}

function outputParameter(common: Common, line: AnnotatedLine): Parameter | string {
  const extensions = endings(line.range);
  if (extensions.length > 1) return text('pipelines.oneExtension', { name: common.name });
  return { ...common, type: 'output', default: line.default ?? '', extension: extensions[0] ?? '' };
}

function textParameter(common: Common, line: AnnotatedLine, type: 'string' | 'text'): Parameter | string {
  if (line.range !== undefined) return text('pipelines.rangeOfText', { name: common.name });
  const standard = line.default ?? '';
  if (type === 'text') return { ...common, type, default: standard, rows: 5, maxLength: TEXT_LENGTH };
  return { ...common, type, default: standard, pattern: null, patternMessage: null, maxLength: STRING_LENGTH };
}

function endings(range: string | undefined): string[] {
  return (range ?? '')
    .split(/[\s,|]+/)
    .filter(Boolean)
    .map(normaliseEnding);
}
