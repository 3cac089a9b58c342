import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { NEVER_MS } from '../../common/database/never';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { isFinal, isHeld, type RunState } from '../../common/queue/run-state';
import { wordsOf } from '../../common/queue/run-row';
import { isTakenOver } from '../../common/queue/taken-over';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { runsSince } from '../../common/waiting/run-estimate';
import { engineWords, needsInWords } from '../../common/waiting/waiting-words';
import { text } from '../../locales/text';
import { OpenPipelines } from '../http/access/open-pipelines';
import { Permissions } from '../http/access/permissions';
import type { Grant } from '../http/access/policy';
import { QueuePage } from '../queue/queue-page.service';
import { FAILED_LOG_LINES } from '../queue/failure-causes';
import type { RunRow } from '../queue/run-row';
import type { Alarm } from '../queue/alarm';
import { timeLeft, type TimeLeft } from '../queue/time-left';
import { stateWord } from '../views/elements';
import { address } from '../views/helpers';
import { withoutMachine, withoutRunner } from './for-visitors';
import { noticeOf, type Notice } from './notice';
import { projectWay } from './project-way';
import type { ResultsView } from './results.view';
import { RunRecords, type RunRecord } from './run-records';
import { runSubject } from './run-subject';
import { RunResults, type PickUp } from './run-results';
import { lookAddress } from './run-look';
import { ShownResults } from './shown-results';

/** What `views/show/run.hbs` shows. */
export interface RunView extends RunRecord {
  title: string;
  run: RunSummary;
  project: { id: string; name: string } | null;
  /** The page of the project, below the base path; null for those who may not open it. */
  projectHref: string | null;
  /** Whether files of the project open. */
  mayReadFiles: boolean;
  /** Until when the link opens by which the reader came; null for those who may read the run anyway. */
  sharedUntilMs: number | null;
  /** When the results go, for visitors whose link works longer. */
  resultsGoMs: number | null;
  mayShare: boolean;
  requester: string;
  isMine: boolean;
  /** Under the heading: what is going on, or what came out; '' for none. */
  sentence: string;
  /** Inputs and changed settings in one line; '' for none. */
  subject: string;
  /** While it waits: since when the cause lasts, when it will probably start, and why the last try failed. */
  waiting: Pick<RunRow, 'since' | 'startsMs' | 'trouble'> | undefined;
  /** Whether it starts only when another run has succeeded. */
  followsRun: boolean;
  /** What an administrator has to do before it can start. */
  alarms: Alarm[];
  /** When it will probably end; null where nobody can tell. */
  left: TimeLeft | null;
  /** Cause of an end that was not plain success, or evidence of a doubt. */
  notice: Notice | null;
  results: ResultsView | null;
  /** Whether it has ended without having written any file; false where that cannot be told. */
  leftNothing: boolean;
  /** Said of results that are kept. */
  keptSentence: string;
  /** When the results go; null: they stay. */
  deletionMs: number | null;
  /** Until when its owner may keep it; null: for ever. */
  keepsUntilMs: number | null;
  /** Whether that is longer than it is kept now. */
  mayKeepLonger: boolean;
  /** Whether results that are gone lie in the trash. */
  isInTrash: boolean;
  /** Attempts before the last, whose logs are still there. */
  earlierAttempts: number[];
  pickUp: PickUp | null;
  /** Address, below the base path, of all results as one zip archive. */
  zipHref: string | null;
  /** Address, below the base path, at which the page asks whether there is anything new; null once the run is over. */
  lookHref: string | null;
  mayCancel: boolean;
  mayDeclareLost: boolean;
  mayKeep: boolean;
  /** Whether the form can be opened with these values again. */
  mayRunAgain: boolean;
  /** Of the button that runs it again exactly: a new one for each page; null where it may not be run again. */
  againKey: string | null;
  /** Where these values become those of a schedule, below the base path; null for those who may make none. */
  scheduleHref: string | null;
  /** The schedule that started it; null where somebody did. */
  origin: RunRow['origin'];
  mailComes: boolean;
}

