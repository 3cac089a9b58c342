import type { Manifest } from '../../common/pipelines/manifest';
import { isSweepable, takesSets } from '../../common/pipelines/sweep/sweep-axis';
import { MOST_AXES, sweepField, type EnteredSweep } from './sweep-order';
import type { PlannedSweep } from './sweep-plan';

interface AxisView {
  line: number;
  parameterField: string;
  valuesField: string;
  /** The last parameter may be none. */
  options: { value: string; label: string; isChosen: boolean }[];
  values: string;
}

/** The part "Several runs at once" of a form. */
export interface SweepFormView {
  axes: AxisView[];
  isTogether: boolean;
  /** Whether some fields take sets of values, one a line. */
  hasSets: boolean;
  /** Whether the form has fields that are the same in all runs. */
  hasOthers: boolean;
  isOpen: boolean;
  /** How many runs are entered; null where none are, or something is wrong with them. */
  count: number | null;
  faults: string[];
}

/** Lines that are there before anything is chosen: with scripts and without. */
const FIRST_LINES = 2;

/** Null for a pipeline of which no parameter takes several values. @param planned what `entered` stands for. @param told faults that the form names elsewhere. */
export function sweepFormView(
  { parameters }: Pick<Manifest, 'parameters'>,
  entered: EnteredSweep | null,
  planned: PlannedSweep | null,
  told: readonly string[] = [],
): SweepFormView | null {
  const offered = parameters.filter(isSweepable);
  if (offered.length === 0) return null;
  const chosen = entered?.axes ?? [];
  const lines = Math.min(MOST_AXES, offered.length, Math.max(FIRST_LINES, chosen.length + 1));
  const axes = Array.from({ length: lines }, (_, index): AxisView => {
    const axis = chosen[index];
    return {
      line: index + 1,
      parameterField: sweepField(index + 1, 'parameter'),
      valuesField: sweepField(index + 1, 'values'),
      options: offered.map(({ name, label }) => ({ value: name, label, isChosen: axis?.parameter === name })),
      values: axis?.values ?? '',
    };
  });
  return {
    axes,
    hasSets: offered.some(takesSets),
    hasOthers: parameters.some((parameter) => !isSweepable(parameter) && parameter.type !== 'constant'),
    isTogether: entered?.mode === 'together',
    isOpen: entered !== null,
    count: planned && 'plan' in planned ? planned.plan.runs.length : null,
    faults: planned && 'faults' in planned ? planned.faults.filter((fault) => !told.includes(fault)) : [],
  };
}
