import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { LimitError, UnavailableError } from '../../common/errors';
import { beGentle, PROGRAM_ENDING, programOptions, usageOf } from '../../common/processes/helper-program';
import { Turns } from '../../common/processes/turns';
import type { Refusal, TableWork } from './engine/tasks';

export interface TableJob {
  work: TableWork;
  /** File descriptors: the table, and what the kind of task wants beside it. They stay open until the job has ended. */
  handles: number[];
  /** Nobody waits for it any more. */
  signal: AbortSignal;
  /** Hears which share of the table has been gone through. */
  progress?: (done: number) => void;
}

type Said = { done?: number; result?: unknown; refused?: Refusal };

/** Tables up to this are read before anybody notices. */
export const SMALL_TABLE_BYTES = 4 * 1024 * 1024;
const WORKER = join(__dirname, 'engine', `table-worker${PROGRAM_ENDING}`);
const TIME_LIMIT_MS = 10 * 60_000;
/** A reader who takes an export slowly is no fault of the table. */
const EXPORT_LIMIT_MS = 6 * 3_600_000;
const MEMORY_LIMIT_BYTES = 1_500_000_000;
const HEAP_MEGABYTES = 512;
const LOOK_EVERY_MS = 100;
const MOST_WORDS = 500;
const MOST_WAITING = 64;
/** What one answer may say: figures and cells of one page. */
const MOST_ANSWER_BYTES = 16_000_000;

/**
 * Work on tables in processes of their own, a few at a time, with a limit of time and of memory: whatever a table is, it costs this
 * process nothing, and a hostile one ends its own process only.
 */
@Injectable()
export class TableProcesses {
  private readonly logger = new Logger(TableProcesses.name);
  /** Somebody who turns a page, or looks at a small table, does not wait for somebody who sorts a large one. */
  private readonly turns = {
    rows: new Turns(2, MOST_WAITING),
    small: new Turns(2, MOST_WAITING),
    work: new Turns(2, MOST_WAITING),
    export: new Turns(2, MOST_WAITING),
  };

  /**
   * @returns what the task results in.
   * @throws LimitError when it takes too much; UnavailableError when it fails or too many wait; the reason of `signal` after that.
   */
  run<Result>(job: TableJob): Promise<Result> {
    return this.turnsFor(job.work).take(async () => {
      const child = this.start(job);
      let result: { value: unknown } | undefined;
      let refusal: Refusal | undefined;
      const hear = ({ done, result: value, refused }: Said): void => {
        if (done !== undefined) job.progress?.(done);
        else if (refused) refusal = refused;
        else result = { value };
      };
      eachLine(child.stdout!, hear);
      await this.end(child, job.signal, TIME_LIMIT_MS);
      if (refusal) throw new LimitError(refusal.key, refusal.values);
      if (!result) throw new UnavailableError('errors.unavailable');
      return result.value as Result;
    }, job.signal);
  }

  /** As `run`, for an export: `take` gets what is written, and must read it to its end. */
  export(job: TableJob, take: (csv: Readable) => Promise<void>): Promise<void> {
    return this.turns.export.take(async () => {
      const child = this.start(job);
      await Promise.all([this.end(child, job.signal, EXPORT_LIMIT_MS), take(child.stdout!)]);
    }, job.signal);
  }

  private turnsFor({ task, size }: TableWork): Turns {
    if (task.kind === 'rows') return this.turns.rows;
    const bytes = size + ('other' in task ? task.other.size : 0);
    return bytes <= SMALL_TABLE_BYTES ? this.turns.small : this.turns.work;
  }

  private start({ work, handles }: TableJob): ChildProcess {
    return spawn(process.execPath, [...programOptions(HEAP_MEGABYTES), WORKER, JSON.stringify(work)], {
      stdio: ['ignore', 'pipe', 'pipe', ...handles],
      env: { MALLOC_ARENA_MAX: '2' },
      cwd: '/',
    });
  }

  private end(child: ChildProcess, signal: AbortSignal, limitMs: number): Promise<void> {
    let words = '';
    let stopped: Error | undefined;
    const stop = (reason: Error): void => {
      stopped ??= reason;
      child.kill('SIGKILL');
    };
    const gone = (): void => stop(signal.reason as Error);
    const clock = setTimeout(() => stop(new LimitError('tables.tooSlow')), limitMs);
    const watch = setInterval(
      () => void usageOf(child.pid).then(({ memory }) => memory > MEMORY_LIMIT_BYTES && stop(new LimitError('tables.tooMuchMemory'))),
      LOOK_EVERY_MS,
    );
    signal.addEventListener('abort', gone, { once: true });
    if (signal.aborted) gone();
    child.on('spawn', () => beGentle(child.pid));
    child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(0, MOST_WORDS)));
    return new Promise((resolve, reject) => {
      child.on('error', (error) => (words = error.message));
      child.on('close', (code) => {
        clearTimeout(clock);
        clearInterval(watch);
        signal.removeEventListener('abort', gone);
        if (stopped) return reject(stopped);
        if (code === 0) return resolve();
        this.logger.warn(`Work on a table failed: ${words.trim() || `exit status ${code}`}`);
        reject(new UnavailableError('errors.unavailable'));
      });
    });
  }
}

function eachLine(stream: Readable, hear: (said: Said) => void): void {
  let pieces: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) return void stream.destroy();
    pieces.push(chunk);
    if (!chunk.includes('\n')) return;
    const lines = Buffer.concat(pieces).toString().split('\n');
    pieces = [Buffer.from(lines.pop() ?? '')];
    bytes = pieces[0].length;
    for (const line of lines) hear(JSON.parse(line) as Said);
  });
}
