import { text } from '../../locales/text';
import { resultGlobOf } from '../chains/after-run';
import { accepts, namedEndings } from './accept';
import type { FileReference, Parameter } from './manifest';

/**
 * What a file reference means here and now: the file's name for people and the path that a program would get, or the sentence why it
 * cannot be used.
 */
export type FileLookup = (reference: FileReference) => Promise<{ name: string; path?: string } | { fault: string }>;

/** Remembers the paths of the files that were looked up in one check. */
export class FoundFiles {
  private readonly paths = new Map<FileReference, string>();

  constructor(private readonly ask: FileLookup) {}

  readonly lookUp: FileLookup = async (reference) => {
    const found = await this.ask(reference);
    if ('path' in found && found.path !== undefined) this.paths.set(reference, found.path);
    return found;
  };

  /** Of a file that was not found, or whose path nobody told, what the reference says of it. */
  readonly pathOf = (reference: FileReference): string => this.paths.get(reference) ?? reference.slice(reference.indexOf(':') + 1);
}

type Of<Type extends Parameter['type']> = Extract<Parameter, { type: Type }>;

/** Longest reference that is looked up. */
export const MOST_REFERENCE = 8300;

/** What is wrong with a chosen file, as a sentence; undefined when nothing is. */
export async function fileFault(parameter: Of<'file'>, reference: string, lookUp: FileLookup): Promise<string | undefined> {
  if (reference === '') return parameter.required ? text('pipelines.chooseFile') : undefined;
  return oneFault(parameter.accept, reference, lookUp);
}

/** What is wrong with a choice of files, as a sentence; undefined when nothing is. */
export async function filesFault(parameter: Of<'files'>, references: readonly string[], lookUp: FileLookup): Promise<string | undefined> {
  const { minItems, maxItems, required, accept } = parameter;
  if (references.length === 0) return required ? text('pipelines.chooseFiles', { count: Math.max(1, minItems) }) : undefined;
  // One pattern may become any number of them, which is told when it does.
  const isOpen = references.some((reference) => resultGlobOf(reference) !== null);
  if (references.length < minItems && !isOpen) return text('pipelines.chooseFiles', { count: minItems });
  if (references.length > maxItems) return text('pipelines.tooManyFiles', { count: maxItems });
  if (new Set(references).size !== references.length) return text('pipelines.fileTwice');
  for (const reference of references) {
    const fault = await oneFault(accept, reference, lookUp);
    if (fault) return fault;
  }
  return undefined;
}

async function oneFault(accept: readonly string[], reference: string, lookUp: FileLookup): Promise<string | undefined> {
  if (reference.length > MOST_REFERENCE) return text('pipelines.fileGone', { name: `${reference.slice(0, 80)}…` });
  const found = await lookUp(reference);
  if ('fault' in found) return found.fault;
  if (!accepts(accept, found.name)) return text('pipelines.fileKind', { name: found.name, endings: namedEndings(accept) });
  return undefined;
}
