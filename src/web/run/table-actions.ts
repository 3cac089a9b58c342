import { isBlankRow } from '../../browser/conditions/several';
import { makeDistinct } from '../../common/pipelines/distinct-texts';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import type { Row } from '../../common/pipelines/rich-parameters';
import { text } from '../../locales/text';
import { fieldText, type SubmittedForm } from '../http/form';
import type { TableRemarks } from './field-offers';
import type { FormSurroundings } from './form-surroundings';

type Table = Extract<Parameter, { type: 'table' }>;

const MORE_ROWS = 5;

/**
 * What the buttons of tables ask for: more empty rows, or rows made of the files of the project.
 * @returns null when another button was pressed. @param entered gets the rows.
 */
export async function answerTableButton(
  form: SubmittedForm,
  { parameters }: Pick<Manifest, 'parameters'>,
  entered: Entered,
  around: FormSurroundings,
): Promise<TableRemarks | null> {
  const tables = parameters.filter((parameter) => parameter.type === 'table');
  const more = tables.find(({ name }) => name === fieldText(form, 'moreRows'));
  const fill = tables.find(({ name }) => name === fieldText(form, 'fillRows'));
  if (more) {
    const rows = rowsIn(entered, more.name);
    return { blank: { [more.name]: rows.filter((row) => isBlankRow(more.columns, row)).length + MORE_ROWS }, notes: {} };
  }
  return fill ? { blank: {}, notes: { [fill.name]: await fillTable(fill, entered, around) } } : null;
}

/** Adds the rows that files make and that are not there yet; those that are stay as they are. @returns a sentence about it. */
export async function fillTable(table: Table, entered: Entered, around: FormSurroundings): Promise<string> {
  const { name, label, columns, fill, maxRows } = table;
  const made = await around.rowsOf(table);
  if (!fill || !made) return text('run.patternTooSlow');
  const rows = rowsIn(entered, name).filter((row) => !isBlankRow(columns, row));
  const keys = await Promise.all(rows.map((row) => keyOf(row, table, around)));
  const known = new Set(keys);
  const fresh: Row[] = [];
  for (const row of made.rows) if (!known.has(await keyOf(row, table, around))) fresh.push(row);
  const added = fresh.slice(0, Math.max(0, maxRows - rows.length));
  makeDistinct(columns, rows, added);
  entered[name] = [...rows, ...added];
  return [
    made.rows.length === 0 ? text('run.noRowsInFiles') : text('run.rowsFilled', { label, count: added.length }),
    made.leftOut > 0 ? text('run.filesLeftOut', { count: made.leftOut }) : '',
    fresh.length > added.length ? text('run.rowsLeftOut', { count: fresh.length - added.length, most: maxRows }) : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Rows of the same files are the same, however their texts were changed since; where files give only texts, rows with the same texts. */
async function keyOf(row: Row, { columns, fill }: Table, around: FormSurroundings): Promise<string> {
  const all = columns.filter((column) => fill && Object.hasOwn(fill.columns, column.name));
  const ofFiles = all.filter(({ type }) => type === 'file');
  const filled = ofFiles.length > 0 ? ofFiles : all;
  const cells: string[] = [];
  for (const { name, type } of filled) {
    const texts = Object.hasOwn(row, name) ? [row[name]].flat().filter((one) => one.trim() !== '') : [];
    cells.push(type === 'file' ? (await Promise.all(texts.map((one) => around.reference(one)))).join('\n') : texts.join('\n'));
  }
  return cells.join('\0');
}

function rowsIn(entered: Entered, name: string): Row[] {
  const rows = entered[name] ?? [];
  return typeof rows === 'string' ? [] : rows.filter((row): row is Row => typeof row !== 'string');
}
