import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../errors';
import { checkLengths } from '../pipelines/check-lengths';
import { fileFault, filesFault, type FileLookup } from '../pipelines/file-fields';
import type { FileReference, Manifest, Parameter, ParameterValues } from '../pipelines/manifest';
import { compileGlob } from '../pipelines/output-glob';
import type { Project } from '../projects/project.entity';
import { isResultGlob, MOST_GLOB, MOST_WILDCARDS, resultGlobOf } from './after-run';
import { ResultFiles, type Result } from './result-files';

type Values = Record<string, unknown>;

const WITH_FILES = new Set<Parameter['type']>(['file', 'files', 'table']);

/** Puts the results of a run into the places of those that were only named by a pattern. */
@Injectable()
export class ChainInputs {
  constructor(private readonly results: ResultFiles) {}

  /**
   * @param manifest of the run that waited, which says which of its parameters are files.
   * @throws InvalidInputError with a sentence where a pattern fits no result, several where one is wanted, or what the field does not take;
   * LimitError where that makes more than a program can be given; what `ResultFiles.of` throws.
   */
  async resolve(
    project: Pick<Project, 'id' | 'homeId'>,
    afterRun: number,
    manifest: Partial<Manifest>,
    parameters: Values,
  ): Promise<Values> {
    const fields = (manifest.parameters ?? []).filter(({ name, type }) => WITH_FILES.has(type) && hasPattern(parameters[name]));
    if (fields.length === 0) return parameters;
    const found = await this.results.of(project, afterRun);
    const changed: Values = {};
    for (const field of fields) changed[field.name] = await resolveField(field, parameters[field.name], { found, number: afterRun });
    const resolved = { ...parameters, ...changed };
    // One pattern may have become thousands of paths.
    await checkLengths(manifest as Manifest, resolved as ParameterValues);
    return resolved;
  }
}

interface Results {
  found: readonly Result[];
  number: number;
}

/** Whether a value, a list or a cell of a row is such a pattern. */
function hasPattern(value: unknown): boolean {
  if (resultGlobOf(value) !== null) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasPattern);
}

/** What somebody chose was looked at when it was chosen: of that only the number counts here. */
async function resolveField(field: Parameter, value: unknown, results: Results): Promise<unknown> {
  const names = new Map(results.found.map(({ name, reference }) => [reference, name.slice(name.lastIndexOf('/') + 1)]));
  const lookUp: FileLookup = (reference) => Promise.resolve({ name: names.get(reference) ?? reference });
  if (field.type === 'file') {
    const reference = only(value, results);
    refuse(field.label, await fileFault(field, reference, lookUp));
    return reference;
  }
  if (field.type === 'files') {
    // Patterns may have files in common.
    const references = [...new Set([value].flat().flatMap((one) => all(one, results)))];
    refuse(field.label, await filesFault({ ...field, accept: [] }, references, lookUp));
    const added = references.filter((reference) => names.has(reference));
    refuse(field.label, await filesFault({ ...field, minItems: 0 }, added, lookUp));
    return references;
  }
  if (field.type !== 'table' || !Array.isArray(value)) return value;
  const rows: Values[] = value.map((row: Values) => ({ ...row }));
  for (const column of field.columns) {
    if (column.type !== 'file') continue;
    const label = `${field.label}, ${column.label}`;
    for (const row of rows.filter(({ [column.name]: cell }) => hasPattern(cell))) {
      const reference = only(row[column.name], results);
      refuse(label, await fileFault(column, reference, lookUp));
      row[column.name] = reference;
    }
  }
  return rows;
}

function refuse(label: string, fault: string | undefined): void {
  if (fault !== undefined) throw new InvalidInputError('chains.wrongInput', { label, fault });
}

function all(value: unknown, { found, number }: Results): FileReference[] {
  const glob = resultGlobOf(value);
  if (glob === null) return [String(value)];
  if (!isResultGlob(glob)) throw new InvalidInputError('chains.badPattern', { most: MOST_GLOB, wildcards: MOST_WILDCARDS });
  const fits = compileGlob(glob);
  const fitting = found.filter(({ name }) => fits(name)).map(({ reference }) => reference);
  if (fitting.length === 0) throw new InvalidInputError('chains.noResult', { number, glob });
  return fitting;
}

function only(value: unknown, results: Results): FileReference {
  const fitting = all(value, results);
  if (fitting.length === 1) return fitting[0];
  throw new InvalidInputError('chains.severalResults', { number: results.number, glob: resultGlobOf(value) ?? '', count: fitting.length });
}
