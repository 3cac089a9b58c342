import { text } from '../../locales/text';
import type { Manifest } from '../pipelines/manifest';
import type { OutcomeRecord } from '../pipelines/outcome/outcome-record';
import { countsInWords, outcomeInWords, shareOf } from '../pipelines/outcome/outcome-words';
import type { Ending } from './queue-store';
import type { StopReason } from './run.entity';

/** How a payload ended, as far as its files and its supervisor tell. */
export interface PayloadEnd {
  /** Exit status 0–255; null when a signal ended it. A shell reports a signal as 128 + its number, which is understood here. */
  exitCode: number | null;
  /** `SIGKILL`; null when it exited by itself. */
  signal: string | null;
  /** The reason that the run's row carries; null: nobody stopped it. */
  stopReason: StopReason | null;
  /** The sentence of the row, such as who cancelled. */
  stopNote?: string | null;
  /** Whether it is known that the payload ended by itself before the stop reached it. A program may answer a signal with status 0. */
  endedBeforeStop: boolean;
  outcome: Manifest['outcome'];
  /** What the engine knows of the cause, and its own words on it. */
  cause?: 'outOfMemory' | 'timeLimit' | 'cpuLimit' | 'outputLimit' | 'nodeFailure' | 'stoppedOutside' | null;
  causeNote?: string | null;
  /** It came to its end by itself, though nobody knows its status. */
  completed?: boolean;
  /** Those of `outcome.requiredOutputs` that are not there. */
  missingOutputs: readonly string[];
  /** What became of its steps and rows; absent or null where its pipeline does not tell them apart. */
  parts?: OutcomeRecord | null;
}

const SIGNALS: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/**
 * What the end of a payload means for its run. A recorded stop reason wins, unless the program was done before; otherwise the outcome
 * rule of the pipeline decides. Completion is not taken for success: a success code with a required output missing is a failure. What
 * log and files tell of steps and rows can only make an end worse than its status says, never better. docs/pipelines.md has the table.
 */
export function settleEnding(end: PayloadEnd): Ending {
  const ending = endingByStatus(end);
  if (!end.parts) return ending;
  if (ending.state === 'succeeded' || ending.state === 'partial') return lowered(ending, end, end.parts);
  return withCounts(ending, end.parts);
}

/** How far it came, behind all else that there is to say. */
export function withCounts(ending: Ending, parts: OutcomeRecord | null): Ending {
  const counts = parts ? countsInWords(parts) : '';
  return counts === '' ? ending : { ...ending, note: [ending.note, counts].filter(Boolean).join(' ') };
}

/** A program whose status is fine, by what it did. */
function lowered(ending: Ending, { outcome }: PayloadEnd, parts: OutcomeRecord): Ending {
  const share = shareOf(parts);
  const atEnd = parts.ended === false ? text('outcome.notEnded', { file: outcome.ended?.file ?? '' }) : null;
  const error = share !== 'all' && parts.error ? text('outcome.saidError', { error: parts.error.text }) : null;
  const sentence = share === 'some' || share === 'none' ? outcomeInWords(parts) : null;
  const note = [sentence, atEnd, error, ending.note].filter(Boolean).join(' ') || null;
  // Without steps and rows, nothing but the log and the word of its end tell whether it worked.
  const hasFailed = share === 'none' || (share === null && (atEnd !== null || error !== null));
  if (hasFailed) return { ...ending, state: 'failed', note };
  const told: Ending = share === 'some' || atEnd !== null ? { ...ending, state: 'partial', note } : { ...ending, note };
  return share === 'all' ? withCounts(told, parts) : told;
}

function endingByStatus(end: PayloadEnd): Ending {
  const { exitCode, stopReason, outcome } = end;
  const done = exitCode !== null && [...outcome.successCodes, ...outcome.partialCodes].includes(exitCode);
  const completed = exitCode === null && end.completed === true;
  if (stopReason !== null && !(end.endedBeforeStop && (done || completed))) return stopped(stopReason, end);
  if (end.cause === 'timeLimit') return { state: 'timed_out', exitCode, note: end.causeNote ?? text('queue.timeLimitReached') };
  if (!completed && !done) return failed(end);
  if (end.missingOutputs.length > 0) {
    return {
      state: 'failed',
      exitCode,
      note: text('queue.missingOutputs', { names: end.missingOutputs.join(', '), count: end.missingOutputs.length }),
    };
  }
  if (exitCode === null) return unchecked(end);
  // A script may go on after the kernel has ended a part of it. It decides how the run ended, but people are told.
  const loss = end.cause === 'outOfMemory' ? (end.causeNote ?? text('queue.endedOutOfMemory')) : null;
  if (outcome.successCodes.includes(exitCode)) return { state: 'succeeded', exitCode, note: loss };
  return { state: 'partial', exitCode, note: [text('queue.endedPartly', { code: exitCode }), loss].filter(Boolean).join(' ') };
}

/** Where no status is known, required outputs, steps and rows decide alone; without any nobody has looked whether it worked. */
function unchecked({ causeNote, outcome, parts }: PayloadEnd): Ending {
  const note = causeNote ?? null;
  if (outcome.requiredOutputs.length > 0 || (parts && shareOf(parts) !== null)) return { state: 'succeeded', exitCode: null, note };
  return { state: 'partial', exitCode: null, note: [note, text('queue.endedUnchecked')].filter(Boolean).join(' ') };
}

const CAUSES = {
  outOfMemory: 'queue.endedOutOfMemory',
  cpuLimit: 'queue.endedByCpuLimit',
  outputLimit: 'queue.endedByOutputLimit',
  nodeFailure: 'queue.endedByNodeFailure',
  stoppedOutside: 'queue.endedFromOutside',
} as const;

function stopped(reason: StopReason, { exitCode, stopNote, causeNote }: PayloadEnd): Ending {
  const note = (sentence: string | null) => [sentence, causeNote].filter(Boolean).join(' ') || null;
  return reason === 'cancel'
    ? { state: 'cancelled', exitCode, note: note(stopNote ?? null) }
    : { state: 'timed_out', exitCode, note: note(stopNote ?? text('queue.timeLimitReached')) };
}

function failed({ exitCode, signal, cause, causeNote }: PayloadEnd): Ending {
  if (cause && cause !== 'timeLimit') return { state: 'failed', exitCode, note: causeNote ?? text(CAUSES[cause]) };
  const name = signal ?? (exitCode === null ? undefined : SIGNALS[exitCode - 128]);
  if (name === 'SIGKILL') return { state: 'failed', exitCode, note: text('queue.endedByKill') };
  if (name !== undefined) return { state: 'failed', exitCode, note: text('queue.endedBySignal', { signal: name }) };
  if (exitCode === null) return { state: 'failed', exitCode, note: text('queue.endedWithoutStatus') };
  return { state: 'failed', exitCode, note: text('queue.endedWithCode', { code: exitCode }) };
}
