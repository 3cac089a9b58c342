import { Injectable } from '@nestjs/common';
import { compileGlob } from '../../browser/conditions/glob';
import { InvalidInputError, LimitError, NotFoundError } from '../errors';
import { showEntryName } from '../files/entry-name';
import { formatFileReference } from '../files/file-references';
import { ProjectFiles } from '../files/project-files';
import { fileFault, filesFault, type FileLookup } from '../pipelines/file-fields';
import type { FileReference, Manifest, Parameter } from '../pipelines/manifest';
import type { Project } from '../projects/project.entity';
import { MOST_GLOB, resultGlobOf } from './after-run';

type Values = Record<string, unknown>;
type ProjectKey = Pick<Project, 'id' | 'homeId'>;

/** A result of a run. */
interface Result {
  /** Its path below the folder of the results, for people; patterns are compared with it. */
  name: string;
  reference: FileReference;
}

/** Files that are looked through. */
const MOST_FILES = 20_000;

/** Puts the results of a run into the places of those that were only named by a pattern. */
@Injectable()
export class ChainInputs {
  constructor(private readonly files: ProjectFiles) {}

  /**
   * @param parameters of the run that waited, whose manifest says which of them are files.
   * @throws InvalidInputError with a sentence where a pattern fits no result, several where one is wanted, or what the field does not take.
   */
  async resolve(
    project: ProjectKey,
    afterRun: number,
    manifest: Partial<Pick<Manifest, 'parameters'>>,
    parameters: Values,
  ): Promise<Values> {
    const fields = (manifest.parameters ?? []).filter(({ name }) => hasPattern(parameters[name]));
    if (fields.length === 0) return parameters;
    const found = await this.resultsOf(project, afterRun);
    const changed: Values = {};
    for (const field of fields) changed[field.name] = await resolveField(field, parameters[field.name], { found, number: afterRun });
    return { ...parameters, ...changed };
  }

  /** How many results a pattern fits, as they are now. */
  async countFitting(project: ProjectKey, afterRun: number, glob: string): Promise<number> {
    const fits = compileGlob(glob.slice(0, MOST_GLOB));
    return (await this.resultsOf(project, afterRun)).filter(({ name }) => fits(name)).length;
  }

  private async resultsOf(project: ProjectKey, runId: number): Promise<Result[]> {
    const below = this.files.resultsPath(runId);
    try {
      const { files, complete } = await this.files.of(project).findFiles(below, { most: MOST_FILES, skip: [] });
      if (!complete) throw new LimitError('chains.tooManyResults', { number: runId, most: MOST_FILES });
      const named = files.map(({ path }) => ({
        name: path.map(showEntryName).join('/'),
        reference: formatFileReference('project', [...below, ...path]),
      }));
      return named.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
    } catch (error) {
      if (error instanceof NotFoundError) return [];
      throw error;
    }
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

async function resolveField(field: Parameter, value: unknown, results: Results): Promise<unknown> {
  const names = new Map(results.found.map(({ name, reference }) => [reference, name.slice(name.lastIndexOf('/') + 1)]));
  const lookUp: FileLookup = (reference) => Promise.resolve({ name: names.get(reference) ?? reference });
  if (field.type === 'file') {
    const reference = only(value, results);
    refuse(field, names.has(reference) ? await fileFault(field, reference, lookUp) : undefined);
    return reference;
  }
  if (field.type === 'files') {
    const references = [value].flat().flatMap((one) => all(one, results));
    const added = references.filter((reference) => names.has(reference));
    // Those that somebody chose were looked at when they were chosen: here it is their number that counts.
    const isKnown = added.length === references.length;
    refuse(field, await filesFault(isKnown ? field : { ...field, accept: [] }, references, lookUp));
    return references;
  }
  if (field.type !== 'table' || !Array.isArray(value)) return value;
  const columns = new Set(field.columns.filter(({ type }) => type === 'file').map(({ name }) => name));
  return value.map((row: Values) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, columns.has(name) ? only(cell, results) : cell])),
  );
}

function refuse({ label }: Parameter, fault: string | undefined): void {
  if (fault !== undefined) throw new InvalidInputError('chains.wrongInput', { label, fault });
}

function all(value: unknown, { found, number }: Results): FileReference[] {
  const glob = resultGlobOf(value);
  if (glob === null) return [String(value)];
  const fits = compileGlob(glob.slice(0, MOST_GLOB));
  const fitting = found.filter(({ name }) => fits(name)).map(({ reference }) => reference);
  if (fitting.length === 0) throw new InvalidInputError('chains.noResult', { number, glob });
  return fitting;
}

function only(value: unknown, results: Results): FileReference {
  const fitting = all(value, results);
  if (fitting.length === 1) return fitting[0];
  throw new InvalidInputError('chains.severalResults', { number: results.number, glob: resultGlobOf(value) ?? '', count: fitting.length });
}
