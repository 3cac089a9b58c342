import { FormConditions } from '../../browser/conditions/form-conditions';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import { combine, different, type Combination, type SweepMode } from '../../common/pipelines/sweep/combinations';
import { isSweepable, itemsOfSet, readAxis, type Offered } from '../../common/pipelines/sweep/sweep-axis';
import type { Surroundings } from '../../common/pipelines/surroundings';
import type { StoredAxis } from '../../common/sweeps/sweep.entity';
import { text } from '../../locales/text';
import type { FileChoices } from './input-files';
import type { EnteredSweep } from './sweep-order';

/** One run of a sweep, and its place among all combinations of the values. */
export interface PlannedRun {
  position: number;
  combination: Combination;
}

/** What a sweep is going to be. */
export interface SweepPlan {
  axes: StoredAxis[];
  mode: SweepMode;
  runs: PlannedRun[];
}

export type PlannedSweep = { plan: SweepPlan } | { faults: string[] };

/** What a form holds, several values included. */
export interface SweepEntries {
  entered: Entered;
  sweep: EnteredSweep;
}

/** Longest JSON of axes that a row holds in either database. */
const MOST_AXES_BYTES = 60_000;
const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * Works out which runs an entered sweep stands for. A value of a field that does not apply makes no run of its own.
 * @param files that the form offers. @param most runs at most.
 */
export async function planSweep(
  { parameters }: Pick<Manifest, 'parameters'>,
  { entered, sweep }: SweepEntries,
  files: FileChoices,
  around: Pick<Surroundings, 'names'>,
  most: number,
): Promise<PlannedSweep> {
  const read = await readAxes(parameters, { entered, sweep }, files, around);
  if ('faults' in read) return read;
  const { mode } = sweep;
  const axes = different(read.axes, mode);
  if (Buffer.byteLength(JSON.stringify(axes)) > MOST_AXES_BYTES) return { faults: [text('sweep.tooLong')] };
  const made = combine(axes, mode, most);
  if (made.fault !== undefined) return { faults: [made.fault] };
  return plannedRuns(parameters, entered, { axes, mode }, made.combinations);
}

async function readAxes(
  parameters: readonly Parameter[],
  { entered, sweep }: SweepEntries,
  { choices, complete }: FileChoices,
  around: Pick<Surroundings, 'names'>,
): Promise<{ axes: StoredAxis[] } | { faults: string[] }> {
  const axes: StoredAxis[] = [];
  const faults: string[] = [];
  for (const { parameter: name, values } of sweep.axes) {
    const parameter = parameters.find((one) => one.name === name);
    if (!parameter || !isSweepable(parameter)) faults.push(text('sweep.noSuchParameter', { name: name.slice(0, 80) }));
    else if (axes.some((axis) => axis.parameter === name)) faults.push(text('sweep.twice', { label: parameter.label }));
    else {
      const source = parameter.type === 'pick' ? await around.names(parameter.from, entered) : null;
      const offered: Offered = { files: choices, isComplete: complete, names: source && 'names' in source ? source.names : NO_NAMES };
      const read = readAxis(parameter, values, offered);
      if ('fault' in read) faults.push(read.fault);
      else axes.push({ ...read.axis, label: parameter.label });
    }
  }
  return faults.length > 0 ? { faults } : { axes };
}

function plannedRuns(
  parameters: readonly Parameter[],
  entered: Entered,
  { axes, mode }: Pick<SweepPlan, 'axes' | 'mode'>,
  combinations: readonly Combination[],
): PlannedSweep {
  const conditions = new FormConditions(parameters);
  const used = new Set<string>();
  const runs = new Map<string, PlannedRun>();
  for (const [position, combination] of combinations.entries()) {
    const { applies } = conditions.stateOf(entriesOfRun(parameters, entered, combination));
    const meant = Object.entries(combination).filter(([name]) => applies.has(name));
    for (const [name] of meant) used.add(name);
    const key = JSON.stringify(meant);
    if (!runs.has(key)) runs.set(key, { position, combination });
  }
  const faults = axes.filter(({ parameter }) => !used.has(parameter)).map(({ label }) => text('sweep.doesNotApply', { label }));
  return faults.length > 0 ? { faults } : { plan: { axes, mode, runs: [...runs.values()] } };
}

/** What the form of one run of a sweep would hold. */
export function entriesOfRun(parameters: readonly Parameter[], entered: Entered, combination: Combination): Entered {
  const own = Object.entries(combination).map(([name, value]): [string, string | string[]] => {
    const parameter = parameters.find((one) => one.name === name);
    if (parameter?.type === 'files') return [name, [value]];
    const isChosen = parameter?.type === 'choices' || (parameter?.type === 'pick' && parameter.many);
    return [name, isChosen ? itemsOfSet(value) : value];
  });
  return { ...entered, ...Object.fromEntries(own) };
}
