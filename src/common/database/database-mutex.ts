import { Injectable } from '@nestjs/common';

/**
 * First in, first out. TypeORM's SQLite driver has one shared connection, so two overlapping transactions of one process lose
 * acknowledged writes, and a second handle that writes beside an open transaction waits for it while blocking the event loop.
 * Every TypeORM transaction and every QueueStore step of a process that uses SQLite goes through here. MariaDB needs none of it.
 */
@Injectable()
export class DatabaseMutex {
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all earlier work has ended; its result or error is the caller's. */
  run<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    const turn = this.tail.then(work);
    this.tail = turn.catch(() => undefined);
    return turn;
  }
}
