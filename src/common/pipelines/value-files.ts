import type { FileReference, Parameter, ParameterValues } from './manifest';
import type { Row } from './rich-parameters';

/** Every file that checked values name, once: in fields and in tables. */
export function filesIn(parameters: readonly Parameter[], values: ParameterValues): FileReference[] {
  const references = parameters.flatMap((parameter): unknown[] => {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    if (parameter.type === 'file' || parameter.type === 'files') return [value].flat();
    if (parameter.type !== 'table' || !Array.isArray(value)) return [];
    const columns = parameter.columns.filter(({ type }) => type === 'file').map(({ name }) => name);
    return value.flatMap((row) => columns.map((name) => (row as Row)[name]));
  });
  return [...new Set(references.filter((one): one is string => typeof one === 'string' && one !== ''))];
}

/**
 * Everything that looks like a reference among submitted values, in fields and in rows of tables: for those who only know the values. A text that
 * somebody typed so counts, too.
 */
export function referencesAmong(values: Readonly<Record<string, unknown>>): FileReference[] {
  return textsIn(Object.values(values)).filter((text) => /^(?:project|inbox|own):/.test(text));
}

/** Values are texts, lists of texts, or lists of rows whose cells are texts or lists of them. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Numbers of the runs whose results are chosen in fields of the type `run`. */
export function runsIn(parameters: readonly Pick<Parameter, 'name' | 'type'>[], values: Readonly<Record<string, unknown>>): number[] {
  const fields = parameters.filter(({ name, type }) => type === 'run' && Object.hasOwn(values, name));
  return [...new Set(fields.map(({ name }) => Number(values[name])))].filter((run) => Number.isSafeInteger(run) && run > 0);
}
