import type { StepRule } from '../common/pipelines/outcome/outcome-rules';
import { text } from '../locales/text';
import { LineMatcher } from './outcome/line-matcher';
import type { Progress } from './progress-pattern';

/** Tells which step a program is at, by the lines with which steps begin. Steps take unlike times, so it tells no percent. */
export class StepWatch {
  private readonly matcher: LineMatcher;
  private readonly starts: number[];

  /** @param steps those that are ticked. */
  constructor(private readonly steps: readonly StepRule[]) {
    this.starts = steps.flatMap(({ start }, index) => (start === undefined ? [] : [index]));
    this.matcher = new LineMatcher(this.starts.map((index) => steps[index].start ?? ''));
  }

  /** The step that began last in lines that came after all before; null where none did. */
  async read(lines: readonly string[]): Promise<Progress | null> {
    const last = (await this.matcher.match(lines)).at(-1);
    if (!last) return null;
    const at = this.starts[last.pattern];
    return { percent: null, text: text('outcome.progress', { title: this.steps[at].title, at: at + 1, total: this.steps.length }) };
  }
}
