import type { Run } from '../../common/queue/run.entity';
import type { RunState } from '../../common/queue/run-state';
import { inDefaultLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import { stateIcon } from '../views/elements';
import type { RunRecord } from './run-records';

/** Cause of an end that was not plain success, or evidence of a doubt. */
export interface Notice {
  kind: 'bad' | 'warn' | 'plain';
  icon: string;
  /** The cause. */
  heading: string;
  /** What the program said last, where that is not the heading; '' for nothing. */
  lastWords: string;
  /** What it means for the person, or how it ended, beside its cause; '' for nothing. */
  meaning: string;
}

/** The states that need a word beside their own; those that went well need none. */
const KINDS: Partial<Record<RunState, Notice['kind']>> = {
  partial: 'warn',
  failed: 'bad',
  timed_out: 'bad',
  cancelled: 'plain',
  unknown: 'warn',
  lost: 'bad',
};

/** @returns null where there is nothing to tell. */
export function noticeOf(run: Run, { log, outcome }: Pick<RunRecord, 'log' | 'outcome'>): Notice | null {
  // What went well may still have something to tell, beside its parts, which have a place of their own.
  const isToldOf = run.note !== null && run.note !== '' && run.note !== outcome?.counts;
  const isWarning = run.state === 'succeeded' && isToldOf;
  const kind = isWarning ? 'warn' : KINDS[run.state];
  if (!kind) return null;
  const look = { kind, icon: isWarning ? 'alert-triangle' : stateIcon(run.state) };
  const failed = run.state === 'failed' || run.state === 'timed_out' || run.state === 'lost';
  const lastWords = failed ? (log?.lastWords ?? '') : '';
  const note = run.note || text('show.noReason');
  if (lastWords !== '' && log?.tellsCause && tellsStatusOnly(run)) return { ...look, heading: lastWords, lastWords: '', meaning: note };
  return { ...look, heading: note, lastWords, meaning: run.state === 'unknown' ? text('show.unknownMeans') : '' };
}

/** A number tells people nothing where the program itself has said why. Notes are written in the language of the installation. */
function tellsStatusOnly({ state, note, exitCode }: Run): boolean {
  return state === 'failed' && exitCode !== null && note === inDefaultLanguage(() => text('queue.endedWithCode', { code: exitCode }));
}
