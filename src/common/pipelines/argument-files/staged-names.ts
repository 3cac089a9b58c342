import { isEntryName } from '../../files/entry-name';
import { text } from '../../../locales/text';
import type { FileReference, ParameterValues, Row } from '../manifest';
import type { Staging, WorkFolderRules } from './argument-file';
import { controlIn, textOf, type PieceFault } from './pieces';
import { isValuePart } from './templates';
import { writtenPaths } from './written-paths';
import { filePart, nameOf, Scope, type Described, type FilePlaces } from './scope';

/** One file that is brought into the working folder. */
export interface StagedFile {
  reference: FileReference;
  /** Relative to the working folder. */
  path: string;
  as: 'link' | 'copy';
}

/** Longest name on Linux, in bytes. */
const MOST_NAME_BYTES = 255;

/**
 * Which chosen files are brought where.
 * @returns them, and what cannot be: a name that is none, or that two would get.
 */
export function stagedFiles(rules: WorkFolderRules, parameters: readonly Described[], values: ParameterValues, places: FilePlaces) {
  const faults: PieceFault[] = [];
  const files: StagedFile[] = [];
  const taken = new Set(writtenPaths(rules));
  for (const { name, type } of parameters) {
    // What is not kept goes at the end, and what is written goes first: neither can be a result of that name.
    const output = type === 'output' && Object.hasOwn(values, name) ? values[name] : undefined;
    if (typeof output === 'string' && taken.has(output)) faults.push({ name, sentence: text('rendering.nameWritten', { name: output }) });
  }
  for (const staging of rules.stage ?? []) {
    if (staging.kind !== 'files') continue;
    for (const [reference, name] of namesOf(staging, new Scope(parameters, values, places))) {
      const path = staging.to + name;
      const sentence = nameFault(name) ?? (taken.has(path) ? text('rendering.nameTaken', { name: path }) : undefined);
      if (sentence !== undefined) faults.push({ name: staging.parameter, sentence });
      taken.add(path);
      files.push({ reference, path, as: staging.as });
    }
  }
  return { files, faults };
}

function* namesOf(staging: Extract<Staging, { kind: 'files' }>, scope: Scope): Generator<[FileReference, string]> {
  let index = 0;
  for (const item of scope.itemsOf(staging.parameter)) {
    const reference = typeof item === 'string' ? item : cellOf(item, staging.column);
    if (reference === '') continue;
    index += 1;
    const here = scope.at([{ parameter: staging.parameter, value: item }], index);
    const pieces = staging.name.map((part) => {
      if (!isValuePart(part)) return typeof part === 'string' ? part : '';
      if (part.name === 'index') return String(index);
      if (part.name === 'stem' || part.name === 'ext' || part.name === 'name') return filePart(nameOf(reference), part.name);
      return textOf(here.textsOf(part));
    });
    yield [reference, pieces.join('')];
  }
}

function cellOf(row: Row, column: string | null): string {
  const cell = column !== null && Object.hasOwn(row, column) ? row[column] : '';
  return typeof cell === 'string' ? cell : '';
}

function nameFault(name: string): string | undefined {
  const bytes = Buffer.from(name);
  if (isEntryName(bytes) && bytes.length <= MOST_NAME_BYTES && !controlIn(name)) return undefined;
  return text('rendering.notName', { name: name.slice(0, 80) });
}
