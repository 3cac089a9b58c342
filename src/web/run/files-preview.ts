import { resultGlobOf } from '../../common/chains/after-run';
import { showEntryName } from '../../common/files/entry-name';
import { parseFileReference } from '../../common/files/file-references';
import { renderFiles } from '../../common/pipelines/argument-files/render-files';
import type { Described } from '../../common/pipelines/argument-files/scope';
import { stagedFiles } from '../../common/pipelines/argument-files/staged-names';
import { writtenRecord, type WrittenFile } from '../../common/pipelines/argument-files/written-record';
import type { Manifest, ParameterValues } from '../../common/pipelines/manifest';
import { text } from '../../locales/text';

export interface FilesPreview {
  /** As they will be written, but for places: those are shown as in the command. */
  files: WrittenFile[];
  /** Which inputs are put where. */
  staged: { path: string; from: string }[];
}

/** What stands for a value that is wrong or missing. */
const UNKNOWN = '?';
const MOST_STAGED = 200;

const PLACES = {
  pathOf: (reference: string) => (reference === UNKNOWN ? UNKNOWN : placeOf(reference)),
  workFolder: 'results',
  outputFolder: 'results',
  projectFolder: 'project',
  get runId() {
    return text('rendering.number');
  },
};

/** What will lie in the working folder when the program starts. @param wrong names of parameters whose value is wrong or missing. */
export function filesPreview(manifest: Manifest, values: ParameterValues, wrong: ReadonlySet<string>): FilesPreview {
  const shown = { ...values };
  for (const parameter of manifest.parameters) if (wrong.has(parameter.name)) Object.assign(shown, unknown(parameter));
  const { files: staged } = stagedFiles(manifest, manifest.parameters, shown, PLACES);
  return {
    files: writtenRecord(renderFiles(manifest, shown, PLACES)),
    staged: staged
      .filter(({ reference }) => reference !== UNKNOWN)
      .slice(0, MOST_STAGED)
      .map(({ reference, path }) => ({ path, from: PLACES.pathOf(reference) })),
  };
}

/** Where an input lies in its project or in the inbox, as previews name it; of results that there are not yet, their pattern. */
export function placeOf(reference: string): string {
  const glob = resultGlobOf(reference);
  if (glob !== null) return glob;
  const { source, path } = parseFileReference(reference);
  return `${source === 'project' ? '' : 'inbox/'}${path.map(showEntryName).join('/')}`;
}

const LISTS = new Set<string>(['files', 'choices', 'list']);

function unknown(parameter: Described): ParameterValues {
  const { name, columns } = parameter;
  if (columns) return { [name]: [Object.fromEntries(columns.map((column) => [column.name, UNKNOWN]))] };
  if (parameter.type === 'boolean') return {};
  return { [name]: LISTS.has(parameter.type) || ('many' in parameter && parameter.many === true) ? [UNKNOWN] : UNKNOWN };
}
