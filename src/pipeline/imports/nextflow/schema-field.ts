import type { DraftField, DraftRule } from '../draft';
import { asText, isObject, own, ownList, ownNumber, ownObject, ownText, type Foreign } from '../foreign';
import type { ImportReport } from '../import-report';
import { endingsOf, wholePattern } from '../json-pattern';
import type { SchemaProperty } from './schema-groups';
import { FORMATS, MIME_ENDINGS, READ_OF_FIELDS } from './schema-words';

/** One field of the form, and the rules that go with it. */
export interface SchemaField {
  field: DraftField;
  rules: DraftRule[];
}

/** Reads one parameter of a schema. @param id name of the parameter. */
export function schemaField(property: SchemaProperty, id: string, report: ImportReport): SchemaField {
  const { name, schema, section, required } = property;
  const field: DraftField = { origin: name, id, kind: 'string', required, ...(section === undefined ? {} : { section }) };
  const rules: DraftRule[] = [];
  let isToldOf = false;
  const note: Say = (loss, sentence) => {
    isToldOf ||= sentence.startsWith('errorMessage');
    report.note(loss, name, sentence);
  };
  words(field, schema, note);
  const type = typeOf(schema, note);
  const options = optionsOf(schema, note);
  if (options !== undefined && type !== 'boolean' && type !== 'array') Object.assign(field, { kind: 'choice', options });
  else if (type === 'integer' || type === 'number') numberField(field, schema, type, rules);
  else if (type === 'boolean') field.kind = 'boolean';
  else if (type === 'array') listField(field, schema, note);
  else if (type === 'object') {
    field.kind = 'text';
    note('weakened', 'An object is entered as JSON text; Nextflow gets it as text.');
  } else textField(field, schema, note);
  defaultOf(field, schema, note);
  const message = ownText(schema, 'errorMessage');
  if (message !== undefined && field.patternMessage !== message && !isToldOf) note('dropped', messageOfNothing(message));
  for (const key of Object.keys(schema)) if (!READ_OF_FIELDS.has(key)) note('dropped', `${key} is not known to a form.`);
  return { field, rules };
}

type Say = (loss: 'dropped' | 'weakened' | 'guessed', sentence: string) => void;

function words(field: DraftField, schema: Foreign, note: Say): void {
  const title = ownText(schema, 'title');
  if (title !== undefined) field.label = title;
  const description = ownText(schema, 'description');
  if (description !== undefined) field.help = description;
  const examples = ownList(schema, 'examples').flatMap((example) => asText(example) ?? []);
  if (examples.length > 0) field.examples = examples;
  const help = ownText(schema, 'help_text');
  if (help !== undefined) field.helpLong = help;
  if (own(schema, 'hidden') === true) field.advanced = true;
  if (own(schema, 'fa_icon') !== undefined) note('dropped', 'fa_icon: fields have no icons.');
  if (own(schema, 'deprecated') === true) {
    field.advanced = true;
    field.help = `Deprecated. ${field.help ?? ''}`.trim();
    note('weakened', 'That it is deprecated stands in its help.');
  }
}

/** The first type that it may have; null is none, because what is empty is left out. */
function typeOf(schema: Foreign, note: Say): string {
  const given = own(schema, 'type');
  const types = (Array.isArray(given) ? given : [given]).filter((type): type is string => typeof type === 'string' && type !== 'null');
  if (types.length > 1) {
    const isNumeric = types.every((type) => type === 'integer' || type === 'number');
    note('weakened', `It may be ${types.join(' or ')}; the form takes ${isNumeric ? 'any number' : 'any text'}.`);
    return isNumeric ? 'number' : 'string';
  }
  if (types[0] !== undefined) return types[0];
  const standard = own(schema, 'default');
  const kind = Array.isArray(standard) ? 'array' : typeof standard;
  const guess = kind === 'boolean' || kind === 'number' || kind === 'array' ? kind : 'string';
  if (own(schema, 'enum') === undefined && own(schema, 'const') === undefined)
    note('guessed', `It has no type and was taken for ${guess}.`);
  return guess;
}

/** The values of `enum` or `const`, each once; null and '' mean that it may stay empty. */
function optionsOf(schema: Foreign, note: Say): DraftField['options'] {
  const listed = own(schema, 'enum');
  const constant = own(schema, 'const');
  const values = Array.isArray(listed) ? listed : constant === undefined ? undefined : [constant];
  if (values === undefined) return undefined;
  const texts = [...new Set(values.flatMap((value) => asText(value) ?? []))].filter((value) => value !== '');
  if (values.some((value) => typeof value === 'object' && value !== null)) note('dropped', 'Values of its list that are no text.');
  return texts.length === 0 ? undefined : texts.map((value) => ({ value }));
}

