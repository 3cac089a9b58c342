import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { FINAL_STATES, isFinal, isHeld, RUN_STATES, type RunState } from '../../common/queue/run-state';
import { QueueFiguresRepository, type AliveRunner } from '../../common/queue/queue-figures.repository';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { stateWord } from '../views/elements';
import { QueueListsRepository } from './queue-lists.repository';
import { writeCursor, type QueueQuery } from './queue-query';
import type { RowContext, RunRow } from './run-row';
import { RunRows } from './run-rows.service';
import { lineUp, type Line } from './waiting-line';

const PAGE = 30;
/** Runs that are not over and that are listed; the page tells how many wait behind them. */
const MOST_ACTIVE = 600;

interface RunnerRow {
  name: string;
  slots: number;
  taken: number;
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
  runners: { alive: RunnerRow[]; lastHeard: { name: string; beatMs: number } | null };
  running: RunRow[];
  waiting: RunRow[];
  moreWaiting: number;
  finished: RunRow[];
  /** Cursor of the page with older runs, where there is one. */
  older: string | null;
  /** Whether this is such a page itself. */
  isOlder: boolean;
  isEmpty: boolean;
}

/** The queue as one person may see it. */
@Injectable()
export class QueuePage {
  constructor(
    private readonly lists: QueueListsRepository,
    private readonly runs: RunsRepository,
    private readonly figures: QueueFiguresRepository,
    private readonly rows: RunRows,
    private readonly config: AppConfig,
  ) {}

  async show(person: User, query: QueueQuery): Promise<QueueView> {
    const { held, waiting, queued, alive, line } = await this.readLine();
    const finished = await this.readFinished(person, query);
    // Between the two reads a run may have ended: it stands once, where it is now.
    const ended = new Set(finished.runs.map((run) => run.id));
    const active = query.before ? [] : [...held, ...inOrder(waiting, line)].filter((run) => !ended.has(run.id));
    // The database has chosen among those that have ended.
    const wanted = (run: Run, context: RowContext) => isFinal(run.state) || fits(run, query, context);
    const rows = await this.rows.of(person, [...active, ...finished.runs], line, wanted);
    const listed = new Map(rows.map((row) => [row.id, row]));
    const pick = (runs: readonly Run[]) => runs.flatMap((run) => listed.get(run.id) ?? []);
    const isSet = query.words !== '' || query.state !== '';
    const showsAll = query.whose === 'all' && !isSet && !query.before;
    const behind = showsAll && held.length + waiting.length === MOST_ACTIVE ? (await this.lists.countQueued()) - queued.length : 0;
    return {
      filter: { whose: query.whose === 'mine' ? 'mine' : '', words: query.words, state: query.state, isSet },
      states: stateChoices(query.state),
      runners: { alive: alive.map(runnerRow), lastHeard: alive.length === 0 ? await this.lists.lastHeard() : null },
      running: pick(active.filter((run) => held.includes(run))),
      waiting: pick(active.filter((run) => !held.includes(run))),
      moreWaiting: Math.max(0, behind),
      finished: pick(finished.runs),
      older: finished.older,
      isOlder: query.before !== null,
      isEmpty: rows.length === 0,
    };
  }

  /** Rows for a list of runs elsewhere, such as the dashboard. */
  async rowsOf(person: User, runs: readonly Run[]): Promise<RunRow[]> {
    return this.rows.of(person, runs, (await this.readLine()).line);
  }

  /** How many runs wait for a place. */
  countWaiting(): Promise<number> {
    return this.lists.countQueued();
  }

  private async readLine() {
    const [active, alive] = await Promise.all([
      this.runs.listWaitingAndHeld({ limit: MOST_ACTIVE }),
      this.figures.aliveRunners(this.config.settings.RUNNER_STALE),
    ]);
    const held = active.filter((run) => isHeld(run.state));
    const waiting = active.filter((run) => !isHeld(run.state));
    const queued = waiting.filter((run) => run.state === 'queued');
    return { held, waiting, queued, alive, line: lineUp(queued, held, alive) };
  }

  private async readFinished(person: User, query: QueueQuery): Promise<{ runs: Run[]; older: string | null }> {
    const states = FINAL_STATES.filter((state) => query.states.includes(state));
    if (states.length === 0) return { runs: [], older: null };
    const words = query.words.toLowerCase();
    const filter = { readerId: person.id, mineOnly: query.whose === 'mine', words, states, before: query.before };
    const found = await this.lists.finished(filter, PAGE + 1);
    const runs = found.slice(0, PAGE);
    const last = runs.at(-1);
    const older = found.length > PAGE && last?.finishedMs ? writeCursor({ finishedMs: last.finishedMs, id: last.id }) : null;
    return { runs, older };
  }
}

/** The same choice as `QueueListsRepository.finished` makes, for the runs that are in memory anyway. */
function fits(run: Run, query: QueueQuery, { person, requesters, projects }: RowContext): boolean {
  if (query.whose === 'mine' && run.ownerId !== person.id) return false;
  if (!query.states.includes(run.state)) return false;
  if (query.words === '') return true;
  const words = query.words.toLowerCase();
  const project = projects.get(run.projectId);
  const names = [run.pipelineTitle, requesters.get(run.ownerId)?.displayName ?? '', project?.ownerId === person.id ? project.name : ''];
  return words.replace('#', '') === String(run.id) || names.some((name) => name.toLowerCase().includes(words));
}

/** Queued runs as they will be chosen, then the scheduled ones as they were read. */
function inOrder(waiting: readonly Run[], { positions }: Line): Run[] {
  const place = (run: Run) => positions.get(run.id) ?? Number.MAX_SAFE_INTEGER;
  return [...waiting].sort((left, right) => place(left) - place(right));
}

function runnerRow({ name, slots, held }: AliveRunner): RunnerRow {
  return { name, slots, taken: Math.min(held, slots) };
}

function stateChoices(chosen: string): StateChoice[] {
  return RUN_STATES.map((value) => ({ value, word: stateWord(value), selected: value === chosen }));
}
