import { realpath } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import type { Draft, DraftColumn, DraftField } from '../draft';
import { asText, isObject, own, ownList, ownNumber, ownObject, ownText, readJson, type Foreign } from '../foreign';
import type { ImportReport } from '../import-report';
import { endingsOf } from '../json-pattern';
import { Names } from '../names';
import { schemaField } from './schema-field';
import type { SchemaProperty } from './schema-groups';
import { MIME_ENDINGS } from './schema-words';

/** As many as a table of a form has. */
const MOST_COLUMNS = 30;

/** What a sheet or a row says that is read, or that says nothing of them. */
const READ_OF_SHEETS = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'type',
  'items',
  'minItems',
  'maxItems',
  'uniqueItems',
  'uniqueEntries',
]);
const READ_OF_ROWS = new Set(['type', 'properties', 'required', '$comment', 'title', 'description']);

/** The table that a parameter is, instead of a file. */
export interface SampleSheet {
  /** What the parameter says of itself beside its file. */
  words: Foreign;
  /** Makes the field of the parameter the table, and the sheet a file that is written of its rows. */
  lay(field: DraftField, draft: Draft): void;
}

/** What a schema says of the file itself. */
const OF_FILES = new Set(['format', 'mimetype', 'pattern', 'errorMessage', 'exists', 'schema', 'default', 'examples']);

/**
 * Reads the schema of a sample sheet that a parameter names. A sheet that can neither be separated by commas nor by tabs stays a file to be
 * chosen.
 * @returns null where the parameter names none, or none that can be read.
 */
export async function readSheet(
  { name, schema, required }: SchemaProperty,
  folder: string,
  report: ImportReport,
): Promise<SampleSheet | null> {
  const given = own(schema, 'schema');
  if (given === undefined) return null;
  const drop = (why: string) => {
    report.note('dropped', name, `schema ${String(asText(given)).slice(0, 100)}: ${why}`);
    return null;
  };
  const place = typeof given === 'string' ? posix.normalize(given.replace(/^\/+/, '')) : '..';
  if (place === '.' || /^\.\.(\/|$)/.test(place)) return drop('it lies outside of the pipeline.');
  const path = join(folder, place);
  // A link could lead anywhere.
  const [real, home] = await Promise.all([realpath(path).catch(() => null), realpath(folder)]);
  if (real === null || !real.startsWith(home + sep)) return drop('it is not there.');
  // Without rows there would still be a file, and Nextflow be given it.
  if (!required) return drop('it may be left out; the file is chosen, and its content is not checked before the run.');
  const ending = endingFor(schema);
  if (ending === null) return drop('it is no table of cells; the file is chosen, and its content is not checked before the run.');
  const sheet = await readJson(path);
  const columns = columnsOf(sheet, name, report);
  if (columns.length === 0) return drop('it names no columns.');
  noteRest(name, schema, sheet, report);
  return {
    words: Object.fromEntries(Object.entries(schema).filter(([key]) => !OF_FILES.has(key))),
    lay: (field, draft) => {
      const [least, most] = [ownNumber(sheet, 'minItems'), ownNumber(sheet, 'maxItems')];
      Object.assign(field, { kind: 'table', columns });
      if (least !== undefined && least > 0) field.leastRows = Math.ceil(least);
      if (most !== undefined && most >= 1) field.mostRows = Math.floor(most);
      draft.written.push({ path: `${field.id}${ending}`, format: 'rows', field, delimiter: ending === '.csv' ? ',' : '\t' });
    },
  };
}

function noteRest(origin: string, schema: Foreign, sheet: Foreign, report: ImportReport): void {
  report.note('weakened', origin, 'Its rows are typed, pasted or chosen; a sheet that is there already as a file cannot be chosen.');
  const standard = own(schema, 'default');
  if (standard !== undefined && standard !== null && standard !== '')
    report.note('dropped', origin, `default ${JSON.stringify(standard).slice(0, 200)}: left empty, Nextflow takes its own.`);
  const ofSheet = Object.keys(sheet).filter((name) => !READ_OF_SHEETS.has(name));
  const ofRows = Object.keys(ownObject(sheet, 'items')).filter((name) => !READ_OF_ROWS.has(name));
  for (const name of [...ofSheet, ...ofRows])
    report.note('dropped', origin, `${name.slice(0, 80)} of its rows: what this demands of several cells together is not checked.`);
}

function columnsOf(sheet: Foreign, origin: string, report: ImportReport): DraftColumn[] {
  const items = ownObject(sheet, 'items');
  const required = new Set(ownList(items, 'required'));
  const unique = ownList(sheet, 'uniqueEntries');
  const names = new Names();
  const listed = Object.entries(ownObject(items, 'properties'));
  if (listed.length > MOST_COLUMNS)
    report.note('dropped', origin, `${listed.length - MOST_COLUMNS} of its columns: a table has ${MOST_COLUMNS}.`);
  if (unique.length > 1) report.note('dropped', origin, 'uniqueEntries: of several columns together it is not checked that rows differ.');
  return listed.slice(0, MOST_COLUMNS).map(([header, given]) => {
    const name = `${origin}, ${header}`;
    const schema = columnSchema(given, name, report);
    const { field, rules } = schemaField({ name, schema, required: required.has(header) }, names.give(header), report);
    if (field.label === undefined && field.id !== header) field.label = header;
    for (const { check } of rules) report.note('dropped', name, `${check}: of a cell only its range is checked.`);
    if (unique.length === 1 && unique[0] === header) field.unique = true;
    return { header, field };
  });
}

/** A column as a parameter would be described: older schemas say by a pattern alone that it holds files, and by alternatives that it may be empty. */
function columnSchema(given: unknown, name: string, report: ImportReport): Foreign {
  const { meta: _inside, ...whole } = isObject(given) ? given : {};
  const { anyOf, ...rest } = whole;
  const [filled, ...others] = Array.isArray(anyOf) ? anyOf.filter((one) => isObject(one) && own(one, 'maxLength') !== 0) : [];
  const schema: Foreign = isObject(filled) && others.length === 0 ? { ...filled, ...rest } : whole;
  const pattern = ownText(schema, 'pattern');
  if (pattern === undefined || own(schema, 'format') !== undefined || endingsOf(pattern) === undefined) return schema;
  report.note('guessed', name, 'Its pattern is one of endings, so it was taken for a file.');
  return { ...schema, format: 'file-path' };
}

/** Of the file that is written; null where the pipeline reads neither. */
function endingFor(schema: Foreign): '.csv' | '.tsv' | null {
  const pattern = ownText(schema, 'pattern');
  const mime = ownText(schema, 'mimetype') ?? '';
  const endings =
    (pattern === undefined ? undefined : endingsOf(pattern)) ?? (Object.hasOwn(MIME_ENDINGS, mime) ? MIME_ENDINGS[mime] : ['.csv']);
  return endings.includes('.csv') ? '.csv' : endings.includes('.tsv') ? '.tsv' : null;
}