function numberField(field: DraftField, schema: Foreign, kind: 'integer' | 'number', rules: DraftRule[]): void {
  field.kind = kind;
  // In draft 4 the limit stands beside and this says that it is excluded.
  const excludes = (name: string, beside: string) =>
    own(schema, name) === true ? ownNumber(schema, beside) : typeof own(schema, name) === 'boolean' ? undefined : ownNumber(schema, name);
  const [above, below] = [excludes('exclusiveMinimum', 'minimum'), excludes('exclusiveMaximum', 'maximum')];
  const min = ownNumber(schema, 'minimum');
  const max = ownNumber(schema, 'maximum');
  if (min !== undefined) field.min = kind === 'integer' ? Math.ceil(min) : min;
  if (max !== undefined) field.max = kind === 'integer' ? Math.floor(max) : max;
  if (above !== undefined) exclude(field, rules, 'min', above);
  if (below !== undefined) exclude(field, rules, 'max', below);
  const step = ownNumber(schema, 'multipleOf');
  if (step === undefined || step <= 0) return;
  field.step = step;
  // Steps are counted from the least value, multiples from 0.
  if (field.min !== undefined) field.min = Math.ceil(field.min / step) * step;
}

function exclude(field: DraftField, rules: DraftRule[], side: 'min' | 'max', limit: number): void {
  if (field.kind === 'integer') {
    const next = side === 'min' ? Math.floor(limit) + 1 : Math.ceil(limit) - 1;
    field[side] = side === 'min' ? Math.max(next, field.min ?? next) : Math.min(next, field.max ?? next);
    return;
  }
  field[side] = side === 'min' ? Math.max(limit, field.min ?? limit) : Math.min(limit, field.max ?? limit);
  const plain = limit < 0 ? `0 - ${-limit}` : String(limit);
  if (/e/i.test(plain)) return;
  const [sign, word] = side === 'min' ? ['>', 'more'] : ['<', 'less'];
  rules.push({ check: `${field.id} ${sign} ${plain}`, message: `Write a number that is ${word} than ${limit}.`, at: field.id });
}

function listField(field: DraftField, schema: Foreign, note: Say): void {
  const items = ownObject(schema, 'items');
  const of = own(items, 'type');
  const options = optionsOf(items, note);
  const kind = of === 'integer' || of === 'number' ? of : 'string';
  const unique = own(schema, 'uniqueItems') === true || own(schema, 'uniqueEntries') !== undefined;
  const [least, most] = [ownNumber(schema, 'minItems'), ownNumber(schema, 'maxItems')];
  field.kind = options === undefined ? 'list' : 'choices';
  field.items = {
    kind,
    separator: ',',
    ...(least === undefined ? {} : { least }),
    ...(most === undefined ? {} : { most }),
    ...(unique ? { unique } : {}),
  };
  if (options !== undefined) field.options = options;
  else listItems(field, items, kind, note);
  if (isObject(of) || of === 'object' || of === 'array') note('weakened', 'The parts of its list are entered as text.');
}

/** What is demanded of each item. */
function listItems(field: DraftField, items: Foreign, kind: 'string' | 'integer' | 'number', note: Say): void {
  if (kind === 'string') {
    note('weakened', 'Its values are typed with commas or line ends between them, so none can hold one.');
    return takePattern(field, items, ownText(items, 'pattern'), note);
  }
  const [min, max] = [ownNumber(items, 'minimum'), ownNumber(items, 'maximum')];
  if (min !== undefined) field.min = min;
  if (max !== undefined) field.max = max;
}

function textField(field: DraftField, schema: Foreign, note: Say): void {
  const pattern = ownText(schema, 'pattern');
  const format = ownText(schema, 'format');
  const sheet = own(schema, 'schema');
  if (format === 'file-path' || format === 'path' || (format === undefined && typeof sheet === 'string')) {
    fileField(field, schema, pattern, note);
    if (format === 'path') note('guessed', 'It may be a file or a folder and was taken for a file.');
    return;
  }
  if (format === 'directory-path') field.kind = 'directory';
  else if (format === 'file-path-pattern') note('weakened', 'A pattern for files is entered as text.');
  else if (format !== undefined) otherFormat(field, format, note);
  takePattern(field, schema, pattern, note);
  const [least, most] = [ownNumber(schema, 'minLength'), ownNumber(schema, 'maxLength')];
  if (most !== undefined && most >= 1) field.maxLength = Math.min(Math.floor(most), 32_000);
  if (least === undefined || least <= 1) return;
  if (field.pattern === undefined) field.pattern = `[^]{${Math.floor(least)},}`;
  else note('dropped', `minLength ${least}: beside a pattern there is no place for it.`);
}

