import { formatBytes } from '../../browser/amounts';
import { formatNumber } from '../../locales/formats';
import { text } from '../../locales/text';
import type { Parameter, ParameterValues } from './manifest';

/** A fixed amount, or one that grows with a field of the form: `value × times + plus`, at least `least`. */
export type Need = number | { parameter: string; times: number; plus: number; least: number };

/** What a run takes of a machine while it is held. */
export interface Demand {
  /** Thousandths of a core. */
  cpu: number;
  /** MiB; 0 when the pipeline does not tell. */
  memory: number;
  /** Whole GPUs. */
  gpus: number;
}

/** What a pipeline asks of a machine, as its manifest says. */
export interface Needs {
  /** Cores. */
  cpu: Need;
  /** Bytes; null when not told. */
  memoryBytes: Need | null;
  gpus: Need;
}

const MIB = 1024 * 1024;

/** Far more than any machine has, and what the queue can still hold. */
export const MOST_NEEDS = { cpu: 100_000, memoryBytes: 1e15, gpus: 1000 } as const;

const MOST_IN_WORDS: Record<keyof Needs, () => string> = {
  cpu: () => text('pipelines.someCores', { count: formatNumber(MOST_NEEDS.cpu) }),
  memoryBytes: () => text('pipelines.someMemory', { size: formatBytes(MOST_NEEDS.memoryBytes) }),
  gpus: () => text('pipelines.someGpus', { count: formatNumber(MOST_NEEDS.gpus) }),
};

/** The needs of one run. A field that is empty, does not apply or is no number counts as 0, so that `plus` and `least` remain. */
export function demandOf(needs: Needs, values: ParameterValues): Demand {
  return {
    cpu: Math.max(0, Math.round(amountOf(needs.cpu, values) * 1000)),
    memory: needs.memoryBytes === null ? 0 : Math.ceil(amountOf(needs.memoryBytes, values) / MIB),
    gpus: Math.max(0, Math.ceil(amountOf(needs.gpus, values))),
  };
}

/** The fields that make a run need more than there can be: one sentence by name, with the highest number that may be entered. */
export function needErrors(needs: Needs | undefined, parameters: readonly Parameter[], values: ParameterValues): Record<string, string> {
  const errors: Record<string, string> = {};
  let lowest = Infinity;
  for (const resource of ['cpu', 'memoryBytes', 'gpus'] as const) {
    const need = needs?.[resource];
    if (need === undefined || need === null || typeof need === 'number' || amountOf(need, values) <= MOST_NEEDS[resource]) continue;
    const max = Math.floor((MOST_NEEDS[resource] - need.plus) / need.times);
    if (need.parameter in errors && max >= lowest) continue;
    lowest = max;
    const field = parameters.find(({ name }) => name === need.parameter);
    const measure = field && 'unit' in field && field.unit !== '' ? ` ${field.unit}` : '';
    errors[need.parameter] = text('pipelines.needsTooMuch', { max, measure, most: MOST_IN_WORDS[resource]() });
  }
  return errors;
}

/** The least that any run of a pipeline needs, whatever is entered. */
export function leastDemandOf(needs: Needs, parameters: readonly Parameter[]): Demand {
  const least = (need: Need) =>
    typeof need === 'number' ? need : Math.max(need.least, lowestOf(need, parameters) * need.times + need.plus);
  const { cpu, memoryBytes, gpus } = needs;
  return demandOf({ cpu: least(cpu), memoryBytes: memoryBytes === null ? null : least(memoryBytes), gpus: least(gpus) }, {});
}

/** An optional number without a default may stay empty, and one with `when` may not apply, which both count as 0. */
function lowestOf({ parameter: name }: Exclude<Need, number>, parameters: readonly Parameter[]): number {
  const parameter = parameters.find((one) => one.name === name);
  if (parameter?.type !== 'integer' && parameter?.type !== 'number') return -Infinity;
  const lowest = parameter.min ?? -Infinity;
  const isThere = (parameter.required || parameter.default !== null) && parameter.when === undefined;
  return isThere ? lowest : Math.min(0, lowest);
}

function amountOf(need: Need, values: ParameterValues): number {
  if (typeof need === 'number') return need;
  const value = Number(values[need.parameter] ?? 0);
  return Math.max(need.least, (Number.isFinite(value) ? value : 0) * need.times + need.plus);
}
