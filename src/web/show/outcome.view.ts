import type { Manifest } from '../../common/pipelines/manifest';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { OUTCOME, type Count, type ErrorLine, type OutcomeRecord, type PartOutcome } from '../../common/pipelines/outcome/outcome-record';
import { countsInWords, reasonOf } from '../../common/pipelines/outcome/outcome-words';
import { wordInReadersWords } from '../../common/pipelines/pipeline-words';
import { readControlRecord } from './control-record';

/** A step or a row as `views/partials/show/outcome.hbs` draws it. */
export interface PartView {
  title: string;
  state: 'succeeded' | 'failed' | 'notBegun' | 'untold';
  /** Why it did not succeed; '' for one that did. */
  reason: string;
  /** Of one that succeeded: an error line that it said all the same; '' for none. */
  said: string;
  /** Byte of the log where that is said. */
  at: number | null;
  seconds: number | null;
}

export interface OutcomeView {
  /** "3 of 4 steps succeeded." */
  counts: string;
  steps: PartView[];
  rows: PartView[];
  /** What the form calls them; '' where its field is not known any more. */
  rowsTitle: string;
  /** Rows that are not listed. */
  unlisted: number;
  /** The first error line outside of all steps. */
  error: ErrorLine | null;
  attempt: number;
}

/** What became of the parts of an attempt, as it was kept when it ended; null where its pipeline does not tell parts apart. */
export async function readOutcome(
  control: SafeDirectory,
  attempt: number,
  pipelineId?: string,
): Promise<Omit<OutcomeView, 'rowsTitle'> | null> {
  const record = await readControlRecord(control, [String(attempt), OUTCOME]);
  if (!isRecord(record)) return null;
  const { steps, rows, counts, error } = record;
  if (steps.length + rows.length === 0) return null;
  return {
    counts: countsInWords(record),
    steps: steps.map((step) => ({ ...partView(step), title: wordInReadersWords(pipelineId, step.title) })),
    rows: rows.map(partView),
    unlisted: counts.rows.total - rows.length,
    error,
    attempt,
  };
}

/** The label of the field whose rows the outcome tells. @param manifest as it is stored with a run. */
export function rowsTitleIn({ outcome, parameters = [] }: Partial<Pick<Manifest, 'outcome' | 'parameters'>>): string {
  return parameters.find(({ name }) => name === outcome?.rows?.of)?.label ?? '';
}

function partView(part: PartOutcome): PartView {
  const { title, cause, error, seconds } = part;
  const state = cause === null ? 'succeeded' : cause === 'notBegun' || cause === 'untold' ? cause : 'failed';
  return {
    title,
    state,
    reason: reasonOf(part),
    said: cause === null ? (error?.text ?? '') : '',
    at: error?.at ?? null,
    seconds,
  };
}

/** A program may write anything among the control files. */
function isRecord(value: unknown): value is OutcomeRecord {
  const { steps, rows, counts, error } = (value ?? {}) as Partial<OutcomeRecord>;
  const lists = [steps, rows].every((list) => Array.isArray(list) && list.every(isPart));
  return lists && isCount(counts?.steps) && isCount(counts?.rows) && (error === null || isErrorLine(error));
}

function isPart(value: unknown): boolean {
  const { title, cause, error, missing, seconds } = (value ?? {}) as Partial<PartOutcome>;
  const isTold = (cause === null || typeof cause === 'string') && (seconds === null || typeof seconds === 'number');
  return typeof title === 'string' && isTold && Array.isArray(missing) && (error === null || isErrorLine(error));
}

function isErrorLine(value: unknown): boolean {
  const { text, at } = (value ?? {}) as Partial<ErrorLine>;
  return typeof text === 'string' && typeof at === 'number';
}

function isCount(value: unknown): boolean {
  const { done, total } = (value ?? {}) as Partial<Count>;
  return typeof done === 'number' && typeof total === 'number';
}
