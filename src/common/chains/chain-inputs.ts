import { Injectable } from '@nestjs/common';
import { compileGlob } from '../../browser/conditions/glob';
import { InvalidInputError, NotFoundError } from '../errors';
import { showEntryName } from '../files/entry-name';
import { formatFileReference } from '../files/file-references';
import { ProjectFiles } from '../files/project-files';
import type { FileReference } from '../pipelines/manifest';
import type { Project } from '../projects/project.entity';
import { resultGlobOf } from './after-run';

type Values = Record<string, unknown>;
type ProjectKey = Pick<Project, 'id' | 'ownerId' | 'homeId'>;

const MOST_FILES = 5000;

/** Puts the results of a run into the places of those that were only named by a pattern. */
@Injectable()
export class ChainInputs {
  constructor(private readonly files: ProjectFiles) {}

  /**
   * @param parameters of the run that waited.
   * @throws InvalidInputError with a sentence where a pattern fits no result, or several where one is wanted.
   */
  async resolve(project: ProjectKey, afterRun: number, parameters: Values): Promise<Values> {
    if (!hasResult(parameters)) return parameters;
    const found = await this.resultsOf(project, afterRun);
    const put = (value: unknown): unknown => {
      const glob = resultGlobOf(value);
      if (glob !== null) return only(found, glob, afterRun);
      if (Array.isArray(value)) return value.flatMap((one) => (resultGlobOf(one) === null ? [put(one)] : all(found, resultGlobOf(one)!, afterRun)));
      if (typeof value === 'object' && value !== null) return mapped(value as Values, put);
      return value;
    };
    return mapped(parameters, put);
  }

  private async resultsOf(project: ProjectKey, runId: number): Promise<{ name: string; reference: FileReference }[]> {
    const below = this.files.resultsPath(runId);
    try {
      const { files } = await this.files.of(project).findFiles(below, { most: MOST_FILES, skip: [] });
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

function hasResult(value: unknown): boolean {
  if (resultGlobOf(value) !== null) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasResult);
}

function mapped(values: Values, put: (value: unknown) => unknown): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, put(value)]));
}

function all(found: readonly { name: string; reference: FileReference }[], glob: string, number: number): FileReference[] {
  const fits = compileGlob(glob);
  const fitting = found.filter(({ name }) => fits(name)).map(({ reference }) => reference);
  if (fitting.length === 0) throw new InvalidInputError('chains.noResult', { number, glob });
  return fitting;
}

function only(found: readonly { name: string; reference: FileReference }[], glob: string, number: number): FileReference {
  const fitting = all(found, glob, number);
  if (fitting.length > 1) throw new InvalidInputError('chains.severalResults', { number, glob, count: fitting.length });
  return fitting[0];
}