interface RunSummary {
  id: number;
  pipelineId: string;
  pipelineTitle: string;
  state: RunState;
  isFinal: boolean;
  isHeld: boolean;
  /** Topics of `data-live`. */
  topics: string;
  progress: number | null;
  attempt: number;
  maxStarts: number;
  runner: string | null;
  /** What carries it out, in words. */
  engine: string;
  /** What it takes of a machine, in words; '' for nothing. */
  needs: string;
  /** The GPUs that it was given; '' for none. */
  gpus: string;
  exitCode: number | null;
  keep: boolean;
  keepUntilMs: number | null;
  requestedMs: number;
  /** Null where that depends on somebody, or on another run. */
  availableMs: number | null;
  startedMs: number | null;
  finishedMs: number | null;
  /** Since when its program runs; null while it waits in a cluster or for a launcher. */
  runsSinceMs: number | null;
  waitedSeconds: number | null;
  /** Null for lost ones, too: nobody saw their end. */
  tookSeconds: number | null;
  timeLimitSeconds: number;
}

type FoundResults = Pick<RunView, 'results' | 'pickUp' | 'zipHref' | 'lookHref'>;

const NO_RESULTS = { results: null, pickUp: null, zipHref: null };
const LOG_LINES = 200;
/** As many as are seen without scrolling. */
/** Who reads: a person, and the link by which they came where it takes one. */
export interface RunReader {
  person: User | null;
  grant: Grant | null;
}

/** Everything that the page of one run shows to somebody who may read it. */
@Injectable()
export class RunPage {
  constructor(
    private readonly records: RunRecords,
    private readonly results: RunResults,
    private readonly shown: ShownResults,
    private readonly queue: QueuePage,
    private readonly pipelines: OpenPipelines,
    private readonly permissions: Permissions,
  ) {}

  /** @param project null when it has been deleted since. */
  async show(run: Run, project: Project | null, { person, grant }: RunReader): Promise<RunView> {
    const ended = isFinal(run.state) && run.state !== 'succeeded';
    const all = await this.records.of(run, ended ? FAILED_LOG_LINES : LOG_LINES);
    const record = grant ? withoutMachine(all) : all;
    const { row, alarms } = person && !grant ? await this.queue.showRun(person, run) : { row: undefined, alarms: [] };
    const found = project && run.attempt > 0 ? await this.readResults(run) : { ...NO_RESULTS, lookHref: lookAddress(run, '') };
    const isMine = run.ownerId === person?.id;
    const mayRunAgain = await this.mayRunAgain(person, run, project);
    return {
      ...record,
      ...found,
      ...(grant ? { pickUp: null } : {}),
      ...(await this.waysToProject(run, project, { person, grant })),
      title: titleOf(run),
      run: summary(grant ? withoutRunner(run) : run),
      project: project && { id: project.id, name: project.name },
      requester: row?.requester ?? '',
      isMine,
      waiting: row && { since: row.since, startsMs: row.startsMs, trouble: row.trouble },
      followsRun: run.state === 'scheduled' && typeof row?.afterRun === 'number',
      alarms,
      sentence: isFinal(run.state) ? resultInWords(run) : run.state === 'unknown' ? '' : (row?.sentence ?? saidOf(run)),
      left: row ? row.left : timeLeft(run, record.typicalSeconds ?? undefined, Date.now()),
      subject: runSubject(record.parameters),
      notice: noticeOf(grant ? withoutRunner(run) : run, record, { person, hasResults: (found.results?.files.length ?? 0) > 0 }),
      leftNothing: isFinal(run.state) && found.results?.files.length === 0 && record.outputs === null,
      keptSentence: this.results.keptInWords(isMine ? person : null),
      deletionMs: this.results.deletionMs(run, project),
      keepsUntilMs: this.results.ownersLimitMs(run),
      mayKeepLonger: this.results.mayBeKeptLonger(run),
      isInTrash: found.results?.files.length === 0 && record.outputs !== null && (await this.results.isInTrash(run)),
      earlierAttempts: Array.from({ length: Math.max(0, run.attempt - 1) }, (_, index) => index + 1),
      mayCancel: row?.mayCancel ?? false,
      mayDeclareLost: run.state === 'unknown' && (await this.permissions.allows('admin', { person })),
      mayKeep: run.finishedMs !== null && (await this.permissions.allows('runKeeper', { person, project, run })),
      mayRunAgain,
      againKey: mayRunAgain && !isTakenOver(run) ? randomUUID() : null,
      scheduleHref: mayRunAgain ? await this.scheduleHref(person, run, project) : null,
      origin: row?.origin ?? null,
      mailComes: isMine && person?.kind === 'account',
    };
  }

