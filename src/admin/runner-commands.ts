import { Injectable } from '@nestjs/common';
import { formatBytes } from '../browser/amounts';
import { AppConfig } from '../common/config/app-config';
import { StartupError } from '../common/errors';
import { isRemote } from '../common/queue/choose-runs';
import { Poke } from '../common/queue/poke.service';
import { QueueStore } from '../common/queue/queue-store';
import type { Run } from '../common/queue/run.entity';
import type { RunnerMode } from '../common/queue/runner-mode';
import { wordsOf } from '../common/queue/run-row';
import type { RunnerStanding } from '../common/queue/runners.repository';
import { isDrained } from '../common/waiting/situation';
import { WaitingLines } from '../common/waiting/waiting-lines.service';
import { text } from '../locales/text';
import { plainTable, timeSince } from './plain-table';
import { EXIT_DATA } from '../common/exit-status';

const MIB = 1024 * 1024;
const HEAD = ['RUNNER', 'HOST', 'STATE', 'ENGINES', 'PLACES', 'ELSEWHERE', 'CORES', 'MEMORY', 'GPUS', 'HEARD', 'RUNS'];
const DONE: Record<RunnerMode, (name: string, isAlive: boolean) => string> = {
  active: (name, isAlive) => (isAlive ? text('runners.flashActive', { runner: name }) : text('runners.flashNotAlive', { runner: name })),
  paused: (name) => `${name} is paused: what runs there goes on, nothing new starts.`,
  draining: (name) => `${name} finishes what it has, takes nothing new, and then stops.`,
};

/** What an administrator does to runners from the shell. Each command returns the text to print. */
@Injectable()
export class RunnerCommands {
  constructor(
    private readonly store: QueueStore,
    private readonly lines: WaitingLines,
    private readonly poke: Poke,
    private readonly config: AppConfig,
  ) {}

  async list(): Promise<string> {
    const { held, line } = await this.lines.read();
    const { runners, nowMs } = line.situation;
    if (runners.length === 0) return 'No runner was ever started here.';
    const rows = runners.map((runner) =>
      rowOf(
        runner,
        held.filter(({ runnerName }) => runnerName === runner.name),
        nowMs,
      ),
    );
    const troubles = runners.flatMap(({ name, isAlive, trouble }) => (isAlive && trouble !== null ? [`${name}: ${trouble}`] : []));
    return [plainTable(HEAD, rows), ...troubles].join('\n');
  }

  /** @throws StartupError when it is alive, holds something, or is not known. */
  async remove(name: string): Promise<string> {
    if (await this.store.removeRunner(name, this.config.settings.RUNNER_STALE)) return text('operations.runnerRemoved', { runner: name });
    const { runners } = (await this.lines.read()).line.situation;
    const isKnown = runners.some((runner) => runner.name === name);
    throw new StartupError(isKnown ? text('operations.runnerNotRemoved', { runner: name }) : unknownRunner(name, runners), EXIT_DATA);
  }

  /** @param name null: all to which it makes a difference. @throws StartupError when there is none. */
  async setMode(name: string | null, mode: RunnerMode): Promise<string> {
    const { runners } = (await this.lines.read()).line.situation;
    const names = name === null ? concerned(runners, mode) : [name];
    if (names.length === 0)
      throw new StartupError(mode === 'active' ? 'No runner is paused or drained.' : 'No runner is alive.', EXIT_DATA);
    const by = text('runners.fromShell');
    for (const one of names) {
      if (!(await this.store.setRunnerMode(one, mode, by))) throw new StartupError(unknownRunner(one, runners), EXIT_DATA);
    }
    await this.poke.pokeRunners();
    const isAlive = (one: string) => runners.some((runner) => runner.name === one && runner.isAlive);
    return names.map((one) => DONE[mode](one, isAlive(one))).join('\n');
  }
}

function concerned(runners: readonly RunnerStanding[], mode: RunnerMode): string[] {
  const isConcerned = (runner: RunnerStanding) => (mode === 'active' ? runner.mode !== 'active' : runner.isAlive);
  return runners.filter(isConcerned).map(({ name }) => name);
}

function unknownRunner(name: string, runners: readonly RunnerStanding[]): string {
  const known = runners.map((runner) => runner.name).join(', ');
  return `There is no runner named ${name}.${known === '' ? '' : ` There are: ${known}.`}`;
}

function rowOf(runner: RunnerStanding, held: readonly Run[], nowMs: number): string[] {
  const local = held.filter(({ engine }) => !isRemote(engine));
  const sum = (amount: (run: Run) => number) => local.reduce((total, run) => total + amount(run), 0);
  const given = new Set(local.flatMap((run) => wordsOf(run.gpuIds)));
  const watches = runner.engines.some(isRemote);
  return [
    runner.name,
    runner.host,
    stateOf(runner),
    runner.engines.join(','),
    `${local.length}/${runner.slots}`,
    watches ? `${held.length - local.length}/${runner.remoteSlots}` : '-',
    `${sum((run) => run.needCpu) / 1000}/${runner.cpu / 1000}`,
    `${formatBytes(sum((run) => run.needMemory) * MIB)}/${formatBytes(runner.memory * MIB)}`,
    runner.gpuIds.length === 0 ? '-' : runner.gpuIds.map((id) => (given.has(id) ? `${id}*` : id)).join(','),
    `${timeSince(nowMs - runner.beatMs)} ago`,
    held.length === 0 ? '-' : held.map(({ id }) => `#${id}`).join(','),
  ];
}

function stateOf(runner: RunnerStanding): string {
  const { isAlive, stopped, mode, trouble } = runner;
  if (isDrained(runner)) return 'drained';
  if (!isAlive) return `${stopped ? 'stopped' : 'silent'}${mode === 'paused' ? ', paused' : ''}`;
  if (mode !== 'active') return mode;
  return trouble === null ? 'active' : 'in trouble';
}
