import { Worker } from 'node:worker_threads';
import { Logger } from '@nestjs/common';
import { UnavailableError } from '../../errors';

const MOST_WAITING = 200;

interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** A thread that reads the disk for this one and answers questions in their order. One that broke, or hangs on a dead disk, is left. */
export class AnsweringThread<Question extends object, Answer extends { id: number }> {
  private readonly logger = new Logger('Files');
  private readonly waiting = new Map<number, Waiting<Answer>>();
  private readonly worker: Worker;
  private last = 0;
  private alive = true;

  /** @param script that answers each message `{ id, …question }` with `{ id, …answer }`. @param limitMs longest wait for an answer. */
  constructor(
    script: string,
    private readonly limitMs: number,
  ) {
    this.worker = new Worker(script, { execArgv: ['--no-warnings'], stdin: false });
    // Nothing to wait for when the process wants to end.
    this.worker.unref();
    this.worker.on('message', (answer: Answer) => this.take(answer.id)?.resolve(answer));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('the thread ended')));
  }

  /** Whether it may be asked; otherwise somebody has to start another. */
  get isAlive(): boolean {
    return this.alive;
  }

  /** @throws UnavailableError when too many questions wait, or no answer comes. */
  ask(question: Question): Promise<Answer> {
    if (this.waiting.size >= MOST_WAITING) throw new UnavailableError('errors.unavailable');
    const id = (this.last += 1);
    return new Promise((resolve, reject) => {
      const clock = setTimeout(() => this.fail(new Error('time limit')), this.limitMs).unref();
      this.waiting.set(id, {
        resolve: (answer) => {
          clearTimeout(clock);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(clock);
          reject(error);
        },
      });
      this.worker.postMessage({ ...question, id }, []);
    });
  }

  async end(): Promise<void> {
    this.alive = false;
    await this.worker.terminate();
  }

  private take(id: number): Waiting<Answer> | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private fail(reason: Error): void {
    if (this.alive && this.waiting.size > 0) this.logger.warn(`Reading folders was given up: ${reason.message}`);
    this.alive = false;
    for (const { reject } of this.waiting.values()) reject(new UnavailableError('errors.unavailable'));
    this.waiting.clear();
    void this.worker.terminate();
  }
}
