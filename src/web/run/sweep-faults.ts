import type { Parameter } from '../../common/pipelines/manifest';
import type { Combination } from '../../common/pipelines/sweep/combinations';
import { text } from '../../locales/text';
import { valueWords } from '../sweeps/axis-words';
import type { SweepPlan } from './sweep-plan';

/** Sentences about runs that are wrong; the others look alike. */
const MOST_FAULTS = 5;

interface Fault {
  name: string;
  sentence: string;
  /** The runs in which it was found. */
  of: Combination[];
}

/** What is wrong with the runs of a sweep: said once, with the values of the first run for which it holds. */
export class SweepFaults {
  private readonly faults = new Map<string, Fault>();
  private looked = 0;

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly plan: SweepPlan,
  ) {}

  /** Whether looking at further runs tells nothing that anybody would read. */
  get areEnough(): boolean {
    return this.faults.size >= MOST_FAULTS && this.looked > 1;
  }

  /** @param errors of one run, by the name of the field. */
  note(combination: Combination, errors: Readonly<Record<string, string>>): void {
    this.looked += 1;
    for (const [name, sentence] of Object.entries(errors)) {
      const value = isVaried(this.plan, name) ? combination[name] : '';
      const key = JSON.stringify([name, value, sentence]);
      const fault = this.faults.get(key) ?? { name, sentence, of: [] };
      fault.of.push(combination);
      this.faults.set(key, fault);
    }
  }

  get isEmpty(): boolean {
    return this.faults.size === 0;
  }

  /** Without what is wrong in the first run beside its several values: the form itself tells that, at its fields. */
  sentences(): string[] {
    const [first] = this.plan.runs;
    const untold = [...this.faults.values()].filter(({ name, of }) => isVaried(this.plan, name) || of[0] !== first?.combination);
    return untold.slice(0, MOST_FAULTS).map((fault) => this.inWords(fault));
  }

  private inWords({ name, sentence, of }: Fault): string {
    const [first] = of;
    if (isVaried(this.plan, name)) return faultOfValue(this.plan, first, name, sentence);
    const values = this.plan.axes.map(({ label, parameter }) => `${label} ${valueWords(first[parameter] ?? '')}`).join(', ');
    const label = this.parameters.find((parameter) => parameter.name === name)?.label ?? name;
    return text('sweep.faultAtField', { values, label, sentence });
  }
}

export function isVaried({ axes }: SweepPlan, name: string): boolean {
  return axes.some(({ parameter }) => parameter === name);
}

/** What is wrong with one of several values. */
export function faultOfValue({ axes }: SweepPlan, combination: Combination, name: string, sentence: string): string {
  const label = axes.find(({ parameter }) => parameter === name)?.label ?? name;
  return text('sweep.faultAt', { values: `${label} ${valueWords(combination[name] ?? '')}`, sentence });
}
