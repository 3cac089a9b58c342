import type { Draft, DraftArgument, DraftField, DraftKind } from './draft';
import type { Foreign } from './foreign';
import type { ImportReport } from './import-report';

/**
 * What a manifest can say of a draft. This is the only place that knows: where the manifest learns a type, its line here changes, and
 * every import has it.
 */

const MOST_HELP = 2000;
const MOST_LINE = 200;

type Mapping = (field: DraftField, report: ImportReport) => Foreign;

const BY_KIND: Record<DraftKind, Mapping> = {
  string: (field) => ({ type: 'string', ...some(field, ['pattern', 'patternMessage', 'maxLength', 'default']) }),
  text: (field) => ({ type: 'text', ...some(field, ['maxLength', 'default']) }),
  integer: (field) => ({ type: 'integer', ...some(field, ['default', 'min', 'max', 'step']) }),
  number: (field) => ({ type: 'number', ...some(field, ['default', 'min', 'max', 'step']) }),
  boolean: (field) => ({ type: 'boolean', ...some(field, ['default']) }),
  choice: (field) => ({ type: 'choice', ...some(field, ['default']), options: optionsOf(field) }),
  choices: severalChoices,
  list: severalValues,
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
  table: (field, report) => {
    const columns = (field.columns ?? []).map(({ name, kind, required }) => `${name} (${kind}${required ? ', required' : ''})`);
    report.note(
      'weakened',
      field.origin,
      `A table is chosen as a file; its content is not checked before the run. Its columns: ${columns.join(', ')}.`,
    );
    return { type: 'file', accept: field.accept ?? ['.csv'] };
  },
  secret: (field, report) => {
    report.note(
      'weakened',
      field.origin,
      'A secret is typed in clear, kept with the run and shown on its page. Better let the program read it from a file of its own.',
    );
    return { type: 'string', ...some(field, ['pattern', 'patternMessage', 'maxLength']) };
  },
};

/** A parameter of `pipeline.yaml`. */
export function parameterOf(field: DraftField, report: ImportReport): Foreign {
  const { type, ...rest } = BY_KIND[field.kind](field, report);
  const hasDefault = rest['default'] !== undefined && rest['default'] !== '';
  const isOptional = !field.required && !hasDefault && field.requiredWhen === undefined && type !== 'boolean';
  const help = helpOf(field, report);
  return {
    name: field.id,
    type,
    ...(field.label ? { label: oneLine(field.label, MOST_LINE) } : {}),
    ...(help ? { help } : {}),
    ...(isOptional ? { required: false } : {}),
    ...rest,
    ...(field.advanced ? { advanced: true } : {}),
    ...some(field, ['when', 'requiredWhen']),
  };
}

function helpOf({ help = '', helpLong = '', origin, columns }: DraftField, report: ImportReport): string {
  const table = columns
    ? `Columns: ${columns.map(({ name, required }) => (required ? name : `${name} (may stay empty)`)).join(', ')}.`
    : '';
  const whole = [help, table, helpLong]
    .map((part) => part.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean)
    .join(' ');
  if (whole.length > MOST_HELP) report.note('weakened', origin, 'Its help is cut.');
  return whole.length > MOST_HELP ? `${whole.slice(0, MOST_HELP - 2)} …` : whole;
}

function severalChoices(field: DraftField, report: ImportReport): Foreign {
  const { many = 'join', separator = ',' } = { many: field.many, separator: field.items?.separator };
  if (many !== 'join') {
    report.note('weakened', field.origin, 'One value can be chosen instead of several.');
    return { type: 'choice', options: optionsOf(field), ...some(field, ['default']) };
  }
  report.note('weakened', field.origin, 'Several values are typed with a separator between them instead of being chosen.');
  const values = (field.options ?? []).map(({ value }) => value);
  const one = `(?:${values.map(escapePattern).join('|')})`;
  const shown = values.slice(0, 12).join(', ') + (values.length > 12 ? ', …' : '');
  return {
    type: 'string',
    ...some(field, ['default']),
    pattern: `${one}(?:${escapePattern(separator)}${one})*`,
    patternMessage: oneLine(`Write some of these, with "${separator}" between them: ${shown}`, MOST_LINE),
  };
}

