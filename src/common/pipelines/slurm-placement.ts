import { text } from '../../locales/text';
import { parseSeconds } from '../config/values';
import { InvalidInputError } from '../errors';
import type { Manifest, ParameterType, ParameterValues } from './manifest';
import type { Runtime, SlurmField, SlurmRuntime } from './runtime';
import { isSlurmWord } from './slurm-schema';

const FIELDS = ['partition', 'account', 'qos', 'constraint'] as const;
const WORDS = new Set<ParameterType>(['choice', 'string']);
const TIMES = new Set<ParameterType>(['choice', 'string', 'integer', 'number']);

/** Where a job goes and how long it may take, once the form is filled in. */
export interface SlurmPlacement {
  partition: string | null;
  account: string | null;
  qos: string | null;
  constraint: string | null;
  timeSeconds: number | null;
}

/**
 * The block `slurm` with the values of one run.
 * @throws InvalidInputError when a value cannot stand for what its field means.
 */
export function slurmPlacement(runtime: SlurmRuntime, values: ParameterValues): SlurmPlacement {
  const [partition, account, qos, constraint] = FIELDS.map((name) => wordOf(runtime[name], values));
  return { partition, account, qos, constraint, timeSeconds: secondsOf(runtime.time, values) };
}

/** A runtime whose fields are all texts: those of the form are filled in. @throws InvalidInputError */
export function filledIn(runtime: Runtime, values: ParameterValues): Runtime {
  if (runtime.kind !== 'slurm') return runtime;
  const { timeSeconds, ...words } = slurmPlacement(runtime, values);
  return { ...runtime, ...words, time: timeSeconds };
}

/** What was entered in the form and cannot mean what the block `slurm` takes it for: a sentence by parameter name. */
export function placementErrors(runtime: Runtime | undefined, values: ParameterValues): Record<string, string> {
  try {
    if (runtime?.kind === 'slurm') slurmPlacement(runtime, values);
    return {};
  } catch (error) {
    if (error instanceof InvalidInputError && error.field !== undefined) return { [error.field]: error.message };
    throw error;
  }
}

/** The fields of the block that name a parameter which cannot fill them: field, and what is wrong. */
export function slurmFaults(runtime: Runtime, parameters: Manifest['parameters']): [string, string][] {
  if (runtime.kind !== 'slurm') return [];
  return ([...FIELDS, 'time'] as const).flatMap((field): [string, string][] => {
    const value = runtime[field];
    if (value === null || typeof value !== 'object') return [];
    const source = parameters.find(({ name }) => name === value.parameter);
    if (source && (field === 'time' ? TIMES : WORDS).has(source.type)) return [];
    return [[field, text(field === 'time' ? 'pipelines.slurmTimeSource' : 'pipelines.slurmWordSource', { name: value.parameter })]];
  });
}

function wordOf(field: SlurmField, values: ParameterValues): string | null {
  if (field === null || typeof field === 'string') return field;
  const value = entered(field.parameter, values);
  if (value === null) return null;
  if (!isSlurmWord(value)) {
    throw new InvalidInputError('pipelines.slurmWordNeeded', { name: field.parameter, value }, field.parameter);
  }
  return value;
}

/** A number alone counts in the unit of the field; `90m` and `2h` speak for themselves. */
function secondsOf(field: SlurmRuntime['time'], values: ParameterValues): number | null {
  if (field === null || typeof field === 'number') return field;
  const value = entered(field.parameter, values);
  if (value === null) return null;
  const seconds = parseSeconds(/^\d+(\.\d+)?$/.test(value) ? `${value}${field.unit}` : value);
  if (seconds === undefined || seconds <= 0) {
    throw new InvalidInputError('pipelines.slurmTimeNeeded', { name: field.parameter, value }, field.parameter);
  }
  return Math.ceil(seconds);
}

function entered(name: string, values: ParameterValues): string | null {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
