import { noteKeys } from '../../common/queue/note-words';
import type { Run } from '../../common/queue/run.entity';
import { text, type TextKey } from '../../locales/text';
import type { LogPanelView } from './log/log-panel';

/** What went wrong with a run, as far as its status, its note and the end of its log tell. */
export type Fault =
  'disk' | 'memory' | 'time' | 'size' | 'missing' | 'parts' | 'start' | 'machine' | 'outside' | 'signal' | 'notFound' | 'status';

export interface FaultAdvice {
  /** The kind of fault in a few words; '' where the cause of the end says as much. */
  kind: string;
  /** What to do next, one sentence each. */
  advice: string[];
}

/** What is seen of the log; `tellsCause`: what it said last is the heading already. */
type EndOfLog = Pick<LogPanelView, 'rows'> & Partial<Pick<LogPanelView, 'tellsCause'>>;

type Facts = Pick<Run, 'state' | 'note' | 'exitCode'>;

const FULL_DISK = /no space left on device|\bENOSPC\b|disk quota exceeded|\bEDQUOT\b|not enough space on/i;
const NO_MEMORY =
  /\bMemoryError\b|cannot allocate memory|\bENOMEM\b|out of memory|std::bad_alloc|java\.lang\.OutOfMemoryError|bad allocation/i;

/** The first that fits a sentence of the note. */
const BY_NOTE: readonly [Fault, RegExp][] = [
  ['memory', /^(?:queue\.endedOutOfMemory|queue\.endedByKill|\w+\.memory|slurm\.outOfMemory|docker\.machineOutOfMemory)/],
  ['time', /^(?:queue\.timeLimitReached|slurm\.timeLimit|queue\.endedByCpuLimit|runner\.cpuTimeExceeded)$/],
  ['size', /^(?:queue\.endedByOutputLimit|runner\.fileTooLarge|docker\.outgrown)$/],
  ['missing', /^(?:queue\.missingOutputs|outcome\.notEnded)$/],
  [
    'start',
    /^(?:runner\.(?:cannotPrepare|pipelineGone|noPlaceForResults|startFailed|runnerLost|handoffNotFetched|handoffOutside|handoffLineBreak)|slurm\.(?:refused|neverBegan|neverBeganHere|lostTooOften)|docker\.(?:noImage|otherImage|refused|couldNotStart)|docker\.compose\w+)$/,
  ],
  ['machine', /^(?:queue\.endedByNodeFailure|slurm\.nodeFailed|docker\.machineRestarted|runner\.(?:restarted|handoffLauncherLost))$/],
  ['outside', /^(?:queue\.endedFromOutside|docker\.(?:stoppedOutside|removed)|slurm\.(?:cancelled|cancelledBy|preempted|requeued))$/],
  ['parts', /^(?:outcome\.\w+|queue\.endedPartly)$/],
  ['signal', /^queue\.endedBySignal$/],
];

const ADVICE: Record<Fault, readonly TextKey[]> = {
  disk: ['show.adviceDisk', 'show.adviceAgain'],
  memory: ['show.adviceMemory', 'show.adviceMemoryAsk'],
  time: ['show.adviceTime', 'show.adviceTimeAsk'],
  size: ['show.adviceSize', 'show.adviceSizeAsk'],
  missing: ['show.adviceMissing', 'show.adviceValues', 'show.adviceAsk'],
  parts: ['show.adviceParts', 'show.adviceValues', 'show.adviceAsk'],
  start: ['show.adviceStart', 'show.adviceAgain'],
  machine: ['show.adviceMachine', 'show.adviceAsk'],
  outside: ['show.adviceOutside', 'show.adviceAsk'],
  signal: ['show.adviceSignal', 'show.adviceAsk'],
  notFound: ['show.adviceNotFound'],
  status: ['show.adviceLog', 'show.adviceValues', 'show.adviceAsk'],
};

/** Of a limit of time, of missing results and of parts that failed the cause of the end says as much. */
const KINDS: Partial<Record<Fault, TextKey>> = {
  disk: 'show.faultDisk',
  memory: 'show.faultMemory',
  size: 'show.faultSize',
  start: 'show.faultStart',
  machine: 'show.faultMachine',
  outside: 'show.faultOutside',
  signal: 'show.faultSignal',
  notFound: 'show.faultNotFound',
  status: 'show.faultStatus',
};

/** What is said of a program that wrote nothing, where others are sent to their log. */
const WITHOUT_LOG: Partial<Record<TextKey, TextKey>> = {
  'show.adviceMissing': 'show.adviceMissingSilent',
  'show.adviceLog': 'show.adviceSilent',
};

/** What a shell answers for a program that is not there, or may not be run. */
const NOT_FOUND = [126, 127];

/** @param log the end of its log; null for none. @returns null for a run that did not fail, and where nothing is known. */
export function faultOf({ state, note, exitCode }: Facts, log: Pick<LogPanelView, 'rows'> | null): Fault | null {
  if (state !== 'failed' && state !== 'timed_out' && state !== 'partial') return null;
  const lines = log?.rows.map(({ stretches }) => stretches.map(({ text: words }) => words).join('')) ?? [];
  // A full disk is the reason of many an end that looks like something else.
  if (lines.some((line) => FULL_DISK.test(line))) return 'disk';
  const keys = noteKeys(note);
  const told = BY_NOTE.find(([, pattern]) => keys.some((key) => pattern.test(key)));
  if (told) return told[0];
  if (state === 'timed_out') return 'time';
  if (lines.some((line) => NO_MEMORY.test(line))) return 'memory';
  if (exitCode !== null && NOT_FOUND.includes(exitCode)) return 'notFound';
  return state === 'partial' || exitCode === null || exitCode === 0 ? null : 'status';
}

export function adviceOn(run: Facts, log: EndOfLog | null): FaultAdvice | null {
  const fault = faultOf(run, log);
  if (!fault) return null;
  const isSilent = log !== null && log.rows.length === 0;
  // Nobody needs to look for what is said above.
  const isSaid = log?.tellsCause === true;
  const advice = ADVICE[fault]
    .filter((key) => !(isSaid && key === 'show.adviceLog'))
    .map((key) => text((isSilent && WITHOUT_LOG[key]) || key));
  const kind = KINDS[fault];
  return { kind: kind ? text(kind, { code: run.exitCode ?? '' }) : '', advice };
}
