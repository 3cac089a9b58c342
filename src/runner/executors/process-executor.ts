import { spawn, type ChildProcess } from 'node:child_process';
import { access, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import type { ProcessHandle, RunHandle } from '../../common/queue/run-handle';
import { text } from '../../locales/text';
import { Executor, PrepareError, type Assignment, type Execution, type HeldProgram, type Observation } from './executor';
import { isAlive, readBootId, readProcess, readSmallFile } from './process-table';
import { askTreeToEnd, findSession, findTree, killTree, type TreeKey } from './process-tree';

const SUPERVISOR = join(__dirname, 'supervise.sh');
const BLOCK_BYTES = 512;
const LOOK_MS = 250;
/** While a program is being stopped: often at first, since most obey at once. */
const STOP_LOOK_MS = { first: 10, most: 250 };
const SWEEP_LOOK_MS = 5;
const LOG_END_MS = 2000;
const TRIAL_MS = 15_000;
/** Marks an execution that was asked to stop, so that a success before that is told from an answer to it. */
const ASKED = 'asked';
/** Room for the exit record, taken while there is some. */
const RESERVED = Buffer.alloc(BLOCK_BYTES, ' ');
/** What `spawn` refuses for reasons that lie in the assignment. */
const HOPELESS = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'E2BIG', 'ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE', 'ENAMETOOLONG']);

interface Identity {
  pid: number;
  startTicks: string;
}

/** Programs as local processes, each under a supervisor of its own (`supervise.sh`) that outlives this runner. */
@Injectable()
export class ProcessExecutor extends Executor {
  readonly engine = 'process';
  readonly bootId: string;
  readonly host = hostname();
  /** Supervisors that are children of this process, by folder: their end is heard of rather than looked for. */
  private readonly children = new Map<string, ChildProcess>();

  constructor(private readonly config: AppConfig) {
    super();
    this.bootId = config.testBootId ?? readBootId();
  }

  async check(): Promise<void> {
    const root = this.config.runsRoot;
    try {
      await mkdir(root, { recursive: true });
      const folder = await mkdtemp(join(root, '.trial-'));
      await this.tryIn(folder).finally(() => rm(folder, { recursive: true, force: true }));
    } catch (error) {
      throw new StartupError(text('runner.cannotRun', { folder: root, reason: error instanceof Error ? error.message : String(error) }));
    }
  }

  private async tryIn(folder: string): Promise<void> {
    const assignment = trialIn(folder);
    const held = await this.prepare(assignment);
    await held.go();
    const execution: Execution = { runId: 0, attempt: 1, engine: this.engine, folder, handle: held.handle };
    await this.change(execution, AbortSignal.timeout(TRIAL_MS));
    const seen = await this.observe(execution);
    if (seen.kind !== 'ended' || seen.exitCode !== 0) throw new Error(`a trial program: ${JSON.stringify(seen)}`);
    await this.sweep(execution);
  }

  async prepare(assignment: Assignment): Promise<HeldProgram> {
    const child = await this.startSupervisor(assignment);
    try {
      await reserveExitRecord(assignment.folder);
    } catch (error) {
      child.stdin?.destroy();
      throw error;
    }
    const pid = child.pid!;
    const startTicks = readProcess(pid)?.startTicks ?? '0';
    const { folder } = assignment;
    this.children.set(folder, child);
    child.once('exit', () => this.children.delete(folder));
    return {
      handle: { kind: 'process', pid, startTicks, host: this.host, bootId: this.bootId },
      go: () => this.letGo(child),
      // The end of the pipe is its death sentence; it has not begun anything.
      discard: async () => void child.stdin?.destroy(),
    };
  }

  private async startSupervisor({ folder, attempt, argv, cwd, env }: Assignment): Promise<ChildProcess> {
    const blocks = Math.max(1, Math.floor(this.config.settings.MAX_LOG / BLOCK_BYTES));
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const words = [SUPERVISOR, folder, String(attempt), String(blocks), `\n${text('runner.logCut')}\n`, String(variables.length)];
    try {
      const child = spawn('/bin/sh', [...words, ...variables, ...argv], {
        cwd,
        env: this.config.programEnvironment,
        // A session of its own: it must outlive this process and its terminal.
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      // A supervisor that died before it read "go" shows itself to the observer.
      child.stdin?.on('error', () => undefined);
      await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      return child;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code && HOPELESS.has(code)) throw new PrepareError(text('runner.cannotPrepare', { reason: message }));
      throw error;
    }
  }

  private letGo(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => child.stdin?.end('go\n', () => resolve()));
  }

