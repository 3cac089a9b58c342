import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readProcess } from './process-table';

const SUPERVISOR = join(__dirname, 'supervise.sh');

/** A process that is told from a later one of the same number. */
export interface Identity {
  pid: number;
  startTicks: string;
}

/** How far one program of a lane is. Each resolves once; all of them also when the lane itself has died, which `lane.isAlive` tells. */
export interface Turn {
  lane: SupervisorLane;
  /** Its supervisor, once that is there and the program waits; null when the lane died instead. */
  held: Promise<Identity | null>;
  /** True once the record of the program can be read and waits to be put on the disk; false when there is none. */
  ended: Promise<boolean>;
  /** The log is complete. */
  logged: Promise<void>;
  /** Nothing is left to do for this program. */
  free: Promise<void>;
}

interface Stages {
  held: PromiseWithResolvers<Identity | null>;
  ended: PromiseWithResolvers<boolean>;
  logged: PromiseWithResolvers<void>;
  free: PromiseWithResolvers<void>;
}

/**
 * A shell that is there already when a program is to be started (`supervise.sh`), with a supervisor and a process that becomes the program
 * in the control groups that it needs: to make them, and to move a process, takes longer than all else. It lives in a session of its own,
 * and what it has begun outlives this process.
 */
export class SupervisorLane {
  private stages = newStages();
  private alive = true;
  private standing = false;
  private readonly end = Promise.withResolvers<void>();

  private constructor(
    private readonly child: ChildProcess,
    /** Of the shell itself, not of any supervisor. */
    readonly identity: Identity,
  ) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.hear(line));
    child.once('exit', () => {
      this.alive = false;
      this.finish();
      this.end.resolve();
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
    const pid = child.pid!;
    return new SupervisorLane(child, { pid, startTicks: readProcess(pid)?.startTicks ?? '' });
  }

  get isAlive(): boolean {
    return this.alive;
  }

  /** Whether it is known to wait for nothing but a program. */
  get isStanding(): boolean {
    return this.standing;
  }

  /** Resolves when the shell has ended. */
  get gone(): Promise<void> {
    return this.end.promise;
  }

  /** Makes all that a program needs and that does not depend on which it is. @param entrances of control groups for it. */
  standBy(entrances: readonly string[]): void {
    this.stages = newStages();
    if (!this.alive) this.finish();
    this.child.stdin!.write(`stand\n${[String(entrances.length), ...entrances].map(asWord).join('')}`);
  }

  /** Tells the program to what stands by. @param words as `supervise.sh` reads them. */
  prepare(words: readonly string[]): Turn {
    this.standing = false;
    this.child.stdin!.write(words.map(asWord).join(''));
    const { held, ended, logged, free } = this.stages;
    return { lane: this, held: held.promise, ended: ended.promise, logged: logged.promise, free: free.promise };
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
    else if (line === 'standing') this.standing = true;
    else if (line === 'ended') this.stages.ended.resolve(true);
    else if (line === 'logged') this.stages.logged.resolve();
    else if (line === 'free') this.finish();
  }

  private finish(): void {
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
