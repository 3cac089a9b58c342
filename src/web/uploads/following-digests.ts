import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { FollowAnswer, FollowOrder } from './follow-worker';
import { FollowingDigest } from './following-digest';

/** Files between two requests whose checksums so far are kept in memory; others are read again. */
const MOST_FOLLOWED = 1000;
const WORKER = join(__dirname, `follow-worker${extname(__filename)}`);

/** The thread is gone, and with it what it had read. */
export class ThreadEnded extends Error {
  constructor() {
    super('The thread that computes checksums of uploads has ended.');
  }
}

interface Waiting {
  resolve(answer: FollowAnswer): void;
  reject(error: Error): void;
}

/** The checksums of uploads, computed on one thread while they arrive: the one that receives them has enough to do. */
@Injectable()
export class FollowingDigests implements OnApplicationShutdown {
  private readonly logger = new Logger(FollowingDigests.name);
  /** The youngest is the last. */
  private readonly followed = new Map<string, FollowingDigest>();
  private readonly waiting = new Map<number, Waiting>();
  private thread: Worker | undefined;
  private last = 0;

  async onApplicationShutdown(): Promise<void> {
    await this.thread?.terminate();
  }

  /** @param id of the upload. */
  of(id: string): FollowingDigest {
    const known = this.followed.get(id) ?? new FollowingDigest(id, this);
    this.followed.delete(id);
    this.followed.set(id, known);
    if (this.followed.size > MOST_FOLLOWED) this.forget(this.followed.keys().next().value!);
    return known;
  }

  forget(id: string): void {
    if (this.followed.delete(id)) this.thread?.postMessage({ kind: 'forget', id } satisfies FollowOrder, []);
  }

  /** Orders that nobody waits for: a thread that ended is started again, and reads from the beginning. */
  send(order: FollowOrder): void {
    this.thread ??= this.start();
    this.thread.postMessage(order, []);
  }

  /** @throws ThreadEnded. */
  ask(order: { kind: 'pause' | 'finish'; id: string }): Promise<FollowAnswer> {
    const question = (this.last += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(question, { resolve, reject });
      this.send({ ...order, question });
    });
  }

  private start(): Worker {
    const thread = new Worker(WORKER, { execArgv: ['--no-warnings'], stdin: false });
    // Nothing to wait for when the process wants to end.
    thread.unref();
    thread.on('message', (answer: FollowAnswer) => {
      this.waiting.get(answer.question)?.resolve(answer);
      this.waiting.delete(answer.question);
    });
    thread.on('error', (error) => this.logger.warn(`The thread that computes checksums of uploads broke: ${error.message}`));
    thread.on('exit', () => this.end());
    return thread;
  }

  private end(): void {
    this.thread = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new ThreadEnded());
  }
}
