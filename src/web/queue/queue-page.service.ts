import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { FINAL_STATES, isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { Policy } from '../http/access/policy';
import { QueueListsRepository, type RunnerSign } from './queue-lists.repository';
import { writeCursor, type QueueQuery } from './queue-query';
import { runRow, type RunRow } from './run-row';
import { lineUp, type Line } from './waiting-line';

const PAGE = 50;
/** Waiting runs that are listed and get a position; the page tells how many there are behind them. */
const MOST_WAITING = 500;

interface RunnerRow {
  name: string;
  slots: number;
  taken: number;
}

/** What `views/queue/index.hbs` shows. */
export interface QueueView {
  filter: { whose: string; words: string; state: string; isSet: boolean };
  states: { value: string; selected: boolean }[];
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
    private readonly projects: ProjectsRepository,
    private readonly users: UsersRepository,
    private readonly policy: Policy,
    private readonly config: AppConfig,
  ) {}

  async show(person: User, query: QueueQuery): Promise<QueueView> {
    const [held, allWaiting, signs] = await Promise.all([this.lists.held(), this.lists.waiting(MOST_WAITING), this.lists.runnerSigns()]);
    const alive = this.livingRunners(signs);
    const queued = allWaiting.filter((run) => run.state === 'queued');
    const line = lineUp(queued, held, alive);
    const finished = await this.readFinished(person, query);
    const active = query.before ? [] : [...held, ...inOrder(allWaiting, line)];
    const rows = await this.rows(person, [...active, ...finished.runs], line, query);
    const listed = new Map(rows.map((row) => [row.id, row]));
    const pick = (runs: readonly Run[]) => runs.flatMap((run) => listed.get(run.id) ?? []);
    const behind = query.before || queued.length < MOST_WAITING ? 0 : (await this.lists.countQueued()) - queued.length;
    return {
      filter: { whose: query.whose, words: query.words, state: query.state, isSet: query.words !== '' || query.state !== '' },
      states: stateChoices(query.state),
      runners: { alive: runnerRows(alive, held), lastHeard: alive.length === 0 ? (signs[0] ?? null) : null },
      running: pick(active.filter((run) => held.includes(run))),
      waiting: pick(active.filter((run) => !held.includes(run))),
      moreWaiting: Math.max(0, behind),
      finished: pick(finished.runs),
      older: finished.older,
      isOlder: query.before !== null,
      isEmpty: rows.length === 0,
    };
  }

  /** The person's own latest runs, whatever their state: for the dashboard. */
  async ownRows(person: User, runs: readonly Run[]): Promise<RunRow[]> {
    const [held, waiting, signs] = await Promise.all([this.lists.held(), this.lists.waiting(MOST_WAITING), this.lists.runnerSigns()]);
    const line = lineUp(
      waiting.filter((run) => run.state === 'queued'),
      held,
      this.livingRunners(signs),
    );
    return this.rows(person, runs, line, null);
  }

  /** Runners that are at work, and runs that wait for one: for the home page. */
  async activity(): Promise<{ runners: number; waiting: number }> {
    const [signs, waiting] = await Promise.all([this.lists.runnerSigns(), this.lists.countQueued()]);
    return { runners: this.livingRunners(signs).length, waiting };
  }

  private livingRunners(signs: readonly RunnerSign[]): RunnerSign[] {
    const staleMs = this.config.settings.RUNNER_STALE * 1000;
    return signs
      .filter((sign) => !sign.stopped && sign.silentMs < staleMs)
      .sort((left, right) => left.name.localeCompare(right.name, 'en'));
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

  /** Rows of the runs that fit the query; those that have ended were chosen by the database already. */
  private async rows(person: User, runs: readonly Run[], line: Line, query: QueueQuery | null): Promise<RunRow[]> {
    const [requesters, projects] = await Promise.all([
      this.users.findByIds(unique(runs.map((run) => run.ownerId))),
      this.projects.findByIds(unique(runs.map((run) => run.projectId))),
    ]);
    const projectById = new Map(projects.map((project) => [project.id, project]));
    const mayRead = (run: Run) => this.policy.allows('runReader', { person, run, project: projectById.get(run.projectId) ?? null });
    const details = await this.lists.detailsOf(runs.filter(mayRead).map((run) => run.id));
    const context = {
      person,
      requesters: new Map(requesters.map((user) => [user.id, user])),
      projects: projectById,
      details: new Map(details.map((one) => [one.runId, one])),
      line,
      mayRead,
      mayCancel: (run: Run) => this.policy.allows('runOwner', { person, run }),
    };
    return runs.filter((run) => isFinal(run.state) || !query || fits(run, query, context)).map((run) => runRow(run, context));
  }
}

type Searchable = { person: User; requesters: Map<string, User>; projects: Map<string, { name: string; ownerId: string }> };

/** The same choice as `QueueListsRepository.finished` makes, for the runs that are in memory anyway. */
function fits(run: Run, query: QueueQuery, { person, requesters, projects }: Searchable): boolean {
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

function runnerRows(alive: readonly RunnerSign[], held: readonly Run[]): RunnerRow[] {
  return alive.map(({ name, slots }) => ({ name, slots, taken: held.filter((run) => run.runnerName === name).length }));
}

function stateChoices(chosen: string): { value: string; selected: boolean }[] {
  return FINAL_STATES.map((value) => ({ value, selected: value === chosen }));
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
