import { Injectable } from '@nestjs/common';
import { noteInWords } from '../../common/queue/note-words';
import { pipelinesCalled, titleInReadersWords } from '../../common/pipelines/pipeline-words';
import { FINAL_STATES, isFinal, RUN_STATES, type RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { RunnerMode } from '../../common/queue/runner-mode';
import type { User } from '../../common/users/user.entity';
import type { WaitingLine } from '../../common/waiting/waiting-line';
import { modeInWords } from '../../common/waiting/waiting-words';
import { MOST_ACTIVE, WaitingLines } from '../../common/waiting/waiting-lines.service';
import { stateWord } from '../views/elements';
import { QueueListsRepository, SEARCHED_AT_ONCE } from './queue-lists.repository';
import { writeCursor, type QueueQuery } from './queue-query';
import type { RowContext, RunRow } from './run-row';
import { ToldRows } from './told-rows';
import { groupedRows, SweepLines, type QueueItem } from './sweep-lines';
import type { Alarm } from './alarm';
import { WaitingAlarms } from './waiting-alarms';

const PAGE = 30;
const WAITING_STATES: readonly RunState[] = ['scheduled', 'queued'];

export interface RunnerRow {
  name: string;
  slots: number;
  taken: number;
  mode: RunnerMode;
  /** '' while it takes runs as always. */
  modeWord: string;
  trouble: string | null;
}

interface StateChoice {
  value: RunState;
  word: string;
  selected: boolean;
}

/** What `views/queue/index.hbs` shows. */
export interface QueueView {
  /** `whose` is '' for everyone's, so that addresses stay short. */
  filter: { whose: '' | 'mine'; words: string; state: string; isSet: boolean };
  states: StateChoice[];
  runners: { alive: RunnerRow[] };
  alarms: Alarm[];
  running: QueueItem[];
  waiting: QueueItem[];
  moreWaiting: number;
  finished: QueueItem[];
  /** Cursor of the page with older runs, where there is one. */
  older: string | null;
  /** Whether this is such a page itself. */
  isOlder: boolean;
  /** How many ended runs were searched, where older ones were not any more and may fit, too; 0 otherwise. */
  searched: number;
  isEmpty: boolean;
}

/** The queue as one person may see it. */
@Injectable()
export class QueuePage {
  constructor(
    private readonly lists: QueueListsRepository,
    private readonly lines: WaitingLines,
    private readonly rows: ToldRows,
    private readonly alarms: WaitingAlarms,
    private readonly sweeps: SweepLines,
  ) {}

  async show(person: User, query: QueueQuery): Promise<QueueView> {
    const { held, waiting, line } = await this.lines.read();
    const finished = await this.readFinished(person, query);
    // Between the two reads a run may have ended: it stands once, where it is now.
    const ended = new Set(finished.runs.map((run) => run.id));
    const active = query.before ? [] : [...held, ...waiting].filter((run) => !ended.has(run.id));
    // The database has chosen among those that have ended.
    const wanted = (run: Run, context: RowContext) =>
      (isFinal(run.state) && !isMatchedInSecret(run, query, context)) || fits(run, query, context);
    const rows = await this.rows.of(person, [...active, ...finished.runs], line, wanted);
    const listed = new Map(rows.map((row) => [row.id, row]));
    const sweeps = await this.sweeps.of(rows.map(({ id }) => id));
    const pick = (runs: readonly Run[], states: readonly RunState[]) =>
      groupedRows(
        runs.flatMap((run) => listed.get(run.id) ?? []),
        sweeps,
        states,
      );
    // What runs now is looked at one by one.
    const each = (runs: readonly Run[]) => runs.flatMap((run) => listed.get(run.id) ?? []).map((row) => ({ row, group: null }));
    const isSet = query.words !== '' || query.state !== '';
    const showsAll = query.whose === 'all' && !isSet && !query.before;
    const listedQueued = waiting.filter((run) => run.state === 'queued').length;
    const behind = showsAll && held.length + waiting.length === MOST_ACTIVE ? (await this.lists.countQueued()) - listedQueued : 0;
    return {
      filter: { whose: query.whose === 'mine' ? 'mine' : '', words: query.words, state: query.state, isSet },
      states: stateChoices(query.state),
      runners: runnersOf(line),
      alarms: this.alarms.ofAll(person, line),
      running: each(active.filter((run) => held.includes(run))),
      waiting: pick(
        active.filter((run) => !held.includes(run)),
        WAITING_STATES,
      ),
      moreWaiting: Math.max(0, behind),
      finished: pick(finished.runs, FINAL_STATES),
      older: finished.older,
      isOlder: query.before !== null,
      searched: finished.searched,
      isEmpty: rows.length === 0,
    };
  }

  /** Rows for a person's own runs elsewhere, also with those of one sweep together, and what keeps them waiting; administrators hear of everybody's. */
  async showRuns(person: User, runs: readonly Run[]): Promise<{ rows: RunRow[]; items: QueueItem[]; alarms: Alarm[] }> {
    const { line } = await this.lines.read();
    const rows = await this.rows.of(person, runs, line);
    const own = person.isAdmin || !line.isAnybodyAlive ? this.alarms.ofAll(person, line) : null;
    const items = groupedRows(rows, await this.sweeps.of(rows.map(({ id }) => id)));
    return { rows, items, alarms: own ?? this.alarms.of(person, line, (run) => run.ownerId === person.id) };
  }

  /** One run for its own page, and what an administrator has to do before it can start. */
  async showRun(person: User, run: Run): Promise<{ row: RunRow | undefined; alarms: Alarm[] }> {
    const { line } = await this.lines.read();
    const [row] = await this.rows.of(person, [run], line);
    return { row, alarms: run.state === 'queued' ? this.alarms.ofRun(person, line, run) : [] };
  }

  /** What an administrator has to do before the waiting runs of a project can start. */
  async alarmsOfProject(person: User, projectId: string): Promise<Alarm[]> {
    const { line } = await this.lines.read();
    return this.alarms.of(person, line, (run) => run.projectId === projectId);
  }

  /** What a run that was moved to the front waits for all the same; '' where it is the next to start. */
  async waitsAtFront(runId: number): Promise<string> {
    return (await this.lines.read()).line.waitsAtFront(runId);
  }

  /** What is not over, and how many more wait than are listed. */
  async active(): Promise<{ held: Run[]; waiting: Run[]; line: WaitingLine; more: number }> {
    const { held, waiting, line } = await this.lines.read();
    const listed = waiting.filter((run) => run.state === 'queued').length;
    const more = held.length + waiting.length === MOST_ACTIVE ? (await this.lists.countQueued()) - listed : 0;
    return { held, waiting, line, more: Math.max(0, more) };
  }

  /** The living runners, as everybody may see them. */
  async runners(): Promise<RunnerRow[]> {
    return runnersOf((await this.lines.read()).line).alive;
  }

  /** How many runs wait for a place. */
  countWaiting(): Promise<number> {
    return this.lists.countQueued();
  }

  private async readFinished(person: User, query: QueueQuery): Promise<{ runs: Run[]; older: string | null; searched: number }> {
    const states = FINAL_STATES.filter((state) => query.states.includes(state));
    if (states.length === 0) return { runs: [], older: null, searched: 0 };
    const words = query.words.toLowerCase();
    const filter = {
      readerId: person.id,
      mineOnly: query.whose === 'mine',
      words,
      pipelineIds: words === '' ? [] : pipelinesCalled(words),
      states,
      before: query.before,
    };
    const { runs: found, searchedTo } = await this.lists.finished(filter, PAGE + 1);
    const runs = found.slice(0, PAGE);
    const last = runs.at(-1);
    const isMore = found.length > PAGE && last?.finishedMs;
    const next = isMore ? { finishedMs: last.finishedMs!, id: last.id } : searchedTo;
    return { runs, older: next && writeCursor(next), searched: isMore || !searchedTo ? 0 : SEARCHED_AT_ONCE };
  }
}

/** It may have been found by the title of a pipeline of which the reader is not told. */
function isMatchedInSecret(run: Run, { words }: QueueQuery, context: RowContext): boolean {
  return words !== '' && !context.mayRead(run) && context.isClosed(run);
}

/** The same choice as `QueueListsRepository.finished` makes, for the runs that are in memory anyway. */
function fits(run: Run, query: QueueQuery, context: RowContext): boolean {
  const { person, requesters, projects } = context;
  if (query.whose === 'mine' && run.ownerId !== person.id) return false;
  if (!query.states.includes(run.state)) return false;
  if (query.words === '') return true;
  const words = query.words.toLowerCase();
  const project = projects.get(run.projectId);
  const isTold = context.mayRead(run) || !context.isClosed(run);
  const names = [
    ...(isTold ? [run.pipelineTitle, titleInReadersWords(run)] : []),
    requesters.get(run.ownerId)?.displayName ?? '',
    project?.ownerId === person.id ? project.name : '',
  ];
  return words.replace('#', '') === String(run.id) || names.some((name) => name.toLowerCase().includes(words));
}

/** The living runners. */
function runnersOf({ situation, placesTaken }: WaitingLine): QueueView['runners'] {
  return {
    alive: situation.runners
      .filter(({ isAlive }) => isAlive)
      .map(({ name, slots, mode, trouble }) => ({
        name,
        slots,
        taken: Math.min(placesTaken.get(name) ?? 0, slots),
        mode,
        modeWord: modeInWords(mode),
        trouble: noteInWords(trouble) || null,
      })),
  };
}

function stateChoices(chosen: string): StateChoice[] {
  return RUN_STATES.map((value) => ({ value, word: stateWord(value), selected: value === chosen }));
}
