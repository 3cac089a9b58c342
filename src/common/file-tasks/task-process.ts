import { spawn, type ChildProcess } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { InvalidInputError, LimitError } from '../errors';
import { beGentle, PROGRAM_ENDING, programOptions, usageOf } from '../processes/helper-program';
import type { TaskMeans } from './file-task-kind';
import type { Amounts } from '../space/space.repository';
import type { FromProgram, ToProgram, WrittenFile } from './task-messages';

/** What a program tells while it works. */
export interface TaskListener {
  progress(done: Amounts, total: Amounts): void;
  /** @throws DomainError when the space is not to be had, which ends the program. */
  need(amounts: Amounts): Promise<void>;
  written(files: readonly WrittenFile[]): Promise<void>;
}

/** The program ended without a word, or with one for the log. */
export class TaskBroke extends Error {}

const MOST_MEMORY_BYTES = 1_000_000_000;
const HEAP_MEGABYTES = 768;
const LEAST_CPU_SECONDS = 120;
/** Even a slow disk and a slow processor do more than this. */
const LEAST_BYTES_PER_CPU_SECOND = 2_000_000;
const LEAST_FILES_PER_CPU_SECOND = 200;
const LOOK_EVERY_MS = 250;
const MOST_WORDS = 4000;

/**
 * One program of a task, from its start to its end: it gets its files as open handles and has neither our environment nor a path to
 * anything. Too much memory or computing time, and the end of this process, end it.
 */
export class TaskProcess {
  private readonly child: ChildProcess;
  private words = '';
  private total: Amounts = { bytes: 0, files: 0 };
  private result: { value: unknown } | undefined;
  private failure: unknown;

  /** @param program absolute path without its ending. */
  constructor(
    program: string,
    staging: FileHandle,
    private readonly means: TaskMeans,
    private readonly listener: TaskListener,
  ) {
    const handles = [staging, ...means.handles].map((handle) => handle.fd);
    this.child = spawn(process.execPath, [...programOptions(HEAP_MEGABYTES), program + PROGRAM_ENDING], {
      stdio: ['ignore', 'ignore', 'pipe', ...handles, 'ipc'],
      env: { MALLOC_ARENA_MAX: '2' },
      cwd: '/',
    });
  }

  /** Of the program, while it runs. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @returns what the program returned. @throws DomainError that it refused with, or that stopped it; TaskBroke. */
  run(signal: AbortSignal): Promise<unknown> {
    const { child } = this;
    const watch = setInterval(() => void this.watch(), LOOK_EVERY_MS);
    const abort = (): void => this.stop(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    child.stderr?.on('data', (chunk: Buffer) => (this.words = (this.words + chunk.toString()).slice(0, MOST_WORDS)));
    child.on('message', (message: FromProgram) => void this.hear(message).catch((error: unknown) => this.stop(error)));
    child.on('spawn', () => {
      beGentle(child.pid);
      this.tell({ begin: { brief: this.means.brief, handles: this.means.handles.length } });
    });
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearInterval(watch);
        signal.removeEventListener('abort', abort);
        if (this.failure !== undefined) reject(this.failure);
        else if (this.result) resolve(this.result.value);
        else reject(new TaskBroke(this.words.trim() || 'the program ended without a word'));
      };
      child.once('error', (error) => {
        this.failure ??= error;
        settle();
      });
      child.once('close', settle);
    });
  }

  private async hear(message: FromProgram): Promise<void> {
    if ('progress' in message) {
      this.total = message.progress.total;
      this.listener.progress(message.progress.done, message.progress.total);
    } else if ('need' in message) {
      this.total = message.need;
      await this.listener.need(message.need);
      this.tell({ granted: true });
    } else if ('written' in message) await this.listener.written(message.written);
    else if ('done' in message) this.result = { value: message.done.result };
    else if ('refused' in message) this.failure ??= new InvalidInputError(message.refused.key, message.refused.values);
    else this.failure ??= new TaskBroke(message.broke);
  }

  private tell(message: ToProgram): void {
    // A program that has ended meanwhile is told of by 'close'.
    this.child.send(message, () => undefined);
  }

  private stop(reason: unknown): void {
    this.failure ??= reason;
    this.child.kill('SIGKILL');
  }

  private async watch(): Promise<void> {
    const { memory, cpuSeconds } = await usageOf(this.child.pid);
    if (memory > MOST_MEMORY_BYTES) this.stop(new LimitError('tasks.tooMuchMemory'));
    const { bytes, files } = this.total;
    const most = LEAST_CPU_SECONDS + bytes / LEAST_BYTES_PER_CPU_SECOND + files / LEAST_FILES_PER_CPU_SECOND;
    if (cpuSeconds > most) this.stop(new LimitError('tasks.tooLong'));
  }
}
