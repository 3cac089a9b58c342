import { text } from '../../../locales/text';
import type { SweepAxis } from './sweep-axis';

/** How several axes go together: every value with every other, or the first with the first, the second with the second. */
export type SweepMode = 'all' | 'together';

/** One run of a sweep: the value of each axis, by the name of its parameter. */
export type Combination = Record<string, string>;

/** Axes without values that say nothing new: where every value goes with every other, each counts once. */
export function different<Axis extends SweepAxis>(axes: readonly Axis[], mode: SweepMode): Axis[] {
  return axes.map((axis) => (mode === 'all' ? { ...axis, values: [...new Set(axis.values)] } : axis));
}

/** How many runs some axes stand for; null where they do not go together. */
export function countCombinations(axes: readonly SweepAxis[], mode: SweepMode): number | null {
  if (axes.length === 0) return 0;
  if (mode === 'all') return axes.reduce((product, { values }) => product * values.length, 1);
  const lengths = new Set(axes.map(({ values }) => values.length));
  return lengths.size === 1 ? axes[0].values.length : null;
}

/**
 * The runs of a sweep, the last axis changing fastest.
 * @param most runs at most. @returns them, or the sentence that says why there are none.
 */
export function combine(
  axes: readonly SweepAxis[],
  mode: SweepMode,
  most: number,
): { combinations: Combination[]; fault?: undefined } | { fault: string } {
  const count = countCombinations(axes, mode);
  if (count === null) return { fault: text('sweep.differentLengths', { counts: axes.map(({ values }) => values.length).join(', ') }) };
  if (count > most) return { fault: text('sweep.tooManyRuns', { count, most }) };
  if (mode === 'together') return { combinations: Array.from({ length: count }, (_, index) => at(axes, () => index)) };
  const combinations = Array.from({ length: count }, (_, number) => {
    let rest = number;
    const indices = new Map<SweepAxis, number>();
    for (const axis of [...axes].reverse()) {
      indices.set(axis, rest % axis.values.length);
      rest = Math.floor(rest / axis.values.length);
    }
    return at(axes, (axis) => indices.get(axis) ?? 0);
  });
  return { combinations };
}

function at(axes: readonly SweepAxis[], indexOf: (axis: SweepAxis) => number): Combination {
  return Object.fromEntries(axes.map((axis) => [axis.parameter, axis.values[indexOf(axis)]]));
}
