import { InvalidInputError, LimitError } from '../../errors';
import { holding } from '../conditions-hold';
import type { Manifest, ParameterValues } from '../manifest';
import type { ArgumentFile, FileLine } from './argument-file';
import { renderDocument } from './documents';
import { renderLines } from './lines';
import type { PieceFault } from './pieces';
import { renderRows } from './rows';
import { Scope, type FilePlaces } from './scope';
import { stagedFiles, type StagedFile } from './staged-names';
import { isFilled } from './written-paths';

type FilesManifest = Pick<Manifest, 'parameters' | 'files' | 'stage' | 'runId'>;

/** A file as it is written, and what of the values it cannot hold. */
export interface RenderedFile {
  path: string;
  content: string;
  keep: boolean;
  faults: PieceFault[];
}

/** All files of one run together; far more than any program reads as its settings. */
export const MOST_FILE_BYTES = 8 * 1024 * 1024;

/** Every file that is written for a run, in the order of the manifest; that with the number of the run comes last. */
export function renderFiles(manifest: FilesManifest, values: ParameterValues, places: FilePlaces): RenderedFile[] {
  const { parameters, files = [], runId } = manifest;
  const scope = new Scope(parameters, values, places);
  const lines = files.flatMap((file) => (file.format === 'lines' ? file.lines : []));
  const held = holding(lines, manifest, values);
  const holds = (line: FileLine) => held.has(line);
  const rendered = files.map((file) => ({ path: file.path, keep: file.keep, ...renderOne(file, scope, holds) }));
  if (runId && 'file' in runId) rendered.push({ path: runId.file, keep: false, content: `${places.runId}\n`, faults: [] });
  return rendered;
}

/**
 * As `renderFiles`, for a run: with the files that are brought beside them.
 * @throws InvalidInputError, in the words of the form, when a value cannot be written; LimitError when it is too much.
 */
export function filesFor(
  manifest: FilesManifest,
  values: ParameterValues,
  places: FilePlaces,
): { written: RenderedFile[]; staged: StagedFile[] } {
  const written = renderFiles(manifest, values, places);
  const { files: staged, faults } = stagedFiles(manifest, manifest.parameters, values, places);
  const fault = [...written.flatMap((file) => file.faults), ...faults][0];
  if (fault) {
    const label = manifest.parameters.find(({ name }) => name === fault.name)?.label ?? fault.name;
    throw new InvalidInputError('rendering.cannotWrite', { label, sentence: fault.sentence });
  }
  requireSize(written);
  return { written, staged };
}

/** @throws LimitError when files are larger than any program's settings. */
export function requireSize(files: readonly Pick<RenderedFile, 'content'>[]): void {
  const bytes = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  if (bytes > MOST_FILE_BYTES) throw new LimitError('rendering.tooLarge', { most: MOST_FILE_BYTES / 1024 / 1024 });
}

/** What was entered and cannot be written: the first sentence for each parameter. */
export function fileErrors(manifest: FilesManifest, values: ParameterValues, pathOf: FilePlaces['pathOf']): Record<string, string> {
  const { parameters } = manifest;
  if (!isFilled(manifest)) return {};
  // The folders of the run are not the person's doing: they are looked at when it starts.
  const places = { pathOf, workFolder: '/results', outputFolder: '/results', projectFolder: '/project', runId: '1' };
  const faults = [
    ...renderFiles(manifest, values, places).flatMap((file) => file.faults),
    ...stagedFiles(manifest, parameters, values, places).faults,
  ];
  const known = new Set(parameters.map(({ name }) => name));
  const errors: Record<string, string> = {};
  for (const { name, sentence } of faults) if (known.has(name) && !Object.hasOwn(errors, name)) errors[name] = sentence;
  return errors;
}

function renderOne(file: ArgumentFile, scope: Scope, holds: (line: FileLine) => boolean): Pick<RenderedFile, 'content' | 'faults'> {
  switch (file.format) {
    case 'lines':
      return renderLines(file, scope, holds);
    case 'rows':
      return renderRows(file, scope);
    case 'yaml':
    case 'json':
      return renderDocument(file, scope);
  }
}
