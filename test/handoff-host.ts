import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Manifest } from '../src/common/pipelines/manifest';
import type { HandoffRuntime } from '../src/common/pipelines/runtime';

const LAUNCHER = resolve(__dirname, '..', 'docker', 'handoff-launcher.sh');

/** The other side of a hand-off: a folder, and launchers on it. Use it from any test: `new HandoffHost(folder)`, `manifest(script)`, `start()`. */
export class HandoffHost {
  private readonly launchers: ChildProcess[] = [];
  private readonly config: string;

  /** @param folder is made; launcher and programs live in it. */
  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.config = `${folder}.conf`;
    // What the runner renders is one line for a shell, so it is run by one, as PIPEX does it.
    this.configure('export WORK; run_program() { sh "$WORK/$ARGS_FILE"; }');
  }

  configure(lines: string): void {
    writeFileSync(this.config, `FOLDER='${this.folder}'\nSECONDS_BETWEEN_LOOKS=0.2\n${lines}\n`);
  }

  runtime(over: Partial<HandoffRuntime> = {}): HandoffRuntime {
    return {
      kind: 'handoff',
      command: [],
      env: {},
      folder: this.folder,
      workFolder: null,
      argsFile: 'pipex_batch_list.txt',
      runIdFile: 'run_id.txt',
      lastRunIdFile: 'LAST_RUN_ID',
      logFile: 'log.txt',
      form: 'line',
      waitsFor: 'args',
      takes: 'move',
      pathMap: [],
      pickUpSeconds: 600,
      ...over,
    };
  }

  /** A pipeline that hands a shell script over; `$1` in it is the folder for results. Submit it with the engine `handoff`. */
  manifest(script: string, over: Partial<HandoffRuntime> = {}): Pick<Manifest, 'runtime' | 'arguments'> {
    const command = ['/bin/sh', '-c', script, 'job'];
    return { runtime: this.runtime({ command, ...over }), arguments: [{ kind: 'outputFolder', flag: null, style: 'bare' }] };
  }

  /** The launcher that ships, looking all the time. */
  start(): ChildProcess {
    const child = spawn(LAUNCHER, [this.config, '--watch'], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.launchers.push(child);
    return child;
  }

  /** The launcher that ships, as cron starts it: it looks once, and is here until what it began has ended. */
  async tick(): Promise<void> {
    const child = spawn(LAUNCHER, [this.config], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.launchers.push(child);
    await once(child, 'exit');
  }

  /** Hands a shell script over by hand, as a runner would. */
  lay(id: string, script: string): void {
    writeFileSync(this.path('run_id.txt'), `${id}\n`);
    writeFileSync(this.path('args.draft'), `${script}\n`);
    renameSync(this.path('args.draft'), this.path('pipex_batch_list.txt'));
  }

  /** Kills what the launchers started to look for a cancel: shells that are called as they are. */
  killWatcher(): void {
    for (const pid of this.called('--watch')) if (!this.launchers.some((launcher) => launcher.pid === pid)) killIfThere(pid);
  }

  /** Whether a program is at work. */
  get isAtWork(): boolean {
    return this.called('--run').length > 0;
  }

  /** Kills the shells that wait for programs, and nothing else. @returns how many there were. */
  killSessions(): number {
    const pids = this.called('--run');
    for (const pid of pids) killIfThere(pid);
    return pids.length;
  }

  /** Kills launchers, and the program that one of them has started. */
  async close(): Promise<void> {
    for (const child of this.launchers) await endHard(child);
    for (const pid of this.called('--run')) killIfThere(-pid);
  }

  /** Shells on our configuration: leaders of the sessions in which programs run (`--run`), also of launchers that are dead, or launchers. */
  private called(mode: '--run' | '--watch'): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => {
        try {
          const words = Number.isInteger(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') : [];
          return words.includes(this.config) && words.includes(mode);
        } catch {
          return false;
        }
      });
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Names in the subfolder of runner and launcher. */
  ownNames(): string[] {
    return existsSync(this.path('.showrunner')) ? readdirSync(this.path('.showrunner')) : [];
  }

  /** A launcher of somebody else: takes what lies there. @returns the id of the run and its arguments, or null while nothing is there. */
  fetch(): { id: string; args: string } | null {
    try {
      renameSync(this.path('pipex_batch_list.txt'), this.path('fetched-args'));
    } catch {
      return null;
    }
    renameSync(this.path('run_id.txt'), this.path('fetched-id'));
    return { id: readFileSync(this.path('fetched-id'), 'utf8').trim(), args: readFileSync(this.path('fetched-args'), 'utf8') };
  }

  /** What a program of somebody else writes at its end: not atomically, and without a line end. */
  tellEnd(id: string): void {
    writeFileSync(this.path('LAST_RUN_ID'), id);
  }
}

/** Ends a process for good and waits for that. */
export async function endHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What was listed may have ended by itself since. @param pid that of a process, or less than 0 for a group. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