  private async scheduleHref(person: User | null, { id, pipelineId }: Run, project: Project | null): Promise<string | null> {
    if (!project || !(await this.permissions.allows('projectScheduler', { person, project }))) return null;
    return address('/projects', [project.id, 'run', pipelineId, 'schedule'], { from: id });
  }

  private async readResults(run: Run): Promise<FoundResults> {
    const { view: results, signature } = await this.shown.of(run);
    const pickUp = results.files.length > 0 ? await this.results.pickUp(run, await this.results.of(run)) : null;
    return { results, pickUp, zipHref: this.results.zipAddress(run), lookHref: lookAddress(run, signature) };
  }

  private async waysToProject(
    run: Run,
    project: Project | null,
    { person, grant }: RunReader,
  ): Promise<Pick<RunView, 'projectHref' | 'mayReadFiles' | 'sharedUntilMs' | 'resultsGoMs' | 'mayShare'>> {
    const projectHref = projectWay(project, grant);
    const deletionMs = this.results.deletionMs(run, project);
    return {
      projectHref,
      mayReadFiles: projectHref !== null,
      sharedUntilMs: grant && grant.expiresMs,
      resultsGoMs: grant && deletionMs !== null && deletionMs < grant.expiresMs ? deletionMs : null,
      mayShare: await this.permissions.allows('projectOwner', { person, project }),
    };
  }

  private async mayRunAgain(person: User | null, run: Run, project: Project | null): Promise<boolean> {
    if (!isFinal(run.state) || !project || !(await this.permissions.allows('projectRunner', { person, project }))) return false;
    const found = await this.pipelines.find(person, run.pipelineId);
    return found !== undefined && found.offNote === null;
  }
}

/** The last thing that a program said of its progress tells what it found. */
function resultInWords({ state, progress, progressText }: Run): string {
  return state === 'succeeded' && progress === 100 ? (progressText ?? '') : '';
}

/** While it runs, its state comes first: a tab shows little more. */
function titleOf(run: Run): string {
  const { id, state } = run;
  return text(isHeld(state) ? 'show.titleLive' : 'show.title', { number: id, pipeline: titleInReadersWords(run), state: stateWord(state) });
}

/** What its program says of its progress, for those who see no queue. */
function saidOf({ state, progressText }: Run): string {
  return state === 'running' ? (progressText ?? '') : '';
}

function summary(run: Run): RunSummary {
  const { startedMs, finishedMs } = run;
  const waitedUntil = startedMs ?? finishedMs;
  return {
    id: run.id,
    pipelineId: run.pipelineId,
    pipelineTitle: titleInReadersWords(run),
    state: run.state,
    isFinal: isFinal(run.state),
    isHeld: isHeld(run.state),
    topics: run.state === 'queued' ? `run:${run.id} queue runners` : `run:${run.id}`,
    progress: run.progress,
    attempt: run.attempt,
    maxStarts: run.maxStarts,
    runner: run.runnerName,
    engine: engineWords(run.engine),
    needs: needsInWords({ cpu: run.needCpu, memory: run.needMemory, gpus: run.needGpus }),
    gpus: wordsOf(run.gpuIds).join(', '),
    exitCode: run.exitCode,
    keep: run.keep,
    keepUntilMs: run.keepUntilMs,
    requestedMs: run.requestedMs,
    availableMs: run.availableMs < NEVER_MS ? run.availableMs : null,
    startedMs,
    finishedMs,
    runsSinceMs: runsSince(run),
    waitedSeconds: waitedUntil === null ? null : seconds(run.requestedMs, waitedUntil),
    tookSeconds: startedMs === null || finishedMs === null || run.state === 'lost' ? null : seconds(startedMs, finishedMs),
    timeLimitSeconds: run.timeLimitSeconds,
  };
}

function seconds(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1000;
}
