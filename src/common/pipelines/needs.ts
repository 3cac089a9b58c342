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

/** The needs of one run. A field that is empty or no number counts as 0, so that `plus` and `least` remain. */
export function demandOf(needs: Needs, values: ParameterValues): Demand {
  return {
    cpu: Math.max(0, Math.round(amountOf(needs.cpu, values) * 1000)),
    memory: needs.memoryBytes === null ? 0 : Math.ceil(amountOf(needs.memoryBytes, values) / MIB),
    gpus: Math.max(0, Math.ceil(amountOf(needs.gpus, values))),
  };
}

/** The least that any run of a pipeline needs, whatever is entered. */
export function leastDemandOf(needs: Needs, parameters: readonly Parameter[]): Demand {
  const least = (need: Need) =>
    typeof need === 'number' ? need : Math.max(need.least, lowestOf(need, parameters) * need.times + need.plus);
  const { cpu, memoryBytes, gpus } = needs;
  return demandOf({ cpu: least(cpu), memoryBytes: memoryBytes === null ? null : least(memoryBytes), gpus: least(gpus) }, {});
}

/** An optional number without a default may stay empty, which counts as 0. */
function lowestOf({ parameter: name }: Exclude<Need, number>, parameters: readonly Parameter[]): number {
  const parameter = parameters.find((one) => one.name === name);
  if (parameter?.type !== 'integer' && parameter?.type !== 'number') return -Infinity;
  const lowest = parameter.min ?? -Infinity;
  return parameter.required || parameter.default !== null ? lowest : Math.min(0, lowest);
}

function amountOf(need: Need, values: ParameterValues): number {
  if (typeof need === 'number') return need;
  const value = Number(values[need.parameter] ?? 0);
  return Math.max(need.least, (Number.isFinite(value) ? value : 0) * need.times + need.plus);
}
