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
      const value = this.isVaried(name) ? combination[name] : '';
      const key = JSON.stringify([name, value, sentence]);
      const fault = this.faults.get(key) ?? { name, sentence, of: [] };
      fault.of.push(combination);
      this.faults.set(key, fault);
    }
  }

  sentences(): string[] {
    return [...this.faults.values()].slice(0, MOST_FAULTS).map((fault) => this.inWords(fault));
  }

  private isVaried(name: string): boolean {
    return this.plan.axes.some(({ parameter }) => parameter === name);
  }

  private inWords({ name, sentence, of }: Fault): string {
    const [first] = of;
    const told = this.plan.axes.filter(({ parameter }) => !this.isVaried(name) || parameter === name);
    const values = told.map(({ label, parameter }) => `${label} ${valueWords(first[parameter] ?? '')}`).join(', ');
    if (this.isVaried(name)) return text('sweep.faultAt', { values, sentence });
    const label = this.parameters.find((parameter) => parameter.name === name)?.label ?? name;
    // What is wrong in every run has nothing to do with what differs.
    return this.plan.runs.length === of.length && of.length > 1
      ? text('sweep.faultEverywhere', { label, sentence })
      : text('sweep.faultAtField', { values, label, sentence });
  }
}
