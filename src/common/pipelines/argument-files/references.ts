import type { FileReference, Parameter, ParameterValues } from '../manifest';
import { isFile, type Described } from './scope';

/** Every file that was chosen in the form, once: also those in the rows of tables. */
export function fileReferences(parameters: readonly Parameter[], values: ParameterValues): FileReference[] {
  const found = parameters.flatMap((parameter: Described): unknown[] => {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    if (isFile(parameter)) return [value].flat();
    const columns = (parameter.columns ?? []).filter(isFile);
    if (columns.length === 0 || !Array.isArray(value)) return [];
    return value.flatMap((row) =>
      typeof row === 'string' ? [] : columns.map(({ name }) => (Object.hasOwn(row, name) ? row[name] : undefined)),
    );
  });
  return [...new Set(found.filter((reference): reference is string => typeof reference === 'string' && reference !== ''))];
}