function otherFormat(field: DraftField, format: string, note: Say): void {
  if (!Object.hasOwn(FORMATS, format)) return note('dropped', `format ${format}: it is not checked.`);
  field.pattern = FORMATS[format].pattern;
  field.patternMessage = FORMATS[format].message;
}

function takePattern(field: DraftField, schema: Foreign, pattern: string | undefined, note: Say): void {
  const message = ownText(schema, 'errorMessage');
  const whole = pattern === undefined ? undefined : wholePattern(pattern);
  if (pattern !== undefined && whole === undefined) note('dropped', `pattern ${pattern.slice(0, 200)}: JavaScript cannot read it.`);
  if (whole !== undefined) field.pattern = whole;
  if (message === undefined) return;
  if (field.pattern !== undefined) field.patternMessage = message;
  else note('dropped', messageOfNothing(message));
}

function messageOfNothing(message: string): string {
  return `errorMessage "${message.slice(0, 200)}": there is no pattern that it could be said of.`;
}

/** Files are chosen among those of the project, so a pattern of their path is one of their ending. */
function fileField(field: DraftField, schema: Foreign, pattern: string | undefined, note: Say): void {
  field.kind = 'file';
  note('weakened', 'It is chosen among the files of the project; an address (https, s3) cannot be entered.');
  if (own(schema, 'exists') === false) note('dropped', 'exists: a file that is chosen is always there.');
  const endings = pattern === undefined ? undefined : endingsOf(pattern);
  const mime = ownText(schema, 'mimetype');
  const known = mime !== undefined && Object.hasOwn(MIME_ENDINGS, mime) ? MIME_ENDINGS[mime] : undefined;
  if (mime !== undefined && known === undefined) note('dropped', `mimetype ${mime}: no ending is known for it.`);
  if (endings !== undefined) field.accept = endings;
  else if (known !== undefined) field.accept = known;
  if (pattern !== undefined && endings === undefined)
    note('dropped', `pattern ${pattern.slice(0, 200)}: of a file only the ending is checked.`);
  if (ownText(schema, 'errorMessage') !== undefined)
    note('dropped', 'errorMessage: of a file the form says itself which endings it takes.');
}

function defaultOf(field: DraftField, schema: Foreign, note: Say): void {
  const given = own(schema, 'default');
  if (given === undefined || given === null || given === '') return;
  if (field.kind === 'file') return note('dropped', `default ${JSON.stringify(given).slice(0, 200)}: left empty, Nextflow takes its own.`);
  if (field.kind === 'list' || field.kind === 'choices') {
    // Older schemas write the list as one text.
    const parts = Array.isArray(given)
      ? given.map(asText)
      : (asText(given)
          ?.split(',')
          .map((part) => part.trim()) ?? [undefined]);
    const texts = parts.filter((part) => part !== undefined);
    if (texts.length === parts.length) field.default = texts;
    else note('dropped', `default ${JSON.stringify(given).slice(0, 200)}: not all of it is text.`);
    return;
  }
  const listed = Array.isArray(given)
    ? given
        .map(asText)
        .filter((part) => part !== undefined)
        .join(',')
    : asText(given);
  if (listed === undefined) return note('dropped', `default ${JSON.stringify(given).slice(0, 200)}: it is no text.`);
  if (field.kind === 'boolean') return booleanDefault(field, listed, note);
  if (field.kind !== 'integer' && field.kind !== 'number') {
    field.default = listed;
    return;
  }
  const number = Number(listed);
  if (listed.trim() !== '' && Number.isFinite(number)) field.default = number;
  else note('dropped', `default "${listed.slice(0, 200)}": it is no number.`);
}

function booleanDefault(field: DraftField, given: string, note: Say): void {
  if (given === 'true' || given === 'false') field.default = given === 'true';
  else note('dropped', `default "${given.slice(0, 200)}": it is neither true nor false.`);
}
