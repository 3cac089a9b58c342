import { text } from '../../locales/text';
import { accepts } from './accept';
import type { FileReference, Parameter } from './manifest';

/** What a file reference means here and now: the file's name for people, or null when there is no such file to be used. */
export type FileLookup = (reference: FileReference) => Promise<{ name: string } | null>;

type Of<Type extends Parameter['type']> = Extract<Parameter, { type: Type }>;

/** Longest reference that is looked up. */
const MOST_REFERENCE = 8300;

/** What is wrong with a chosen file, as a sentence; undefined when nothing is. */
export async function fileFault(parameter: Of<'file'>, reference: string, lookUp: FileLookup): Promise<string | undefined> {
  if (reference === '') return parameter.required ? text('pipelines.chooseFile') : undefined;
  return oneFault(parameter.accept, reference, lookUp);
}

/** What is wrong with a choice of files, as a sentence; undefined when nothing is. */
export async function filesFault(parameter: Of<'files'>, references: readonly string[], lookUp: FileLookup): Promise<string | undefined> {
  const { minItems, maxItems, required, accept } = parameter;
  if (references.length === 0) return required ? text('pipelines.chooseFiles', { count: Math.max(1, minItems) }) : undefined;
  if (references.length < minItems) return text('pipelines.chooseFiles', { count: minItems });
  if (references.length > maxItems) return text('pipelines.tooManyFiles', { count: maxItems });
  if (new Set(references).size !== references.length) return text('pipelines.fileTwice');
  for (const reference of references) {
    const fault = await oneFault(accept, reference, lookUp);
    if (fault) return fault;
  }
  return undefined;
}

async function oneFault(accept: readonly string[], reference: string, lookUp: FileLookup): Promise<string | undefined> {
  const found = reference.length > MOST_REFERENCE ? null : await lookUp(reference);
  if (!found) return text('pipelines.fileGone', { name: nameWithin(reference) });
  if (!accepts(accept, found.name)) return text('pipelines.fileKind', { name: found.name, endings: accept.join(', ') });
  return undefined;
}

function nameWithin(reference: string): string {
  return reference.slice(reference.indexOf(':') + 1).slice(-80);
}
