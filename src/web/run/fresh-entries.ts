import { accepts } from '../../common/pipelines/accept';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import { defaultEntry, type Entered } from '../../common/pipelines/parameters';
import type { EnteredValue } from '../../common/pipelines/rich-entries';
import type { TableRemarks } from './field-offers';
import type { FormSurroundings } from './form-surroundings';
import type { FileChoice } from './input-files';
import { fillTable } from './table-actions';

/** Defaults; a required file is chosen already where just one of the project's own fits, and tables are filled from files. */
export async function freshEntries(
  manifest: Manifest,
  choices: readonly FileChoice[],
  around: FormSurroundings,
): Promise<{ entered: Entered; tables: TableRemarks }> {
  const entered: Entered = Object.fromEntries(manifest.parameters.map((parameter) => [parameter.name, freshEntry(parameter, choices)]));
  const notes: Record<string, string> = {};
  for (const parameter of manifest.parameters) {
    if (parameter.type === 'table' && parameter.fill) notes[parameter.name] = await fillTable(parameter, entered, around);
  }
  return { entered, tables: { blank: {}, notes } };
}

function freshEntry(parameter: Parameter, choices: readonly FileChoice[]): EnteredValue {
  if ((parameter.type !== 'file' && parameter.type !== 'files') || !parameter.required) return defaultEntry(parameter);
  const all = choices.filter((choice) => accepts(parameter.accept, choice.name));
  const results = all.filter(({ group }) => group === 'after');
  const fitting =
    results.length > 0 ? results : all.filter(({ group, size, link }) => group === 'project' && (size > 0 || link !== undefined));
  const only = fitting.length === 1 ? fitting[0].reference : '';
  if (parameter.type === 'file') return only;
  return only === '' ? [] : [only];
}
