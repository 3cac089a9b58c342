import { Injectable } from '@nestjs/common';
import type { Manifest } from '../../common/pipelines/manifest';
import { combine, type Combination } from '../../common/pipelines/sweep/combinations';
import { storedInReadersWords, titleInReadersWords, wordInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { noteInWords } from '../../common/queue/note-words';
import { isFinal, type RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { StoredAxis, Sweep } from '../../common/sweeps/sweep.entity';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import type { User } from '../../common/users/user.entity';
import { listed } from '../../locales/joined';
import { text } from '../../locales/text';
import { Permissions } from '../http/access/permissions';
import { MOST_COMPARED } from '../compare/compared-runs';
import { pagesOf, type Pages } from '../projects/pages';
import { doubtInWords } from '../queue/doubt-words';
import { toldTo } from '../queue/told-words';
import { valueWords } from './axis-words';
import { SweepResults, type SweepResult } from './sweep-results';

const PER_PAGE = 50;

/** One run of a sweep. */
interface SweepRow {
  runId: number;
  /** Its values, in the order of the axes; a page has no column for what is the same in all. */
  values: string[];
  state: RunState;
  /** Why it ended as it did; '' for most. */
  note: string;
  progress: number | null;
  seconds: number | null;
  result: SweepResult | null;
}

/** What `views/sweeps/sweep.hbs` shows. */
export interface SweepView {
  title: string;
  project: { id: string; name: string };
  sweep: { id: string; pipelineId: string; pipelineTitle: string; createdMs: number; runCount: number };
  /** `columnName` has the unit, too. */
  axes: { label: string; columnName: string; count: number }[];
  /** “3 values of Smoothing, 2 values of Channel”. */
  axesWords: string;
  /** How many runs are in which state, in the order of their lives. */
  states: { state: RunState; count: number }[];
  /** Of all runs, the share that is over, in percent. */
  overPercent: number;
  rows: SweepRow[];
  /** Runs that were never asked for, because something broke off in the middle, and runs that are gone. */
  missing: number;
  tableTitle: string | null;
  hasPictures: boolean;
  pages: Pages;
  mayCancel: boolean;
  /** A run whose values fill the form again; null where none is left. */
  firstRunId: number | null;
  isOver: boolean;
  /** Numbers of the runs, where so few have ended that all of them can stand beside each other. */
  compared: number[];
  /** Whether more have ended: then some of them have to be chosen. */
  isChosen: boolean;
}

const IN_ORDER: RunState[] = ['scheduled', 'queued', 'starting', 'running', 'stopping', 'unknown', 'succeeded', 'partial', 'failed'];

/** The page of runs that were asked for together: what was varied, and what came of it. */
@Injectable()
export class SweepPage {
  constructor(
    private readonly sweeps: SweepsRepository,
    private readonly runs: RunsRepository,
    private readonly results: SweepResults,
    private readonly permissions: Permissions,
  ) {}

  async of(person: User, project: Project, sweep: Sweep, asked: number): Promise<SweepView> {
    const members = await this.sweeps.runsOf(sweep.id);
    const known = new Map((await this.runs.findByIds(members.map(({ runId }) => runId))).map((run) => [run.id, run]));
    const present = members.filter(({ runId }) => known.has(runId));
    const all = present.map(({ runId }) => known.get(runId)!);
    const pages = pagesOf(asked, PER_PAGE, present.length);
    const made = combine(sweep.axes, sweep.mode, Number.POSITIVE_INFINITY);
    const combinations = made.fault === undefined ? made.combinations : [];
    const rows: SweepRow[] = [];
    for (const { position, runId } of present.slice(pages.from, pages.from + PER_PAGE)) {
      rows.push(await this.row(person, sweep, combinations[position] ?? {}, known.get(runId)!));
    }
    const axes = await this.axes(sweep, all.at(0));
    const { id, pipelineId, createdMs, runCount } = sweep;
    const over = all.filter(({ state }) => isFinal(state)).length;
    return {
      title: text('sweep.title', { title: titleInReadersWords(sweep) }),
      project: { id: project.id, name: project.name },
      sweep: { id, pipelineId, pipelineTitle: titleInReadersWords(sweep), createdMs, runCount },
      axes,
      axesWords: listed(axes.map(({ label, count }) => text('sweep.axis', { label, count }))),
      states: countStates(all),
      overPercent: all.length === 0 ? 100 : Math.floor((100 * over) / all.length),
      rows,
      missing: sweep.runCount - all.length,
      tableTitle: rows.find(({ result }) => result?.table)?.result?.table?.title ?? null,
      hasPictures: rows.some(({ result }) => result?.picture),
      pages,
      mayCancel: over < all.length && (await this.maySteer(person, project, sweep)),
      firstRunId: all[0]?.id ?? null,
      isOver: over === all.length,
      isChosen: over > MOST_COMPARED,
      compared: over === all.length && over > 1 && over <= MOST_COMPARED ? all.map((run) => run.id) : [],
    };
  }

  /** @param first of its runs, whose manifest knows the units; undefined where none is left. */
  private async axes({ axes, pipelineId }: Sweep, first: Run | undefined): Promise<SweepView['axes']> {
    const details = first ? await this.runs.details(first.id) : null;
    const { parameters = [] } = details ? storedInReadersWords(details.manifest as Partial<Manifest>) : {};
    return axes.map(({ parameter, label, values }) => {
      const words = wordInReadersWords(pipelineId, label);
      const known = parameters.find(({ name }) => name === parameter);
      const unit = known && 'unit' in known ? known.unit : '';
      return { label: words, columnName: unit === '' ? words : `${words} (${unit})`, count: values.length };
    });
  }

  /** The owner of the project, and whoever asked for it while they may ask for runs there. */
  async maySteer(person: User, project: Project, { ownerId }: Pick<Sweep, 'ownerId'>): Promise<boolean> {
    const rule = ownerId === person.id ? 'projectRunner' : 'projectOwner';
    return this.permissions.allows(rule, { person, project });
  }

  private async row(person: User, { axes }: Sweep, combination: Combination, run: Run): Promise<SweepRow> {
    const details = await this.runs.details(run.id);
    const manifest: Partial<Manifest> = details ? storedInReadersWords(details.manifest) : {};
    const rules = isFinal(run.state) ? manifest.outputs : undefined;
    // A field that did not apply to a run has no value in it.
    const applied = ({ parameter }: StoredAxis) => details === null || Object.hasOwn(details.parameters, parameter);
    const { id: runId, state, startedMs, finishedMs, note, progress } = run;
    return {
      runId,
      values: axes.map((axis) => (applied(axis) ? valueWords(combination[axis.parameter] ?? '') : text('sweep.notApplied'))),
      state,
      note: isFinal(state) && state !== 'succeeded' ? (doubtInWords(run) ?? toldTo(person, noteInWords(note))) : '',
      progress: state === 'running' || state === 'stopping' ? progress : null,
      seconds: startedMs !== null && finishedMs !== null && state !== 'lost' ? Math.max(0, finishedMs - startedMs) / 1000 : null,
      result: rules ? await this.results.of(run, rules) : null,
    };
  }
}

function countStates(runs: readonly Run[]): { state: RunState; count: number }[] {
  const counts = new Map<RunState, number>();
  for (const { state } of runs) counts.set(state, (counts.get(state) ?? 0) + 1);
  const rank = (state: RunState) => (IN_ORDER.includes(state) ? IN_ORDER.indexOf(state) : IN_ORDER.length);
  return [...counts].map(([state, count]) => ({ state, count })).sort((one, other) => rank(one.state) - rank(other.state));
}
