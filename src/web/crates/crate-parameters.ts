import type { OutputRule, Parameter } from '../../common/pipelines/manifest';
import { ruleOf } from '../show/result-choice';
import type { InputView } from '../show/run-inputs';
import { type Entity } from './crate-entity';
import type { CrateFacts } from './crate-facts';

/** Types of schema.org by those of a form; what is missing is text. */
const TYPES: Partial<Record<Parameter['type'], string>> = {
  file: 'File',
  files: 'File',
  integer: 'Integer',
  number: 'Float',
  boolean: 'Boolean',
  table: 'PropertyValue',
};
const SEVERAL = new Set<Parameter['type']>(['files', 'choices', 'list', 'table']);

type StoredRecord = CrateFacts['record'];

/** What the form of the pipeline asks for. */
export function inputSlots({ manifest }: Pick<StoredRecord, 'manifest'>): Entity[] {
  return (manifest.parameters ?? []).map((parameter) => {
    const standard = 'default' in parameter ? parameter.default : null;
    const isSimple = ['string', 'number', 'boolean'].includes(typeof standard) && standard !== '';
    return {
      '@id': slotId(parameter.name),
      '@type': 'FormalParameter',
      name: parameter.name,
      additionalType: TYPES[parameter.type] ?? 'Text',
      ...('label' in parameter && parameter.label ? { description: parameter.label } : {}),
      ...('required' in parameter && typeof parameter.required === 'boolean' ? { valueRequired: parameter.required } : {}),
      ...(isSimple ? { defaultValue: String(standard) } : {}),
      ...(SEVERAL.has(parameter.type) ? { multipleValues: true } : {}),
    };
  });
}

/** What the pipeline says that comes out. */
export function outputSlots({ manifest }: Pick<StoredRecord, 'manifest'>): Entity[] {
  return rulesOf(manifest).map(({ title, glob }, index) => {
    return { '@id': outputId(index), '@type': 'FormalParameter', name: title || glob, additionalType: 'File', description: glob };
  });
}

/** The slot that a result belongs to. @param shown its path below the folder of results. */
export function slotOfResult({ manifest }: Pick<StoredRecord, 'manifest'>, shown: string): Record<string, unknown> {
  const rules = rulesOf(manifest);
  const rule = ruleOf(rules, shown);
  return rule ? { exampleOfWork: { '@id': outputId(rules.indexOf(rule)) } } : {};
}

/** The values that were entered; files are told of by themselves. */
export function valueEntities({ run, record: { parameters, manifest } }: Pick<CrateFacts, 'run' | 'record'>): Entity[] {
  const described = new Map((manifest.parameters ?? []).map((parameter) => [parameter.name, parameter.type]));
  return parameters.flatMap(({ name, label, values, unit, table }) => {
    const all = table ? table.rows.map((row) => row.join('\t')) : values;
    if (all.length === 0) return [];
    return {
      '@id': `#run-${run.id}-value-${encodeURIComponent(name)}`,
      '@type': 'PropertyValue',
      name,
      ...(label ? { description: label } : {}),
      value: all.length === 1 ? all[0] : all,
      ...(unit ? { unitText: unit } : {}),
      ...(described.has(name) ? { exampleOfWork: { '@id': slotId(name) } } : {}),
    };
  });
}

/** Files that the run read: they are named, and not in the crate. */
export function inputEntities({ run, record }: Pick<CrateFacts, 'run' | 'record'>): Entity[] {
  return (record.inputs?.files ?? []).map((file, index) => {
    const slot = slotOfInput(record, file);
    return {
      '@id': `#run-${run.id}-input-${index + 1}`,
      '@type': 'File',
      name: file.name,
      contentSize: String(file.size),
      ...(file.sha256 ? { sha256: file.sha256 } : {}),
      ...(slot === null ? {} : { exampleOfWork: { '@id': slotId(slot) } }),
    };
  });
}

/** The parameter for which a file was chosen, by itself or with its folder; null where nobody can tell. */
function slotOfInput({ manifest, parameters }: Pick<StoredRecord, 'manifest' | 'parameters'>, { chosen }: InputView): string | null {
  const files = new Set((manifest.parameters ?? []).filter(({ type }) => type === 'file' || type === 'files').map(({ name }) => name));
  const holds = (value: string) => chosen === value || chosen.startsWith(`${value}/`);
  return parameters.find(({ name, values }) => files.has(name) && values.some(holds))?.name ?? null;
}

function rulesOf(manifest: StoredRecord['manifest']): OutputRule[] {
  return manifest.outputs ?? [];
}

function slotId(name: string): string {
  return `#parameter-${encodeURIComponent(name)}`;
}

function outputId(index: number): string {
  return `#output-${index + 1}`;
}
