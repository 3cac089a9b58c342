import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../browser/amounts';
import { AppConfig } from '../../common/config/app-config';
import { isRemote } from '../../common/queue/choose-runs';
import { noteInWords } from '../../common/queue/note-words';
import { wordsOf } from '../../common/queue/run-row';
import type { RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { RunnerStanding } from '../../common/queue/runners.repository';
import type { User } from '../../common/users/user.entity';
import { WaitingLines } from '../../common/waiting/waiting-lines.service';
import type { Since } from '../../common/waiting/last-words';
import { isDrained } from '../../common/waiting/situation';
import { engineWords } from '../../common/waiting/waiting-words';
import { sentencesInRow } from '../../locales/joined';
import { formatList } from '../../locales/formats';
import { text, type TextKey } from '../../locales/text';
import type { Alarm } from '../queue/alarm';
import { WaitingAlarms } from '../queue/waiting-alarms';

const MIB = 1024 * 1024;
const MOST_RUNS = 12;
/** A runner that is gone for longer, and holds nothing, is forgotten by the page. */
const REMEMBERED_MS = 7 * 24 * 3_600_000;

type Condition = 'takes' | 'inTrouble' | 'paused' | 'draining' | 'silent' | 'stopped' | 'drained';

/** Icon and tone of each condition; the word is in the texts. */
const CONDITIONS: Record<Condition, { icon: string; tone: 'ok' | 'warn' | 'bad' | 'idle'; word: TextKey }> = {
  takes: { icon: 'circle-check', tone: 'ok', word: 'runners.takes' },
  inTrouble: { icon: 'alert-triangle', tone: 'warn', word: 'runners.inTrouble' },
  paused: { icon: 'player-pause', tone: 'warn', word: 'runners.paused' },
  draining: { icon: 'player-skip-forward', tone: 'warn', word: 'runners.draining' },
  silent: { icon: 'plug-connected-x', tone: 'bad', word: 'runners.silent' },
  stopped: { icon: 'player-stop', tone: 'idle', word: 'runners.stopped' },
  drained: { icon: 'player-stop', tone: 'idle', word: 'runners.drained' },
};

interface RunnerView {
  name: string;
  /** For the id of its row. */
  key: string;
  host: string;
  engines: string;
  isAlive: boolean;
  condition: { icon: string; tone: string; word: string };
  /** What keeps it from taking runs, or what it still holds; '' for nothing. */
  sentence: string;
  /** Since when it has its mode, and who wanted it so. */
  since: Since | null;
  beatMs: number;
  slots: number;
  taken: number;
  /** Runs of a cluster or a launcher; null where it watches none. */
  elsewhere: string | null;
  cores: string;
  memory: string;
  /** Said where runs are offered more than its machine has; '' for nothing. */
  tooMuch: string;
  /** `name` for people: ids are numbers, or what CUDA calls them. */
  gpus: { name: string; runId: number | null }[];
  runs: { id: number; state: RunState }[];
  moreRuns: number;
  mayPause: boolean;
  mayDrain: boolean;
  mayResume: boolean;
  /** It is gone and holds nothing: its row can go as well. */
  mayRemove: boolean;
  /** How its machine does, as it last told; null: it has not told. */
  health: { load: string; isLoaded: boolean; memory: string; disk: string; isFull: boolean; node: string } | null;
  startedMs: number;
}

/** What `views/runners/index.hbs` shows. */
export interface RunnersView {
  runners: RunnerView[];
  alarms: Alarm[];
}

/** The runners, what each has, and what of it is taken by which run. */
@Injectable()
export class RunnersPage {
  constructor(
    private readonly lines: WaitingLines,
    private readonly alarms: WaitingAlarms,
    private readonly config: AppConfig,
  ) {}

  /** How one of them stands; undefined where there is none of that name. */
  async standing(name: string): Promise<RunnerStanding | undefined> {
    return (await this.lines.read()).line.situation.runners.find((runner) => runner.name === name);
  }

  async show(person: User): Promise<RunnersView> {
    const { held, line } = await this.lines.read();
    const { runners, nowMs } = line.situation;
    const holds = (name: string) => held.filter(({ runnerName }) => runnerName === name);
    return {
      runners: runners
        .filter((runner) => runner.isAlive || nowMs - runner.beatMs < REMEMBERED_MS || holds(runner.name).length > 0)
        .sort((one, other) => Number(other.isAlive) - Number(one.isAlive) || one.name.localeCompare(other.name))
        .map((runner) => runnerView(runner, holds(runner.name), this.config.settings.FREE_SPACE_RESERVE)),
      alarms: this.alarms.ofAll(person, line),
    };
  }
}

/** @param reserve bytes of disk that stay free. */
function runnerView(runner: RunnerStanding, held: readonly Run[], reserve: number): RunnerView {
  const { name, host, engines, slots, remoteSlots, mode, isAlive, beatMs, startedMs } = runner;
  const condition = conditionOf(runner);
  const { icon, tone, word } = CONDITIONS[condition];
  const local = held.filter(({ engine }) => !isRemote(engine));
  const watches = engines.some(isRemote) || held.length > local.length;
  return {
    name,
    key: Buffer.from(name).toString('hex'),
    host,
    engines: formatList(engines.map(engineWords)),
    isAlive,
    condition: { icon, tone, word: text(word) },
    sentence: sentenceOf(runner, held.length),
    since: sinceOf(runner),
    beatMs,
    slots,
    taken: Math.min(local.length, slots),
    elsewhere: watches ? text('runners.placesElsewhere', { taken: held.length - local.length, places: remoteSlots }) : null,
    ...roomOf(runner, local),
    tooMuch: isAlive ? tooMuchOf(runner) : '',
    gpus: gpusOf(runner, local),
    runs: held.slice(0, MOST_RUNS).map(({ id, state }) => ({ id, state })),
    moreRuns: Math.max(0, held.length - MOST_RUNS),
    mayPause: isAlive && mode === 'active',
    mayDrain: isAlive && mode !== 'draining',
    // One that is not alive too: it comes back paused otherwise.
    mayResume: mode !== 'active',
    mayRemove: !isAlive && held.length === 0,
    health: isAlive ? healthOf(runner, reserve) : null,
    startedMs,
  };
}

function conditionOf(runner: RunnerStanding): Condition {
  const { isAlive, stopped, mode, trouble } = runner;
  if (isDrained(runner)) return 'drained';
  if (!isAlive) return stopped ? 'stopped' : 'silent';
  if (mode !== 'active') return mode;
  return trouble === null ? 'takes' : 'inTrouble';
}

function sentenceOf(runner: RunnerStanding, held: number): string {
  if (runner.isAlive) return noteInWords(runner.trouble);
  const holds = held > 0 ? text('runners.stillHolds', { count: held }) : '';
  const returns = isDrained(runner) ? text('runners.startAgain') : runner.mode === 'paused' ? text('runners.staysPaused') : '';
  return sentencesInRow(holds, returns);
}

function sinceOf({ mode, modeMs, modeBy }: RunnerStanding): Since | null {
  if (mode === 'active' || modeMs === null) return null;
  const by = modeBy ?? '';
  if (mode === 'paused') return { words: text(by === '' ? 'runners.pausedSince' : 'runners.pausedBy', { by }), atMs: modeMs };
  return { words: text(by === '' ? 'runners.drainingSince' : 'runners.drainingBy', { by }), atMs: modeMs };
}

function roomOf({ cpu, memory }: RunnerStanding, local: readonly Run[]): { cores: string; memory: string } {
  const takenCpu = local.reduce((sum, run) => sum + run.needCpu, 0);
  const takenMemory = local.reduce((sum, run) => sum + run.needMemory, 0);
  const all = formatBytes(memory * MIB);
  // Runs need not tell how much they take.
  const untaken = local.length === 0 ? 'runners.memoryNone' : 'runners.memoryUntold';
  return {
    cores: text('runners.cores', { taken: takenCpu / 1000, all: cpu / 1000 }),
    memory: takenMemory > 0 ? text('runners.memory', { taken: formatBytes(takenMemory * MIB), all }) : text(untaken, { all }),
  };
}

/** The operating system keeps a little of the memory for itself, which is no fault of the one who set it up. */
const SPARE = 1.02;

function tooMuchOf({ cpu, memory, health }: RunnerStanding): string {
  if (!health || (cpu / 1000 <= health.cores && memory * MIB <= health.memory * SPARE)) return '';
  return text('runners.moreThanThere', { cores: health.cores, memory: formatBytes(health.memory) });
}

function healthOf({ health }: RunnerStanding, reserve: number): RunnerView['health'] {
  if (!health) return null;
  const { load, cores, freeMemory, memory, freeDisk, node } = health;
  return {
    load: text('operations.load', { load: Math.round(load * 10) / 10, cores }),
    isLoaded: load > cores * 1.5,
    memory: text('operations.freeMemory', { free: formatBytes(freeMemory), all: formatBytes(memory) }),
    disk: freeDisk === null ? '' : text('operations.freeDisk', { free: formatBytes(freeDisk) }),
    isFull: freeDisk !== null && freeDisk < reserve,
    node,
  };
}

function gpusOf({ gpuIds }: RunnerStanding, local: readonly Run[]): RunnerView['gpus'] {
  return gpuIds.map((id) => ({
    name: /^\d+$/.test(id) ? text('runners.gpu', { id }) : id,
    runId: local.find((run) => wordsOf(run.gpuIds).includes(id))?.id ?? null,
  }));
}
