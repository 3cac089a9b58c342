import { NEVER_MS } from '../../common/database/never';
import { noteInWords } from '../../common/queue/note-words';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { RunState } from '../../common/queue/run-state';
import { isFinal } from '../../common/queue/run-state';
import type { Project } from '../../common/projects/project.entity';
import type { Run, RunDetails } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import type { Since } from '../../common/waiting/last-words';
import type { Waiting, WaitingLine } from '../../common/waiting/waiting-line';
import { summariseParameters } from './parameter-summary';
import { doubtInWords } from './doubt-words';
import type { RunOrigin } from './run-origins';
import { timeLeft, type TimeLeft } from './time-left';
import { toldTo } from './told-words';

/** A run of somebody else in a list: number, pipeline, who, state and times, and nothing more. */
interface PublicRow {
  id: number;
  pipeline: string;
  requester: string;
  state: RunState;
  /** Under the state; '' for none. */
  sentence: string;
  /** Of waiting runs: since when the cause lasts. */
  since: Since | null;
  /** Of waiting runs: when it will probably start, where the history tells. */
  startsMs: number | null;
  requestedMs: number;
  /** Of scheduled runs: not before; null for those that wait for another run, too. */
  availableMs: number | null;
  startedMs: number | null;
  finishedMs: number | null;
  /** Seconds from start to end, of runs that have both; null for lost ones, whose end nobody saw. */
  seconds: number | null;
}

/** A run in a list, with what its reader may see and do. */
export interface RunRow extends PublicRow {
  isMine: boolean;
  /** May be opened. */
  mayRead: boolean;
  /** Of waiting runs: why the last try to start it failed; '' for none. */
  trouble: string;
  mayCancel: boolean;
  /** May be moved to the front of the line, and would start earlier for it. */
  mayMove: boolean;
  projectName: string | null;
  parameters: string;
  allParameters: string;
  progress: number | null;
  /** Of running runs: when they will probably end; null where nobody can tell. */
  left: TimeLeft | null;
  /** Null where somebody asked for it. */
  origin: RunOrigin | null;
  /** The run that it waits, or waited, for; null for none. */
  afterRun: number | null;
}

/** Who reads, and what was read together with the runs. */
export interface RowContext {
  person: User;
  requesters: Map<string, User>;
  projects: Map<string, Project>;
  details: Map<number, RunDetails>;
  /** Which run each was to follow. */
  followed: ReadonlyMap<number, number>;
  line: WaitingLine;
  mayRead: (run: Run) => boolean;
  /** Whether it is of a pipeline of which the reader is not told. */
  isClosed: (run: Run) => boolean;
  mayCancel: (run: Run) => boolean;
}

/** What a row says to this reader. What only readers of the run may see is added here and nowhere else. */
export function runRow(run: Run, context: RowContext): RunRow {
  const isMine = run.ownerId === context.person.id;
  const waiting = context.line.of(run);
  const row = publicRow(
    run,
    { waiting, after: context.followed.get(run.id) },
    isMine ? text('common.you') : (context.requesters.get(run.ownerId)?.displayName ?? ''),
  );
  const hidden = {
    trouble: '',
    mayMove: false,
    projectName: null,
    parameters: '',
    allParameters: '',
    progress: null,
    left: null,
    origin: null,
    afterRun: null,
  };
  if (!context.mayRead(run)) {
    const pipeline = context.isClosed(run) ? text('queue.otherPipeline') : row.pipeline;
    return { ...row, pipeline, isMine, mayRead: false, mayCancel: false, ...hidden };
  }
  const details = context.details.get(run.id);
  const { short, all } = details ? summariseParameters(details) : { short: '', all: '' };
  return {
    ...row,
    sentence: waiting?.sentence ?? (privateSentence(run, context.person) || row.sentence),
    trouble: run.state === 'queued' && run.startFailures > 0 ? noteInWords(run.note) : '',
    isMine,
    mayRead: true,
    mayCancel: !isFinal(run.state) && run.cancelRequestedMs === null && context.mayCancel(run),
    mayMove: context.person.isAdmin && context.line.gainsAtFront(run),
    projectName: context.projects.get(run.projectId)?.name ?? null,
    parameters: short,
    allParameters: all,
    progress: run.state === 'running' || run.state === 'stopping' ? run.progress : null,
    left: timeLeft(run, context.line.situation.typicalSeconds.get(run.pipelineId), context.line.situation.nowMs),
    origin: null,
    afterRun: context.followed.get(run.id) ?? null,
  };
}

/** Why it is not in the line yet; '' where its time tells, and for others. */
function scheduledSentence({ state, dueMs }: Run, after: number | undefined): string {
  if (state !== 'scheduled') return '';
  if (dueMs !== null) return text('queue.onHoldByAdministrator');
  return after === undefined ? '' : text('chains.waitsFor', { number: after });
}

function publicRow(run: Run, { waiting, after }: { waiting: Waiting | null; after: number | undefined }, requester: string): PublicRow {
  const { id, state, requestedMs, startedMs, finishedMs } = run;
  return {
    id,
    pipeline: titleInReadersWords(run),
    requester,
    state,
    sentence: waiting?.publicSentence ?? scheduledSentence(run, after),
    since: waiting?.since ?? null,
    startsMs: waiting?.startsMs ?? null,
    requestedMs,
    availableMs: state === 'scheduled' && run.dueMs === null && run.availableMs < NEVER_MS ? run.availableMs : null,
    startedMs,
    finishedMs,
    seconds: startedMs !== null && finishedMs !== null && state !== 'lost' ? Math.max(0, finishedMs - startedMs) / 1000 : null,
  };
}

/** What the runner wrote, or, while it has not written yet, what is happening. */
function privateSentence(run: Run, person: User): string {
  const runner = run.runnerName ?? '';
  if (run.state === 'starting')
    return text(run.cancelRequestedMs === null ? 'queue.sentenceStarting' : 'queue.sentenceCancelling', { runner });
  // What a cluster says of its own queue tells more than the runner that watches it.
  if (run.state === 'running') return noteInWords(run.engineNote) || run.progressText || text('queue.sentenceRunning', { runner });
  if (run.state === 'stopping') return noteInWords(run.note) || text('queue.sentenceStopping');
  return doubtInWords(run) ?? toldTo(person, noteInWords(run.note));
}
