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
