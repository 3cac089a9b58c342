import { isHeld } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { LogLine } from './log-text';
import type { LogTail } from './run-log';

export interface LogLineView extends LogLine {
  /** From 1; null where the log is too large to count. */
  n: number | null;
}

/** The end of a log as `views/partials/show/log.hbs` draws it. */
export interface LogView {
  lines: LogLineView[];
  lineCount: number | null;
  /** Bytes of the whole log. */
  size: number;
  /** Whether the last line has no end yet; it is read again from `next` on. */
  unfinished: boolean;
  /** Byte from which a script goes on following. */
  next: number;
  /** Number of the line that begins there; null where lines are not counted. */
  nextNumber: number | null;
  /** The attempt whose log this is. */
  attempt: number;
  /** Whether more may come. */
  grows: boolean;
  /** The last line that looks like the cause of a failure, or else the last line; '' for an empty log. */
  lastWords: string;
}

export function logView(tail: LogTail, run: Pick<Run, 'state' | 'attempt'>): LogView {
  const { lines, firstNumber, lineCount, size, unfinished, next } = tail;
  return {
    lines: lines.map((line, index) => ({ ...line, n: firstNumber === null ? null : firstNumber + index })),
    lineCount,
    size,
    unfinished,
    next,
    nextNumber: lineCount === null ? null : lineCount + (unfinished ? 0 : 1),
    attempt: run.attempt,
    grows: isHeld(run.state),
    lastWords: lastWords(lines),
  };
}

function lastWords(lines: readonly LogLine[]): string {
  const said = lines.filter((line) => line.text.trim() !== '');
  return (said.findLast((line) => line.tone === 'error') ?? said.at(-1))?.text.trim() ?? '';
}
