import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { UnavailableError } from '../errors';
import type { DigestAnswer, DigestQuestion } from './digest-worker';
import type { Digests } from './running-digest';

const MOST_WORKING = 2;
const MOST_WAITING = 1000;
/** A thread that nobody needs any more costs memory. */
const IDLE_MS = 30_000;
const WORKER = join(__dirname, `digest-worker${extname(__filename)}`);

/** Reads an open file from its beginning to its end. */
export type Hash = (file: FileHandle) => Promise<Digests & { bytes: number }>;

/** How a file is read. */
export interface ComputingWay {
  /** Gives it up. */
  signal?: AbortSignal | undefined;
  /** Rests as long as it reads, because nobody waits for it. */
  gently?: boolean;
}

/** Computes checksums of whole files on threads of the lowest priority, a few at a time: a page never waits for another's 50 GB. */
@Injectable()
export class DigestWorkers implements OnApplicationShutdown {
  private readonly waiting: (() => void)[] = [];
  private readonly idle: { worker: Worker; clock: NodeJS.Timeout }[] = [];
  private readonly closing = new AbortController();
  private working = 0;

  async onApplicationShutdown(): Promise<void> {
    this.closing.abort();
    for (const { worker, clock } of this.idle.splice(0)) {
      clearTimeout(clock);
      await worker.terminate();
    }
  }

  /**
   * Lets `work` read a file when there is room for it: what waits holds nothing open. Its `hash` takes an open file, which stays open.
   * @throws UnavailableError when too many wait already; an AbortError when it is given up.
   */
  async inTurn<Result>(work: (hash: Hash) => Promise<Result>, { signal, gently = false }: ComputingWay = {}): Promise<Result> {
    const ends = AbortSignal.any([this.closing.signal, ...(signal ? [signal] : [])]);
    await this.turn();
    try {
      ends.throwIfAborted();
      return await work((file) => this.hash({ fd: file.fd, gently }, ends));
    } finally {
      this.working -= 1;
      this.waiting.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    if (this.waiting.length >= MOST_WAITING) throw new UnavailableError('errors.unavailable');
    if (this.working >= MOST_WORKING) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.working += 1;
  }

  private async hash(question: DigestQuestion, signal: AbortSignal): Promise<Digests & { bytes: number }> {
    const worker = this.take();
    worker.postMessage(question, []);
    let answer: DigestAnswer;
    try {
      [answer] = (await once(worker, 'message', { signal })) as [DigestAnswer];
    } catch (error) {
      // Before the file is closed: its number may be another file's then.
      await worker.terminate();
      throw error;
    }
    this.putBack(worker);
    const { error, ...digests } = answer;
    if (error !== null) throw Object.assign(new Error(`Reading the file failed with ${error}`), { code: error });
    return digests;
  }

  private take(): Worker {
    const known = this.idle.pop();
    if (!known) return this.start();
    clearTimeout(known.clock);
    known.worker.ref();
    return known.worker;
  }

  private start(): Worker {
    const worker = new Worker(WORKER, { execArgv: ['--no-warnings'], stdin: false });
    // Whoever waits for its answer hears of it, too.
    worker.on('error', () => this.drop(worker));
    return worker;
  }

  /** Nothing to wait for when the process wants to end. */
  private putBack(worker: Worker): void {
    if (this.closing.signal.aborted) return void worker.terminate();
    worker.unref();
    const clock = setTimeout(() => this.drop(worker), IDLE_MS).unref();
    this.idle.push({ worker, clock });
  }

  private drop(worker: Worker): void {
    const index = this.idle.findIndex((one) => one.worker === worker);
    if (index >= 0) this.idle.splice(index, 1);
    void worker.terminate();
  }
}
