import type { Manifest } from '../../common/pipelines/manifest';
import { isSweepable, takesSets } from '../../common/pipelines/sweep/sweep-axis';
import { faultOfValue, isVaried } from './sweep-faults';
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

interface SweepState {
  entered: EnteredSweep | null;
  /** What `entered` stands for. */
  planned: PlannedSweep | null;
  /** What is wrong with the first run, by the name of the field. */
  errors: Readonly<Record<string, string>>;
  /** Faults that the form names elsewhere. */
  told: readonly string[];
}

/** Null for a pipeline of which no parameter takes several values. */
export function sweepFormView({ parameters }: Pick<Manifest, 'parameters'>, state: SweepState): SweepFormView | null {
  const { entered, planned, told } = state;
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
    faults: faultsOf(state).filter((fault) => !told.includes(fault)),
  };
}

function faultsOf({ planned, errors }: SweepState): string[] {
  if (planned === null || 'faults' in planned) return planned?.faults ?? [];
  const { plan } = planned;
  const first = plan.runs[0]?.combination ?? {};
  return Object.entries(errors).flatMap(([name, sentence]) => (isVaried(plan, name) ? [faultOfValue(plan, first, name, sentence)] : []));
}
