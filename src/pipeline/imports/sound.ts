import { stringify } from 'yaml';
import { compileYaml } from '../../common/pipelines/pipeline-yaml';
import { faultOf } from '../check/fault';
import type { DraftField } from './draft';
import { asText, type Foreign } from './foreign';
import type { ImportReport } from './import-report';

/** Foreign files contradict themselves: defaults outside of ranges, patterns that are none. What a manifest refuses is dropped and told. */

const MOST_FAULTS = 12;

/** Fields of a parameter without which it is none. */
const NEEDED = new Set(['name', 'type', 'columns', 'options']);

/** The parameter without what would be a fault of its manifest. Conditions are looked at by `soundConditions`. */
export function soundParameter(parameter: Foreign, field: DraftField, report: ImportReport): Foreign {
  const { when, requiredWhen, ...rest } = parameter;
  const { origin, id, required } = field;
  let sound = field.kind === 'table' ? { ...rest, columns: soundColumns(rest, field, report) } : rest;
  for (let tries = 0; tries < MOST_FAULTS; tries += 1) {
    const compiled = compileYaml('imported', stringify({ command: ['true'], parameters: [sound] }));
    if (!Array.isArray(compiled))
      return { ...sound, ...(when === undefined ? {} : { when }), ...(requiredWhen === undefined ? {} : { requiredWhen }) };
    const { field: place, sentence } = faultOf('', compiled[0]);
    const wrong = place?.split(', ')[1]?.split(' ')[0] ?? '';
    if (!Object.hasOwn(sound, wrong) || NEEDED.has(wrong)) break;
    report.note('dropped', origin, `${wrong} ${inWords(sound[wrong])}: ${sentence}`);
    sound = Object.fromEntries(Object.entries(sound).filter(([name]) => name !== wrong));
    // Without its default it would be required.
    if (wrong === 'default' && !required && requiredWhen === undefined) sound = { ...sound, required: false };
  }
  report.note('weakened', origin, 'It could not be expressed and became a line of text.');
  return { name: id, type: 'string', required: false };
}

/** A column is a parameter of each row, so what is wrong with it shows when it stands alone. */
function soundColumns({ columns }: Foreign, field: DraftField, report: ImportReport): Foreign[] {
  return (columns as Foreign[]).map(({ unique, ...column }, index) => ({
    ...soundParameter(column, field.columns?.[index]?.field ?? field, report),
    ...(unique === undefined ? {} : { unique }),
  }));
}

/** Drops conditions and rules that a manifest refuses, one after the other. @param manifest is changed. */
export function soundConditions(manifest: Foreign, fields: readonly DraftField[], report: ImportReport): void {
  const { sections } = manifest;
  const parameters = manifest['parameters'] as Foreign[];
  let rules = (manifest['rules'] ?? []) as Foreign[];
  for (;;) {
    const compiled = compileYaml(
      'imported',
      stringify({ command: ['true'], ...(sections === undefined ? {} : { sections }), parameters, ...(rules.length > 0 ? { rules } : {}) }),
    );
    const [, place, number, name] =
      /^(parameters|rules) (\d+), (\w+)/.exec((Array.isArray(compiled) ? faultOf('', compiled[0]).field : null) ?? '') ?? [];
    if (place === undefined || number === undefined || name === undefined) break;
    const index = Number(number) - 1;
    const sentence = Array.isArray(compiled) ? faultOf('', compiled[0]).sentence : '';
    if (place === 'rules') {
      report.note('dropped', asText(rules[index]?.['at']) ?? '', `rule "${String(rules[index]?.['check'])}": ${sentence}`);
      rules = rules.filter((_, at) => at !== index);
    } else {
      report.note('dropped', fields[index]?.origin ?? '', `${name} ${inWords(parameters[index]?.[name])}: ${sentence}`);
      if (parameters[index] === undefined || !Object.hasOwn(parameters[index], name) || NEEDED.has(name)) break;
      delete parameters[index][name];
    }
  }
  if (rules.length > 0) manifest['rules'] = rules;
  else delete manifest['rules'];
}

function inWords(value: unknown): string {
  const words = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${words.slice(0, 100)}"`;
}
