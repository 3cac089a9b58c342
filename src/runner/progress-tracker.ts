import type { Manifest } from '../common/pipelines/manifest';
import { findProgress, type Progress } from './progress-pattern';
import { readProgressLine, type LineProgress } from './progress-lines';

type Rule = NonNullable<Manifest['progress']>;

/** A bar that falls by so much has begun anew, for the next step. */
const FALL = 20;
const MOST_PARTS = 500;

/** Follows the progress of one program over its lines: passes with bars in them, parts of a workflow, steps one after the other. */
export class ProgressTracker {
  private step = 1;
  private last = 0;
  private pass: Extract<LineProgress, { kind: 'pass' }> | null = null;
  private readonly parts = new Map<string, { done: number; total: number }>();

  /** @param known percent of the whole that an earlier runner has seen. */
  constructor(
    private readonly rule: Rule,
    known: number | null = null,
  ) {
    const { steps } = this;
    if (steps === 1 || known === null) return;
    this.step = Math.min(steps, Math.floor((known * steps) / 100) + 1);
    this.last = Math.max(0, known * steps - (this.step - 1) * 100);
  }

  /**
   * The newest progress in lines that came after all before.
   * @throws an error with the code ERR_SCRIPT_EXECUTION_TIMEOUT when the pattern of a manifest takes too long.
   */
  read(lines: readonly string[]): Progress | null {
    const found = this.rule.pattern === undefined ? this.recognise(lines) : findProgress(this.rule.pattern, lines);
    if (found === null || found.percent === null) return found;
    return { percent: Math.round(this.overall(found.percent)), text: found.text };
  }

  private recognise(lines: readonly string[]): Progress | null {
    let newest: Progress | null = null;
    for (const line of lines) {
      const found = readProgressLine(line, this.rule.lines ?? 'auto');
      if (found) newest = this.take(found, newest);
    }
    return newest;
  }

  private take(found: LineProgress, before: Progress | null): Progress | null {
    if (found.kind === 'part') return this.takePart(found) ?? before;
    if (found.kind === 'pass') {
      this.pass = found;
      return { percent: ((found.at - 1) / found.of) * 100, text: found.text };
    }
    if (!this.pass) return { percent: found.percent, text: found.text };
    const { at, of, text } = this.pass;
    return { percent: ((at - 1 + found.percent / 100) / of) * 100, text };
  }

  private takePart({ name, done, total }: Extract<LineProgress, { kind: 'part' }>): Progress | null {
    if (this.parts.size < MOST_PARTS || this.parts.has(name)) this.parts.set(name, { done, total });
    const all = [...this.parts.values()];
    const sum = all.reduce((whole, part) => whole + part.total, 0);
    return sum === 0 ? null : { percent: (all.reduce((whole, part) => whole + part.done, 0) / sum) * 100, text: name };
  }

  private overall(percent: number): number {
    const { steps } = this;
    if (steps === 1) return percent;
    if (percent < this.last - FALL && this.step < steps) this.step += 1;
    this.last = percent;
    return ((this.step - 1) * 100 + percent) / steps;
  }

  private get steps(): number {
    return this.rule.steps ?? 1;
  }
}
