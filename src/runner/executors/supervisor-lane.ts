import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SUPERVISOR = join(__dirname, 'supervise.sh');

/** A process that is told from a later one of the same number. */
export interface Identity {
  pid: number;
  startTicks: string;
}

/** How far the program of a lane is. Each resolves once; all of them also when the lane itself has died, which `isAlive` tells. */
interface Stages {
  held: PromiseWithResolvers<Identity | null>;
  ended: PromiseWithResolvers<boolean>;
  logged: PromiseWithResolvers<void>;
  free: PromiseWithResolvers<void>;
}

/**
 * A shell that is there already when a program is to be started (`supervise.sh`): to make its copy is much cheaper than to start a
 * process from this one. It lives in a session of its own, and what it has begun outlives this process.
 */
export class SupervisorLane {
  private stages = newStages();
  private alive = true;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.hear(line));
    child.once('exit', () => {
      this.alive = false;
      this.end();
    });
    // A lane that died shows itself by its exit.
    child.stdin!.on('error', () => undefined);
    // It must not keep this process from ending.
    child.unref();
    for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref();
  }

  /** @param environment what every program inherits. @param shell any that understands POSIX. @throws the error of `spawn`. */
  static async open(environment: Readonly<Record<string, string>>, shell = '/bin/sh'): Promise<SupervisorLane> {
    const child = spawn(shell, [SUPERVISOR], { cwd: '/', env: environment, detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return new SupervisorLane(child);
  }

  /** Of the shell itself, not of any supervisor. */
  get pid(): number {
    return this.child.pid!;
  }

  get isAlive(): boolean {
    return this.alive;
  }

  /** True once the record of the program can be read and waits to be put on the disk; false when there is none. */
  get ended(): Promise<boolean> {
    return this.stages.ended.promise;
  }

  /** The log is complete. */
  get logged(): Promise<void> {
    return this.stages.logged.promise;
  }

  /** Nothing is left to do for this program. */
  get free(): Promise<void> {
    return this.stages.free.promise;
  }

  /** Makes a supervisor. @param words as `supervise.sh` reads them. @returns null when the lane died instead. */
  prepare(words: readonly string[]): Promise<Identity | null> {
    this.stages = newStages();
    if (!this.alive) this.end();
    this.child.stdin!.write(`prepare\n${words.map(asWord).join('')}`);
    return this.stages.held.promise;
  }

  /** Resolves when the word has left this process. */
  say(word: 'go' | 'no' | 'kept'): Promise<void> {
    return new Promise((resolve) => this.child.stdin!.write(`${word}\n`, () => resolve()));
  }

  /** The lane ends when nothing runs in it. */
  close(): void {
    this.child.stdin!.destroy();
  }

  private hear(line: string): void {
    const held = /^held (\d+) (\d+)$/.exec(line);
    if (held) this.stages.held.resolve({ pid: Number(held[1]), startTicks: held[2] ?? '' });
    else if (line === 'ended') this.stages.ended.resolve(true);
    else if (line === 'logged') this.stages.logged.resolve();
    else if (line === 'free') this.end();
  }

  private end(): void {
    this.stages.held.resolve(null);
    this.stages.ended.resolve(false);
    this.stages.logged.resolve();
    this.stages.free.resolve();
  }
}

function newStages(): Stages {
  return {
    held: Promise.withResolvers(),
    ended: Promise.withResolvers(),
    logged: Promise.withResolvers(),
    free: Promise.withResolvers(),
  };
}

function asWord(word: string): string {
  return `${word.split('\n').length - 1}:${word}\n`;
}