  async observe(execution: Execution): Promise<Observation> {
    const { folder } = execution;
    const handle = processHandle(execution.handle);
    const known = await this.whatFilesSay(execution);
    if (known) return known;
    if (handle && handle.host !== this.host) return { kind: 'elsewhere', evidence: text('runner.otherHost', { host: handle.host }) };
    if (handle && handle.bootId !== this.bootId) return { kind: 'dead', evidence: text('runner.restarted') };
    const supervised = handle !== null && isAlive(handle.pid, handle.startTicks);
    const marker = await this.readMarker(folder);
    if (supervised) return { kind: marker === 'go' ? 'running' : 'held' };
    // It may have written its record, or begun, between the two looks.
    const late = await this.whatFilesSay(execution);
    if (late) return late;
    if ((await this.readMarker(folder)) !== 'go') return { kind: 'never_began' };
    const left = handle ? findTree(await this.treeKey(folder, handle)).length + findSession(handle).length : 0;
    if (left > 0) return { kind: 'orphaned', evidence: text('runner.supervisorGone', { count: left }) };
    return { kind: 'dead', evidence: text('runner.deadWithoutRecord') };
  }

  async change(execution: Execution, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const child = this.children.get(execution.folder);
      const ended = child && new Promise<void>((resolve) => child.once('exit', () => resolve()));
      // Beside the end of our own child: a program may leave children behind that keep the log, and with it the supervisor, open. And
      // before any waiting: it may have ended since it was looked at.
      const { kind } = await this.observe(execution).catch(() => ({ kind: 'running' }));
      if (kind !== 'running' && kind !== 'held') return;
      const pause = sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
      await (ended ? Promise.race([ended, pause]) : pause);
    }
  }

  async seal({ folder }: Execution): Promise<boolean> {
    try {
      await (await open(join(folder, 'started'), 'wx')).close();
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Without a folder there is nothing that could start.
      if (code === 'ENOENT') return true;
      if (code !== 'EEXIST') throw error;
    }
    return (await this.readMarker(folder)) !== 'go';
  }

  async stop(execution: Execution, graceMs: number): Promise<void> {
    const { folder } = execution;
    const handle = processHandle(execution.handle);
    if (!handle || !this.isHere(handle)) return;
    if (await this.hasLife(execution)) await (await open(join(folder, ASKED), 'a')).close();
    const deadline = performance.now() + graceMs;
    const asked = new Set<string>();
    for (let pause = STOP_LOOK_MS.first; await this.hasLife(execution); pause = Math.min(2 * pause, STOP_LOOK_MS.most)) {
      const key = await this.treeKey(folder, handle);
      if (performance.now() >= deadline) await killTree(key);
      else askTreeToEnd(key, asked);
      await sleep(Math.min(pause, Math.max(1, deadline - performance.now())));
    }
  }

  async sweep(execution: Execution): Promise<number> {
    const { folder } = execution;
    const handle = processHandle(execution.handle);
    if (!handle || !this.isHere(handle)) return 0;
    const removed = await killTree(await this.treeKey(folder, handle));
    // With the last writer gone the supervisor sees the end of the log, and ends.
    for (let waited = 0; waited < LOG_END_MS && isAlive(handle.pid, handle.startTicks); waited += SWEEP_LOOK_MS) await sleep(SWEEP_LOOK_MS);
    await rm(join(folder, 'output'), { force: true });
    return removed;
  }

  private isHere(handle: ProcessHandle): boolean {
    return handle.host === this.host && handle.bootId === this.bootId;
  }

  /** Whether anything of the program runs, or is about to: between the marker and the program lies an instant without a tree. */
  private async hasLife(execution: Execution): Promise<boolean> {
    const { kind } = await this.observe(execution);
    if (kind === 'running' || kind === 'orphaned') return true;
    await this.sweep(execution);
    return false;
  }

  private async whatFilesSay({ folder, attempt }: Execution): Promise<Observation | null> {
    const record = /^(\d+) (\d+)$/.exec((await readSmallFile(join(folder, 'exit'))) ?? '');
    if (!record || Number(record[1]) !== attempt) return null;
    return { kind: 'ended', exitCode: Number(record[2]), asked: await exists(join(folder, ASKED)) };
  }

  private readMarker(folder: string): Promise<string | null> {
    return readSmallFile(join(folder, 'started'));
  }

  private async treeKey(folder: string, { pid, startTicks }: Identity): Promise<TreeKey> {
    const leader = /^(\d+) (\d+)$/.exec((await readSmallFile(join(folder, 'payload'))) ?? '');
    return {
      leader: leader && { pid: Number(leader[1]), startTicks: leader[2] },
      since: startTicks,
      mark: `SHOWRUNNER_MARK=${pid}-${startTicks}`,
    };
  }
}

function trialIn(folder: string): Assignment {
  const argv = ['/bin/sh', '-c', 'exit 0'];
  const places = { folder, cwd: folder, projectFolder: folder, pipelineFolder: folder };
  const needs = { cpu: 1000, memory: 0, gpus: 0 };
  const runtime = { kind: 'process', command: argv, env: {} } as const;
  return { ...places, runId: 0, attempt: 1, runtime, argv, inputs: [], env: {}, needs, gpuIds: [], timeLimitSeconds: 60 };
}

function processHandle(handle: RunHandle | null): ProcessHandle | null {
  return handle?.kind === 'process' ? handle : null;
}

async function reserveExitRecord(folder: string): Promise<void> {
  const file = await open(join(folder, 'exit.tmp'), 'w');
  try {
    await file.write(RESERVED);
  } finally {
    await file.close();
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
