import { parseEntryName, parseEntryPath } from '../../common/files/entry-name';
import { formatFileReference } from '../../common/files/file-references';
import { accepts } from '../../common/pipelines/accept';
import type { FileReference, Manifest, Parameter } from '../../common/pipelines/manifest';
import type { FileChoice } from './input-files';
import { linkQuery } from './form-link';

/** Names in an address, before it grows longer than some proxies take. */
const MOST_ADDRESS = 4000;

type FileParameter = Extract<Parameter, { type: 'file' | 'files' }>;

/** Query by which a selection travels from a project to the choice of a pipeline; null when it is too long for an address. */
export function chosenQuery(path: string, names: readonly string[]): string | null {
  const query = new URLSearchParams(path === '' ? {} : { path });
  for (const name of names) query.append('name', name);
  const written = query.toString();
  return written.length > MOST_ADDRESS ? null : written;
}

/** The files that such a query names, and those in folders that it names. @throws InvalidInputError for a path or name that is none. */
export function chosenFiles(query: URLSearchParams, choices: readonly FileChoice[]): FileChoice[] {
  const folder = parseEntryPath(query.get('path') ?? '');
  const entries = query.getAll('name').map((name) => formatFileReference('project', [...folder, parseEntryName(name)]));
  return choices.filter(({ reference }) => entries.some((entry) => reference === entry || reference.startsWith(`${entry}/`)));
}

/**
 * Query that fills the form of a pipeline with these files: several where it takes one become several runs.
 * @returns '' where it takes none of them, null where they are too many for an address.
 */
export function formQuery(manifest: Pick<Manifest, 'parameters'>, files: readonly FileChoice[]): string | null {
  const parameter = manifest.parameters.find((one): one is FileParameter => isFileParameter(one) && fitting(one, files).length > 0);
  if (!parameter) return '';
  const references = fitting(parameter, files);
  if (parameter.type === 'files') return linkQuery(manifest, { [parameter.name]: references });
  if (references.length === 1) return linkQuery(manifest, { [parameter.name]: references[0] });
  const values = references.join('\n');
  return linkQuery(manifest, {}, { axes: [{ parameter: parameter.name, values }], mode: 'all' });
}

function isFileParameter(parameter: Parameter): parameter is FileParameter {
  return parameter.type === 'file' || parameter.type === 'files';
}

function fitting(parameter: FileParameter, files: readonly FileChoice[]): FileReference[] {
  return files.filter(({ name }) => accepts(parameter.accept, name)).map(({ reference }) => reference);
}
