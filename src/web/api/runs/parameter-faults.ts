import { InvalidFieldsError } from '../../../common/errors';
import type { ParameterCheck } from '../../../common/pipelines/parameters';

type Refused = Extract<ParameterCheck, { ok: false }>;

/** What is wrong with parameters, each beside the path of its value in the request. */
export function parameterFaults({ errors, cells }: Refused): InvalidFieldsError {
  const inCells = Object.entries(cells).flatMap(([name, faults]) =>
    Object.entries(faults).map(([cell, message]) => ({ field: `parameters.${name}.${cell}`, message })),
  );
  const inFields = Object.entries(errors).map(([name, message]) => ({ field: `parameters.${name.slice(0, 100)}`, message }));
  return new InvalidFieldsError('api.wrongFields', [...inFields, ...inCells]);
}
