import { duration } from '../../browser/time-words';
import { noteInWords } from '../../common/queue/note-words';
import type { Run } from '../../common/queue/run.entity';
import { isTakenOver } from '../../common/queue/taken-over';
import type { RunState } from '../../common/queue/run-state';
import type { User } from '../../common/users/user.entity';
import { text, type TextKey } from '../../locales/text';
import { doubtInWords, isDeclaredLost, isStillSeen } from '../queue/doubt-words';
import { tellsStatusOnly } from '../queue/failure-causes';
import { toldTo } from '../queue/told-words';
import { stateIcon, timeWords } from '../views/elements';
import { adviceOn } from './fault-advice';
import type { RunRecord } from './run-records';

/** Cause of an end that was not plain success, or evidence of a doubt. */
export interface Notice {
  kind: 'bad' | 'warn' | 'plain';
  icon: string;
  /** The cause. */
  heading: string;
  /** Whether that is all, in a few words, for which the head of the page has room. */
  isBrief: boolean;
  /** What the program said last, where that is not the heading; '' for nothing. */
  lastWords: string;
  /** What it means for the person, or how it ended, beside its cause; '' for nothing. */
  meaning: string;
  /** What kind of fault it is, in a few words; '' where that is not known, or no fault. */
  fault: string;
  /** What to do next, one sentence each. */
  advice: string[];
  /** Whether something has to be asked before it is run again. */
  asksFirst: boolean;
  /** Whether it says how many parts succeeded, so that they need not say it again. */
  tellsCounts: boolean;
  /** What was seen, for those who look after machines; '' where the heading says it. */
  evidence: string;
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

/** What it means for the person, and what they can do. */
const MEANINGS: Partial<Record<RunState, TextKey>> = { timed_out: 'show.timedOutMeans', unknown: 'show.unknownMeans' };

/** Who reads it, and what there is to be seen beside it. */
export interface NoticeReader {
  person: Pick<User, 'displayName' | 'isAdmin'> | null;
  /** Whether the run has left anything. */
  hasResults: boolean;
}

/** @returns null where there is nothing to tell. */
export function noticeOf(run: Run, { log, outcome }: Pick<RunRecord, 'log' | 'outcome'>, reader: NoticeReader): Notice | null {
  // What went well may still have something to tell, beside its parts, which have a place of their own.
  const told = toldTo(reader.person, noteInWords(run.note));
  const isToldOf = told !== '' && told !== outcome?.counts;
  const isWarning = run.state === 'succeeded' && isToldOf;
  const kind = isWarning ? (isTakenOver(run) ? 'plain' : 'warn') : KINDS[run.state];
  if (!kind) return null;
  const tellsCounts = isToldOf && outcome !== null && told.startsWith(outcome.counts);
  const look = {
    kind,
    tellsCounts,
    isBrief: run.state === 'cancelled' && told === text('show.cancelledByYou'),
    asksFirst: isDeclaredLost(run),
    icon: isWarning && !isTakenOver(run) ? 'alert-triangle' : stateIcon(run.state),
  };
  const failed = run.state === 'failed' || run.state === 'timed_out' || run.state === 'lost';
  // The end of the log stands below; beside a time limit it is no cause.
  const lastWords = failed && (run.state !== 'timed_out' || log?.tellsCause) ? (log?.lastWords ?? '') : '';
  const note = told || text('show.noReason');
  const fault = adviceOn(run, log);
  const next = { fault: fault?.kind ?? '', advice: fault?.advice ?? [], evidence: '' };
  if (lastWords !== '' && log?.tellsCause && tellsStatusOnly(run))
    return { ...look, ...next, heading: lastWords, lastWords: '', meaning: '' };
  const meaning = meaningOf(run, reader);
  const said = { lastWords, meaning: meaning ? text(meaning, { limit: duration(run.timeLimitSeconds, timeWords()) }) : '' };
  // Of a doubt, the evidence is for specialists: what it comes to is said first.
  const heading = doubtInWords(run);
  if (heading === null) return { ...look, ...next, ...said, heading: note };
  return { ...look, ...said, fault: '', advice: doubtAdvice(run, reader), heading, evidence: note };
}

function meaningOf(run: Run, { hasResults }: NoticeReader): TextKey | undefined {
  if (run.state === 'lost') return hasResults ? 'show.lostMeans' : 'show.lostMeansNothing';
  return run.state === 'unknown' && isStillSeen(run) ? 'show.unknownStillMeans' : MEANINGS[run.state];
}

function doubtAdvice(run: Run, { person, hasResults }: NoticeReader): string[] {
  const isAdmin = person?.isAdmin === true;
  if (run.state !== 'lost') return unknownAdvice(run, isAdmin, hasResults).map((key) => text(key));
  // Two of them at once would write over each other, or take each other's memory.
  const before: TextKey[] = isDeclaredLost(run) ? [isAdmin ? 'show.lostSeeFirst' : 'show.lostAskFirst'] : [];
  const after: TextKey[] = isAdmin ? [] : ['show.lostAsk'];
  const again: TextKey[] = hasResults
    ? ['show.lostLook', ...before, 'show.lostRest']
    : [...before, before.length > 0 ? 'show.adviceAgain' : 'show.lostAgain'];
  return [...again, ...after].map((key) => text(key));
}

function unknownAdvice(run: Run, isAdmin: boolean, hasResults: boolean): TextKey[] {
  if (isStillSeen(run)) return ['show.unknownStillWait', isAdmin ? 'show.unknownStillSee' : 'show.unknownStillAsk'];
  return [hasResults ? 'show.unknownWaitResults' : 'show.unknownWait', isAdmin ? 'show.unknownSee' : 'show.unknownAsk'];
}
