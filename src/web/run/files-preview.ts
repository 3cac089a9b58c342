import { resultGlobOf } from '../../common/chains/after-run';
import { showEntryName } from '../../common/files/entry-name';
import { parseFileReference } from '../../common/files/file-references';
import type { RowsFile } from '../../common/pipelines/argument-files/argument-file';
import { renderFiles, type RenderedFile } from '../../common/pipelines/argument-files/render-files';
import type { Described } from '../../common/pipelines/argument-files/scope';
import { stagedFiles } from '../../common/pipelines/argument-files/staged-names';
import { writtenRecord, type WrittenFile } from '../../common/pipelines/argument-files/written-record';
import type { Manifest, ParameterValues } from '../../common/pipelines/manifest';
import { text } from '../../locales/text';

export interface FilesPreview {
  /** As they will be written, but for places: those are shown as in the command. `moreRows` were left out at the end. */
  files: (WrittenFile & { moreRows: number })[];
  /** Which inputs are put where. */
  staged: { path: string; from: string }[];
  /** So many more of them were left out. */
  moreStaged: number;
}

/** What stands for a value that is wrong or missing. */
export const UNKNOWN = '?';
/** The same for a file, so that a path made of its ending shows that it is missing. */
export const UNKNOWN_FILE = 'project:?.?';

/** How much is shown: rows of a file that has one for each row of a table, and inputs that are put somewhere. */
export interface PreviewSize {
  rows: number;
  staged: number;
}

const WHOLE: PreviewSize = { rows: Infinity, staged: 200 };
export const AT_A_GLANCE: PreviewSize = { rows: 3, staged: 12 };

const PLACES = {
  pathOf: (reference: string) => (isUnknown(reference) ? UNKNOWN : placeOf(reference)),
  workFolder: 'results',
  outputFolder: 'results',
  projectFolder: 'project',
  get runId() {
    return text('rendering.number');
  },
};

/** What will lie in the working folder when the program starts. @param wrong names of parameters whose value is wrong or missing. */
export function filesPreview(manifest: Manifest, values: ParameterValues, wrong: ReadonlySet<string>, size = WHOLE): FilesPreview {
  const shown = { ...values };
  for (const parameter of manifest.parameters)
    if (wrong.has(parameter.name) && !(parameter.type === 'table' && Object.hasOwn(values, parameter.name)))
      Object.assign(shown, unknown(parameter));
  const { files: all } = stagedFiles(manifest, manifest.parameters, shown, PLACES);
  const staged = all.filter(({ reference }) => !isUnknown(reference));
  const most = Math.min(size.staged, staged.length);
  const rendered = renderedFiles(manifest, shown, size);
  return {
    files: writtenRecord(rendered).map((file, index) => ({ ...file, moreRows: rendered[index]?.moreRows ?? 0 })),
    staged: staged.slice(0, most).map(({ reference, path }) => ({ path, from: PLACES.pathOf(reference) })),
    moreStaged: staged.length - most,
  };
}

function renderedFiles(manifest: Manifest, values: ParameterValues, size: PreviewSize): (RenderedFile & { moreRows: number })[] {
  const { files = [], parameters } = manifest;
  return renderFiles(manifest, values, PLACES).map((whole, index) => {
    const file = files[index];
    const rows = file?.format === 'rows' ? rowsOf(file, values) : [];
    if (!file || rows.length <= size.rows) return { ...whole, moreRows: 0 };
    const first = { ...values, [(file as RowsFile).rows[0] ?? '']: rows.slice(0, size.rows) } as ParameterValues;
    const [cut] = renderFiles({ parameters, files: [file] }, first, PLACES);
    return { ...(cut ?? whole), moreRows: rows.length - size.rows };
  });
}

/** Of a file that has a row for each of a table, or of another list; none where rows are made of several lists. */
function rowsOf({ rows: [name = '', ...others] }: RowsFile, values: ParameterValues): unknown[] {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return others.length === 0 && Array.isArray(value) ? value : [];
}

function isUnknown(reference: string): boolean {
  return reference === UNKNOWN || reference === UNKNOWN_FILE;
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