const ITEM = { string: '', integer: '[+-]?\\d+', number: '[+-]?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?' };

function severalValues(field: DraftField, report: ImportReport): Foreign {
  const { kind, separator, least, most, unique } = field.items ?? { kind: 'string', separator: ',' };
  if (least !== undefined || most !== undefined || unique)
    report.note('weakened', field.origin, 'How many values it takes, or that each comes once, is not checked.');
  if (field.many !== undefined && field.many !== 'join') {
    report.note('weakened', field.origin, 'One value can be entered instead of several.');
    return { type: kind, ...some(field, kind === 'string' ? ['default', 'pattern', 'patternMessage'] : ['default', 'min', 'max']) };
  }
  report.note(
    'weakened',
    field.origin,
    'Several values are typed with a separator between them; their range or form is not checked one by one.',
  );
  if (kind === 'string') return { type: 'string', ...some(field, ['default']) };
  const between = escapePattern(separator);
  return {
    type: 'string',
    ...some(field, ['default']),
    pattern: `${ITEM[kind]}(?:${between}${ITEM[kind]})*`,
    patternMessage: `Write numbers with "${separator}" between them.`,
  };
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

/** One entry of `arguments`. */
export function argumentOf(argument: DraftArgument): unknown {
  if ('literal' in argument) return /\{\w+\}/.test(argument.literal) ? { literal: argument.literal } : argument.literal;
  if ('boolean' in argument) {
    const { boolean, whenTrue, whenFalse } = argument;
    return { boolean: boolean.id, ...(whenTrue === null ? {} : { whenTrue }), ...(whenFalse === null ? {} : { whenFalse }) };
  }
  const { flag, style } = argument;
  const name = 'outputFolder' in argument ? 'outputFolder' : argument.field.id;
  if (flag === null || style === 'bare') return `{${name}}`;
  if (/[{}]/.test(flag)) return { value: name, flag, style };
  return style === 'equals' ? `${flag}={${name}}` : [flag, `{${name}}`];
}

/** All of `pipeline.yaml` but what its parameters need to be sound. */
export function manifestOf(draft: Draft, parameters: readonly Foreign[]): Foreign {
  const { title, summary, version, icon, command, env, rules, outputs, progress } = draft;
  return {
    ...(title ? { title: oneLine(title, MOST_LINE) } : {}),
    ...(summary ? { summary: oneLine(summary, MOST_HELP) } : {}),
    ...(version ? { version } : {}),
    icon,
    command,
    ...(Object.keys(env).length > 0 ? { env } : {}),
    parameters,
    ...(rules.length > 0 ? { rules: rules.map((rule) => ({ ...rule, message: oneLine(rule.message, MOST_LINE) })) } : {}),
    arguments: draft.arguments.map(argumentOf),
    ...(outputs.length > 0 ? { outputs } : {}),
    ...(progress === null ? {} : { progress }),
  };
}

/** Sections are kept as order and comments only, as long as a manifest has none. */
export function noteSections(fields: readonly DraftField[], report: ImportReport): void {
  const titles = [...new Set(fields.flatMap(({ section }) => section ?? []))];
  if (titles.length === 0) return;
  report.note('weakened', '', `The groups of the form are kept as order and comments only: ${titles.join('; ')}.`);
}

function some(field: DraftField, names: readonly (keyof DraftField)[]): Foreign {
  return Object.fromEntries(names.flatMap((name) => (field[name] === undefined ? [] : [[name, field[name]]])));
}

function oneLine(text: string, most: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 2)} …` : line;
}

/** For a pattern with the flag `u`, which takes no escapes but needed ones. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
