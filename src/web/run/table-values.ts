import { resultGlobOf } from '../../common/chains/after-run';
import { DomainError } from '../../common/errors';
import { parseFileReference } from '../../common/files/file-references';
import type { Manifest, Parameter, ParameterValues } from '../../common/pipelines/manifest';
import type { ParameterCheck } from '../../common/pipelines/parameters';
import type { Column, Row } from '../../common/pipelines/rich-parameters';
import { UNKNOWN, UNKNOWN_FILE } from './files-preview';

/**
 * What is right so far, with the rows of tables as they stand, even where some cell is wrong or missing yet: `?` stands for that.
 * @param check of what was entered.
 */
export function valuesSoFar({ parameters }: Pick<Manifest, 'parameters'>, check: ParameterCheck): ParameterValues {
  const values = { ...check.values };
  for (const parameter of parameters) {
    if (parameter.type !== 'table' || Object.hasOwn(values, parameter.name) || !check.applies.has(parameter.name)) continue;
    const rows = rowsIn(check, parameter);
    if (rows.length > 0) values[parameter.name] = rows;
  }
  return values;
}

function rowsIn({ entered, cells }: ParameterCheck, { name, columns }: Extract<Parameter, { type: 'table' }>): Row[] {
  const entry = entered[name] ?? [];
  const faults = cells[name] ?? {};
  const rows = typeof entry === 'string' ? [] : entry.filter((row): row is Row => typeof row !== 'string');
  return rows.map((row, index) =>
    Object.fromEntries(columns.flatMap((column) => cellIn(row, column, Object.hasOwn(faults, `${index}.${column.name}`)))),
  );
}

function cellIn(row: Row, column: Column, isWrong: boolean): [string, string | string[]][] {
  const unknown = column.type === 'file' ? UNKNOWN_FILE : UNKNOWN;
  const cell = Object.hasOwn(row, column.name) ? row[column.name] : '';
  // Of a long table not every cell has been looked at.
  if (isWrong || (column.type === 'file' && cell.length > 0 && !isReference(cell))) return [[column.name, unknown]];
  if (cell.length > 0) return [[column.name, cell]];
  if (column.type === 'boolean') return [[column.name, String(column.default)]];
  if ('default' in column && column.default !== null) return [[column.name, [column.default].flat().map(String).join('\n')]];
  return column.required ? [[column.name, unknown]] : [];
}

function isReference(cell: string | string[]): boolean {
  try {
    return resultGlobOf(String(cell)) !== null || parseFileReference(String(cell)).path.length > 0;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
