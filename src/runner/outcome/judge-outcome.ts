import type { Expected, ExpectedRow } from '../../common/pipelines/outcome/expected';
import { MOST_ROWS_KEPT, type Cause, type OutcomeRecord, type PartOutcome } from '../../common/pipelines/outcome/outcome-record';
import type { StepRule } from '../../common/pipelines/outcome/outcome-rules';
import type { Manifest } from '../../common/pipelines/manifest';
import type { LogEvidence } from './log-evidence';

/** What the folder for results tells. */
export interface FileEvidence {
  /** Those of the globs and paths for which there is a file that was not there before the start. */
  found: ReadonlySet<string>;
  /** Whether the file of the end tells of it; null where none is wanted. */
  ended: boolean | null;
}

/** Whether all of the log could be looked at: it was cut when it was full, or expressions took too long. */
export type LogState = 'whole' | 'cutLog' | 'unreadLog';

/** Weighs all that is known of the steps and rows of a run. Pure: the same evidence gives the same record. */
export function judgeOutcome(
  manifest: Pick<Manifest, 'steps' | 'outcome'>,
  expected: Expected,
  log: LogEvidence,
  files: FileEvidence,
  logState: LogState,
): OutcomeRecord {
  const ticked = (manifest.steps ?? []).filter(({ id }) => expected.steps.includes(id));
  const steps = ticked.map((step) => judgeStep(step, log, files, logState));
  const saysOk = manifest.outcome.rows?.ok !== undefined;
  const rows = expected.rows.map((row, index) => judgeRow(row, index, saysOk, { log, files, logState }));
  const isDone = ({ cause }: PartOutcome) => cause === null;
  return {
    steps,
    rows: [...rows.filter((row) => !isDone(row)), ...rows.filter(isDone)].slice(0, MOST_ROWS_KEPT),
    counts: {
      steps: { done: steps.filter(isDone).length, total: steps.length },
      rows: { done: rows.filter(isDone).length, total: rows.length },
    },
    ended: files.ended,
    error: log.error,
  };
}

/** A step that says nothing of its own begins with the run, and ends with its files. */
function judgeStep(step: StepRule, log: LogEvidence, { found }: FileEvidence, logState: LogState): PartOutcome {
  const told = log.steps.get(step.id);
  const missing = (step.requiredOutputs ?? []).filter((glob) => !found.has(glob));
  const begun = step.start === undefined || (told !== undefined && told.started > 0);
  // A step may be done several times, and has to end each time.
  const ended = step.end === undefined || (told !== undefined && told.ended >= Math.max(1, told.started));
  const unseen: Cause | null = logState === 'whole' ? null : logState;
  const cause = ((): Cause | null => {
    if (told?.isFatal) return 'error';
    if (!begun && (told?.ended ?? 0) === 0) return unseen ?? 'notBegun';
    if (!ended) return unseen ?? (step.start === undefined ? 'untold' : 'crashed');
    return missing.length > 0 ? 'missing' : null;
  })();
  return { title: step.title, cause, error: told?.error ?? null, missing, seconds: told?.seconds ?? null };
}

function judgeRow(
  { key, title, outputs = [] }: ExpectedRow,
  index: number,
  saysOk: boolean,
  { log, files, logState }: { log: LogEvidence; files: FileEvidence; logState: LogState },
): PartOutcome {
  const failure = log.rows.failures.get(index);
  const missing = outputs.filter((path) => !files.found.has(path));
  const cause = ((): Cause | null => {
    if (failure) return 'error';
    if (saysOk && !log.rows.done.has(index)) return logState === 'whole' ? 'untold' : logState;
    return missing.length > 0 ? 'missing' : null;
  })();
  const error = failure ? { text: failure.reason, at: failure.at } : null;
  return { title: title ?? key, cause, error, missing, seconds: null };
}
