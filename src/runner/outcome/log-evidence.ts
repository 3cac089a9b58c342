import type { ErrorLine } from '../../common/pipelines/outcome/outcome-record';
import type { OutcomeRules, StepRule } from '../../common/pipelines/outcome/outcome-rules';
import { logTime } from './log-time';
import { LineMatcher, type LineMatch } from './line-matcher';
import type { LogLine } from './log-lines';
import { RowEvidence, type RowKeys } from './row-evidence';

/** What a log tells of one step. */
export interface StepEvidence {
  /** How often it began, and how often it came to its end. */
  started: number;
  ended: number;
  /** Seconds by the clock of the program; null where it does not tell. */
  seconds: number | null;
  error: ErrorLine | null;
  /** Whether a line was said that makes it fail. */
  isFatal: boolean;
}

/** What is looked for in a line; the order decides in which order it counts. */
type Meaning =
  { kind: 'ignore' } | { kind: 'start' | 'end' | 'stepError'; step: string } | { kind: 'error' } | { kind: 'rowOk' | 'rowFailed' };

const LONGEST_ERROR = 300;
const TRACEBACK = /^Traceback \(most recent call last\)/;

/**
 * What a log tells of steps and rows, gathered line by line. Holds as much as there are steps and rows, however long the log is: of the
 * lines themselves only the first error of each.
 */
export class LogEvidence {
  readonly steps = new Map<string, StepEvidence>();
  readonly rows: RowEvidence;
  /** The first error line outside of all steps. */
  error: ErrorLine | null = null;
  private readonly meanings: Meaning[] = [];
  private readonly matcher: LineMatcher;
  private readonly startedMs = new Map<string, number>();
  private current: string | null = null;
  /** The error that a traceback in Python begins, of which the last line says what it is. */
  private traceback: ErrorLine | null = null;

  /** @param steps those that are ticked. */
  constructor(steps: readonly StepRule[], { log, rows }: OutcomeRules, keys: readonly RowKeys[]) {
    const sources: string[] = [];
    const look = (meaning: Meaning, ...patterns: (string | undefined)[]) => {
      for (const pattern of patterns) if (pattern !== undefined && this.meanings.push(meaning)) sources.push(pattern);
    };
    look({ kind: 'ignore' }, ...(log?.ignore ?? []));
    for (const { id, start, end, errors = [] } of steps) {
      this.steps.set(id, { started: 0, ended: 0, seconds: null, error: null, isFatal: false });
      look({ kind: 'start', step: id }, start);
      look({ kind: 'end', step: id }, end);
      look({ kind: 'stepError', step: id }, ...errors);
    }
    look({ kind: 'rowOk' }, rows?.ok);
    look({ kind: 'rowFailed' }, rows?.failed);
    look({ kind: 'error' }, ...(log?.errors ?? []));
    this.rows = new RowEvidence(keys);
    this.matcher = new LineMatcher(sources);
  }

  /** Whether expressions took so long that not all of the log was looked at. */
  get gaveUp(): boolean {
    return this.matcher.gaveUp;
  }

  /** The step that has begun last and has not ended. */
  get currentStep(): string | null {
    return this.current;
  }

  /** Lines that came after all before. */
  async take(lines: readonly LogLine[]): Promise<void> {
    const matches = await this.matcher.match(lines.map(({ text }) => text));
    let next = 0;
    for (const [index, line] of lines.entries()) {
      if (this.traceback) this.followTraceback(line);
      let isUnderstood = false;
      for (; matches[next]?.line === index; next += 1) {
        const match = matches[next];
        const meaning = this.meanings[match.pattern];
        // What is to be ignored, or is about a row, is no error of the whole.
        const isError = meaning.kind === 'error' || meaning.kind === 'stepError';
        if (!isError || !isUnderstood) isUnderstood = this.understand(meaning, match, line) || isUnderstood;
      }
    }
  }

  /** @returns whether a line is no error, whatever else it looks like. */
  private understand(meaning: Meaning, { groups }: LineMatch, line: LogLine): boolean {
    switch (meaning.kind) {
      case 'ignore':
        return true;
      case 'start':
        this.start(meaning.step, groups);
        return false;
      case 'end':
        this.end(meaning.step, groups);
        return false;
      case 'stepError':
        // Of another step, or of none, the same words are something else.
        if (this.current !== meaning.step) return false;
        this.of(meaning.step).isFatal = true;
        this.noteError(line);
        return false;
      case 'error':
        this.noteError(line);
        return false;
      case 'rowOk':
        return this.rows.ok(groups);
      case 'rowFailed':
        if (this.rows.failed(groups, line.at)) return true;
        this.noteError(line);
        return false;
    }
  }

  private start(step: string, groups: Record<string, string>): void {
    this.of(step).started += 1;
    this.current = step;
    const ms = logTime(groups);
    if (ms !== null) this.startedMs.set(step, ms);
  }

  private end(step: string, groups: Record<string, string>): void {
    const evidence = this.of(step);
    evidence.ended += 1;
    if (this.current === step) this.current = null;
    const [fromMs, toMs] = [this.startedMs.get(step), logTime(groups)];
    if (fromMs !== undefined && toMs !== null && toMs >= fromMs) evidence.seconds = (evidence.seconds ?? 0) + (toMs - fromMs) / 1000;
    this.startedMs.delete(step);
  }

  /** The first of each step counts: what comes later often follows from it. */
  private noteError({ text, at }: LogLine): void {
    const holder = this.current === null ? this : this.of(this.current);
    if (holder.error) return;
    holder.error = { text: shortened(text), at };
    if (TRACEBACK.test(text)) this.traceback = holder.error;
  }

  private followTraceback({ text }: LogLine): void {
    if (this.traceback === null || /^\s/.test(text)) return;
    this.traceback.text = shortened(text);
    this.traceback = null;
  }

  private of(step: string): StepEvidence {
    return this.steps.get(step)!;
  }
}

function shortened(text: string): string {
  const plain = text.trim();
  return plain.length > LONGEST_ERROR ? `${plain.slice(0, LONGEST_ERROR)}…` : plain;
}
