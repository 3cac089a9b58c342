import { Injectable } from '@nestjs/common';
import { demandOf } from '../../common/pipelines/needs';
import type { Manifest, ParameterValues } from '../../common/pipelines/manifest';
import { engineOf } from '../../common/pipelines/runtime';
import type { Project } from '../../common/projects/project.entity';
import { rankOfLevel } from '../../common/queue/rank';
import { QueueFiguresRepository } from '../../common/queue/queue-figures.repository';
import type { Run } from '../../common/queue/run.entity';
import { usualInWords } from '../../common/waiting/usual-words';
import { WaitingLines } from '../../common/waiting/waiting-lines.service';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import type { Alarm } from '../queue/alarm';
import { OpenPipelines } from '../http/access/open-pipelines';
import { SpaceAlarms, type SpaceAlarm } from '../space/space-alarms';
import { hindrance } from './hindrance';

/** When a run that is asked for now would start. */
export interface Outlook {
  sentence: string;
  /** When it would probably start; null where there is no history, and where that is at once. */
  startsMs: number | null;
  /** Whether it would be refused if somebody asked for it now. */
  isRefused: boolean;
  /** What keeps every run of the pipeline from starting as things are, whatever is entered, and what helps. */
  standing: Alarm[];
  /** What keeps a run with these values from starting, and what helps. */
  hindrances: Alarm[];
  /** The space of the project is full, so that it would be refused, or wait for the disk; null where there is room. */
  space: SpaceAlarm | null;
}

const NOTHING = { isRefused: false, standing: [], hindrances: [] };
/** Longer than any number of a run: as the newest it stands behind all of its person. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** Says when a run that is asked for now would start, as the queue page would say it of that run. */
@Injectable()
export class StartOutlook {
  constructor(
    private readonly lines: WaitingLines,
    private readonly figures: QueueFiguresRepository,
    private readonly space: SpaceAlarms,
    private readonly pipelines: OpenPipelines,
  ) {}

  /** @param values as entered so far: they may decide what the run needs. */
  async now(person: User, project: Pick<Project, 'ownerId'>, manifest: Manifest, values: ParameterValues): Promise<Outlook> {
    const space = await this.space.of(person, project.ownerId);
    if (space) return { sentence: text('run.startsRefused'), startsMs: null, isRefused: true, standing: [], hindrances: [], space };
    const off = await this.whenOff(person, manifest.id);
    return { ...(off ?? (await this.inLine(person, manifest, values))), space };
  }

  /** Null while the pipeline is on. */
  private async whenOff(person: User, id: string): Promise<Omit<Outlook, 'space'> | null> {
    const note = (await this.pipelines.find(person, id))?.offNote ?? null;
    if (note === null) return null;
    const heading = text('run.pipelineOffHeading');
    const help = text(person.isAdmin ? 'run.pipelineOffAdmin' : 'run.pipelineOffHelp');
    const alarm = { heading, detail: asSentence(note), help, runs: [], isForAdministrator: person.isAdmin, since: null };
    return { sentence: text('run.startsOff'), startsMs: null, isRefused: true, standing: [alarm], hindrances: [] };
  }

  private async inLine({ id: ownerId, isAdmin }: User, manifest: Manifest, values: ParameterValues): Promise<Omit<Outlook, 'space'>> {
    const run = asIfAsked(ownerId, manifest, values);
    const { line } = await this.lines.read(run);
    const obstacle = line.obstacleOf(run);
    if (obstacle) {
      const alarm = hindrance(obstacle, asItApplies(manifest, values), line.situation.runners, isAdmin);
      const isOfValues = obstacle.kind === 'size' || obstacle.kind === 'sizeTogether';
      const [standing, hindrances] = isOfValues ? [[], [alarm]] : [[alarm], []];
      return { sentence: text('run.startsStuck'), startsMs: null, isRefused: false, standing, hindrances };
    }
    const waiting = line.of(run);
    if (!waiting || line.startsAtOnce(run)) return { sentence: text('run.startsNow'), startsMs: null, ...NOTHING };
    return { sentence: waiting.sentence, startsMs: waiting.startsMs, ...NOTHING };
  }

  /** How long runs of a pipeline usually take, in words; '' when none has told. */
  async usually(pipelineId: string): Promise<string> {
    const usual = await this.figures.usualTime(pipelineId);
    return usual ? usualInWords(usual) : '';
  }
}

/** With a full stop, if nobody has written one. */
function asSentence(words: string): string {
  return words === '' || /[.!?。！？]$/.test(words) ? words : `${words}.`;
}

/** Without the parameters that do not apply: there is nothing to change in them. */
function asItApplies(manifest: Manifest, values: ParameterValues): Manifest {
  return { ...manifest, parameters: manifest.parameters.filter(({ name, when }) => when === undefined || Object.hasOwn(values, name)) };
}

/** The run as it would stand in the queue. */
function asIfAsked(ownerId: string, manifest: Manifest, values: ParameterValues): Run {
  const needs = demandOf(manifest.needs, values);
  const nothing = {
    gpuIds: null,
    runnerName: null,
    handle: null,
    cancelRequestedMs: null,
    stopReason: null,
    note: null,
    exitCode: null,
    progress: null,
    progressText: null,
    engineNote: null,
    begunMs: null,
    startedMs: null,
    finishedMs: null,
    holdBy: null,
    dueMs: null,
    keepUntilMs: null,
    doomedMs: null,
    warnedMs: null,
    warningId: null,
  };
  const nowMs = Date.now();
  return {
    ...nothing,
    id: NEWEST,
    submissionId: '',
    pipelineId: manifest.id,
    pipelineTitle: manifest.title,
    projectId: '',
    ownerId,
    state: 'queued',
    rank: rankOfLevel(manifest.rank),
    fence: 0,
    attempt: 0,
    starts: 0,
    maxStarts: 1,
    startFailures: 0,
    engine: engineOf(manifest.runtime),
    needCpu: needs.cpu,
    needMemory: needs.memory,
    needGpus: needs.gpus,
    timeLimitSeconds: 0,
    pipelineLimit: manifest.limits.parallel,
    requestedMs: nowMs,
    availableMs: nowMs,
    keep: false,
  };
}
