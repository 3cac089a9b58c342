import type { SweepMode } from '../../common/pipelines/sweep/combinations';
import type { SubmittedForm } from '../http/form';

/** Axes that a form offers: with more, nobody could read the table of the results. */
export const MOST_AXES = 4;

/** A parameter and what was typed for its several values. */
export interface EnteredAxis {
  parameter: string;
  values: string;
}

/** What the part "Several runs" of a form holds. */
export interface EnteredSweep {
  axes: EnteredAxis[];
  mode: SweepMode;
}

/** Names of its fields: `sweep.1.parameter`, `sweep.1.values`, …, `sweep.mode`. Parameters have a prefix of their own, so that none can be called so. */
export function sweepField(number: number, part: 'parameter' | 'values'): string {
  return `sweep.${number}.${part}`;
}

/** Null where no parameter takes several values. */
export function readSweep(form: SubmittedForm): EnteredSweep | null {
  const axes: EnteredAxis[] = [];
  for (let number = 1; number <= MOST_AXES; number += 1) {
    const parameter = lastText(form?.[sweepField(number, 'parameter')]);
    if (parameter !== '') axes.push({ parameter, values: lastText(form?.[sweepField(number, 'values')]) });
  }
  return axes.length === 0 ? null : { axes, mode: lastText(form?.['sweep.mode']) === 'together' ? 'together' : 'all' };
}

/** What its fields hold, by their names: `readSweep` reads it again. */
export function sweepFields({ axes, mode }: EnteredSweep): [string, string][] {
  const fields = axes.flatMap(({ parameter, values }, index): [string, string][] => [
    [sweepField(index + 1, 'parameter'), parameter],
    [sweepField(index + 1, 'values'), values],
  ]);
  return [...fields, ['sweep.mode', mode]];
}

function lastText(value: unknown): string {
  const last = Array.isArray(value) ? (value as unknown[]).at(-1) : value;
  return typeof last === 'string' ? last : '';
}
