import type { DraftField, DraftKind } from './draft';
import type { Foreign } from './foreign';
import type { ImportReport } from './import-report';
import { oneLine } from './one-line';

/**
 * What a manifest can say of a field of a draft. This is the only place that knows: where the manifest learns a type, its line here
 * changes, and every import has it.
 */

const MOST_HELP = 2000;
const MOST_LONG_HELP = 8000;
const MOST_LINE = 200;
const MOST_EXAMPLES = 10;

type Mapping = (field: DraftField, report: ImportReport) => Foreign;

const BY_KIND: Record<DraftKind, Mapping> = {
  string: (field) => ({ type: 'string', ...some(field, ['pattern', 'patternMessage', 'maxLength', 'default']) }),
  text: (field) => ({ type: 'text', ...some(field, ['maxLength', 'default']) }),
  integer: (field) => ({ type: 'integer', ...some(field, ['default', 'min', 'max', 'step']) }),
  number: (field) => ({ type: 'number', ...some(field, ['default', 'min', 'max', 'step']) }),
  boolean: (field) => ({ type: 'boolean', ...some(field, ['default']) }),
  choice: (field) => ({ type: 'choice', ...some(field, ['default']), options: optionsOf(field) }),
  choices: (field) => ({ type: 'choices', ...some(field, ['default']), options: optionsOf(field), ...itemCounts(field) }),
  list: (field) => ({
    type: 'list',
    ...(field.items && field.items.kind !== 'string' ? { items: field.items.kind } : {}),
    ...some(field, ['default', 'pattern', 'patternMessage', 'min', 'max']),
    ...itemCounts(field),
    ...(field.items?.unique ? {} : { unique: false }),
  }),
  file: (field) => ({ type: 'file', ...some(field, ['accept']) }),
  files: (field) => ({ type: 'files', ...some(field, ['accept']), ...itemCounts(field) }),
  directory: (field, report) => {
    report.note(
      'weakened',
      field.origin,
      'A folder is entered as its path on the machine of the runner; whether it is there shows when the program starts.',
    );
    return { type: 'string', ...some(field, ['default', 'pattern', 'patternMessage']) };
  },
  output: (field) => ({ type: 'output', ...some(field, ['default', 'extension']) }),
  table: (field, report) => ({
    type: 'table',
    columns: (field.columns ?? []).map((column) => columnOf(column.field, report)),
    ...(field.leastRows === undefined ? {} : { minRows: field.leastRows }),
    ...(field.mostRows === undefined ? {} : { maxRows: field.mostRows }),
  }),
  secret: (field, report) => {
    report.note(
      'weakened',
      field.origin,
      'A secret is typed in clear, kept with the run and shown on its page. Better let the program read it from a file of its own.',
    );
    return { type: 'string', ...some(field, ['pattern', 'patternMessage', 'maxLength']) };
  },
};

/** Kinds whose fields can be empty and show words then. */
const TYPED = new Set<unknown>(['string', 'text', 'integer', 'number', 'list', 'output']);

/** With a default they may be emptied, unless it is said; emptied numbers and menus mean their default. */
const EMPTIED = new Set<unknown>(['string', 'text', 'list', 'choices']);

/** A parameter of `pipeline.yaml`, but for its section. */
export function parameterOf(field: DraftField, report: ImportReport): Foreign {
  const { type, ...rest } = BY_KIND[field.kind](field, report);
  const standard = rest['default'];
  const hasDefault = standard !== undefined && standard !== '' && !(Array.isArray(standard) && standard.length === 0);
  const isOptional = !field.required && !hasDefault && field.requiredWhen === undefined && type !== 'boolean';
  const help = cut(field.help, MOST_HELP, field, report);
  const helpLong = cut(field.helpLong, MOST_LONG_HELP, field, report);
  return {
    name: field.id,
    type,
    ...(field.label ? { label: oneLine(field.label, MOST_LINE) } : {}),
    ...(help ? { help } : {}),
    ...(helpLong ? { helpLong } : {}),
    ...(field.placeholder && TYPED.has(type) ? { placeholder: oneLine(field.placeholder, MOST_LINE) } : {}),
    ...examplesOf(field, report),
    ...(isOptional ? { required: false } : {}),
    ...(field.required && hasDefault && EMPTIED.has(type) ? { required: true } : {}),
    ...rest,
    ...(field.advanced ? { advanced: true } : {}),
    ...some(field, ['when', 'requiredWhen']),
  };
}

/** Types that a column may have; all others are typed as text. */
const COLUMN_KINDS = new Set<DraftKind>(['string', 'integer', 'number', 'boolean', 'choice', 'file']);

function columnOf(field: DraftField, report: ImportReport): Foreign {
  const isText = !COLUMN_KINDS.has(field.kind);
  if (isText) report.note('weakened', field.origin, 'In a table it is typed as text.');
  const { origin, id, required } = field;
  const plain: DraftField = isText ? { origin, id, required, kind: 'string', ...(field.help ? { help: field.help } : {}) } : field;
  const { advanced: _folded, when: _when, requiredWhen: _required, helpLong, ...column } = parameterOf(plain, report);
  const help = [column['help'], helpLong].filter(Boolean).join(' ');
  return {
    ...column,
    ...(help === '' ? {} : { help: oneLine(help, MOST_HELP) }),
    ...(field.unique && column['type'] !== 'boolean' ? { unique: true } : {}),
  };
}

/** Paragraphs stay in long help; help is one. */
function cut(text: string | undefined, most: number, { origin }: DraftField, report: ImportReport): string {
  const whole =
    most === MOST_HELP
      ? oneLine(text ?? '', Infinity)
      : (text ?? '')
          .split(/\n\s*\n/)
          .map((paragraph) => oneLine(paragraph, Infinity))
          .filter(Boolean)
          .join('\n\n');
  if (whole.length > most) report.note('weakened', origin, 'Its help is cut.');
  return whole.length > most ? `${whole.slice(0, most - 2)} …` : whole;
}

function examplesOf({ examples = [], kind, origin }: DraftField, report: ImportReport): Foreign {
  if (examples.length === 0) return {};
  if (examples.length > MOST_EXAMPLES) report.note('weakened', origin, `${MOST_EXAMPLES} of its ${examples.length} examples are shown.`);
  if (kind === 'table') return {};
  return { examples: examples.slice(0, MOST_EXAMPLES) };
}

function optionsOf({ options = [] }: DraftField): unknown[] {
  return options.map(({ value, label }) => (label === undefined || label === value ? value : { value, label: oneLine(label, MOST_LINE) }));
}

function itemCounts({ items }: DraftField): Foreign {
  return {
    ...(items?.least === undefined ? {} : { minItems: items.least }),
    ...(items?.most === undefined ? {} : { maxItems: items.most }),
  };
}

function some(field: DraftField, names: readonly (keyof DraftField)[]): Foreign {
  return Object.fromEntries(names.flatMap((name) => (field[name] === undefined ? [] : [[name, field[name]]])));
}
