import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../../../src/common/queue/run.entity';
import { endHard, HandoffHost } from '../../handoff-host';
import { blame, heldRuns, type Stage } from '../stage';
import { EngineWorld, type Trouble } from './engine-world';
import { killMarked, markedProcesses } from './marked-processes';

const LAUNCHER = resolve(__dirname, '..', '..', '..', 'docker', 'handoff-launcher.sh');
const GONE_WITHIN_MS = 10_000;

/** Programs that a launcher starts on the host, one after the other. */
export class HandoffWorld extends EngineWorld {
  readonly engine = 'handoff';
  override readonly settings = { RUNNER_REMOTE_SLOTS: '4' };
  private readonly folder = mkdtempSync(join(tmpdir(), 'showrunner-handoff-'));
  private readonly host = new HandoffHost(join(this.folder, 'shared'));
  private launcher: ChildProcess | null = null;
  private mark = '';

  override block(): Record<string, unknown> {
    mkdirSync(this.host.folder, { recursive: true });
    return { handoff: { folder: this.host.folder } };
  }

  override begin({ mark }: Stage): Promise<void> {
    this.mark = mark;
    this.start();
    return Promise.resolve();
  }

  troubles(stage: Stage): Trouble[] {
    return [{ name: 'launcher killed', weight: 3, act: () => this.killLauncher(stage) }];
  }

  switchOff({ mark }: Stage): Promise<void> {
    killMarked(mark);
    return Promise.resolve();
  }

  override restore(): Promise<void> {
    if (!this.launcher || this.launcher.exitCode !== null || this.launcher.signalCode !== null) this.start();
    return Promise.resolve();
  }

  /** The launcher is ended in order first: it goes when its program has gone. */
  async survivors({ mark }: Stage, runs: readonly Run[]): Promise<string[]> {
    this.launcher?.kill('SIGTERM');
    for (let waited = 0; waited < GONE_WITHIN_MS && this.launcher?.exitCode === null; waited += 50) await sleep(50);
    const unknown = new Set(runs.filter(({ state }) => state === 'unknown').map(({ id }) => id));
    const left = markedProcesses(mark).filter(({ runId }) => (runId === null ? unknown.size === 0 : !unknown.has(runId)));
    return left.map(({ pid, command, runId }) => `process ${pid} of run ${runId}: ${command}`);
  }

  override async close(): Promise<void> {
    if (this.launcher) await endHard(this.launcher);
    await this.host.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Its program goes on, and nobody will hear its exit status. */
  private async killLauncher(stage: Stage): Promise<boolean> {
    if (!this.launcher) return false;
    for (const { id } of await heldRuns(stage)) blame(stage, id, 'its launcher was killed');
    await endHard(this.launcher);
    await sleep(stage.random.between(0, 500));
    this.start();
    return true;
  }

  private start(): void {
    const [name, value] = this.mark.split('=');
    const env = { ...process.env, [name]: value };
    this.launcher = spawn(LAUNCHER, [`${this.host.folder}.conf`, '--watch'], { stdio: ['ignore', 'ignore', 'inherit'], env });
  }
}
