import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import { combine, type Combination, type SweepMode } from '../../common/pipelines/sweep/combinations';
import { isSweepable, readAxis, type OfferedFile } from '../../common/pipelines/sweep/sweep-axis';
import type { StoredAxis } from '../../common/sweeps/sweep.entity';
import { text } from '../../locales/text';
import type { EnteredSweep } from './sweep-order';

/** What a sweep is going to be. */
export interface SweepPlan {
  axes: StoredAxis[];
  mode: SweepMode;
  combinations: Combination[];
}

export type PlannedSweep = { plan: SweepPlan } | { faults: string[] };

/** Longest JSON of axes that a row holds in either database. */
const MOST_AXES_BYTES = 60_000;

/**
 * Works out which runs an entered sweep stands for.
 * @param files that the form offers. @param most runs at most.
 */
export function planSweep(
  { parameters }: Pick<Manifest, 'parameters'>,
  { axes: entered, mode }: EnteredSweep,
  files: readonly OfferedFile[],
  most: number,
): PlannedSweep {
  const axes: StoredAxis[] = [];
  const faults: string[] = [];
  for (const { parameter: name, values } of entered) {
    const parameter = parameters.find((one) => one.name === name);
    if (!parameter || !isSweepable(parameter)) faults.push(text('sweep.noSuchParameter', { name: name.slice(0, 80) }));
    else if (axes.some((axis) => axis.parameter === name)) faults.push(text('sweep.twice', { label: parameter.label }));
    else {
      const read = readAxis(parameter, values, files);
      if ('fault' in read) faults.push(read.fault);
      else axes.push({ ...read.axis, label: parameter.label });
    }
  }
  if (faults.length > 0) return { faults };
  if (JSON.stringify(axes).length > MOST_AXES_BYTES) return { faults: [text('sweep.tooLong')] };
  const made = combine(axes, mode, most);
  return made.fault === undefined ? { plan: { axes, mode, combinations: made.combinations } } : { faults: [made.fault] };
}

/** What the form of one run of a sweep would hold. */
export function entriesOfRun(parameters: readonly Parameter[], entered: Entered, combination: Combination): Entered {
  const own = Object.entries(combination).map(([name, value]): [string, string | string[]] => {
    const isList = parameters.some((parameter) => parameter.name === name && parameter.type === 'files');
    return [name, isList ? [value] : value];
  });
  return { ...entered, ...Object.fromEntries(own) };
}
