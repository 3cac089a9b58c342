/** Name of the record among the control files of an attempt. */
export const OUTCOME = 'outcome.json';

/** A line of the log that tells what went wrong. */
export interface ErrorLine {
  text: string;
  /** Byte of the log at which it begins. */
  at: number;
}

/**
 * Why something did not succeed: it began and never ended (`crashed`), wrote no new file (`missing`), said a line that decides (`error`),
 * never began (`notBegun`), nothing is told of it (`untold`), or the log does not tell enough (`cutLog`, `unreadLog`).
 */
export type Cause = 'crashed' | 'missing' | 'error' | 'notBegun' | 'untold' | 'cutLog' | 'unreadLog';

/** One step or row, and what became of it. */
export interface PartOutcome {
  title: string;
  /** Null: it succeeded. */
  cause: Cause | null;
  /** The first error line; of what succeeded all the same, too. */
  error: ErrorLine | null;
  /** Globs or paths of which there is no new file. */
  missing: string[];
  /** How long it took, where the program tells. */
  seconds: number | null;
}

export interface Count {
  done: number;
  total: number;
}

/** What became of the parts of a run, as it is kept beside its log. */
export interface OutcomeRecord {
  steps: PartOutcome[];
  /** Those that did not succeed first, and no more than a page shows. */
  rows: PartOutcome[];
  counts: { steps: Count; rows: Count };
  /** Whether the program told that it came to its end; null where it need not. */
  ended: boolean | null;
  /** The first error line outside of all steps. */
  error: ErrorLine | null;
}

export const MOST_ROWS_KEPT = 500;
