import { extname, join } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AnsweringThread } from './answering-thread';
import type { IndexAnswer, IndexQuestion, OrderBy } from './index-worker';

export type { OrderBy };

/** Which part of a folder is wanted, in which order; folders come first in every order. */
export interface FolderQuestion {
  by: OrderBy;
  descending: boolean;
  /** Part of the name, letter case aside; '' for all. */
  filter: string;
  /** How many entries to pass over. */
  from: number;
  limit: number;
  /** Instead of a part: the files before and after this one. */
  around?: Buffer;
}

export interface FolderPart {
  names: Buffer[];
  /** How many entries pass the filter. */
  matching: number;
  /** How many there are, as far as they were read. */
  total: number;
  /** False when the folder holds more than were read. */
  complete: boolean;
  neighbours: [Buffer | null, Buffer | null];
}

type Thread = AnsweringThread<Omit<IndexQuestion, 'id'>, IndexAnswer>;

const THREADS = 2;
const TIME_LIMIT_MS = 30_000;
const WORKER = join(__dirname, `index-worker${extname(__filename)}`);

/**
 * Folders in any order, page by page, however many entries they have: a few threads read and sort them and remember them for a while, so
 * that neither the event loop nor the threads that serve files are held up. A thread is started when it is first needed.
 */
@Injectable()
export class FolderIndexes implements OnApplicationShutdown {
  private readonly threads: (Thread | undefined)[] = Array.from({ length: THREADS });

  /**
   * @param fd an open folder, which stays open meanwhile. @param place what stands for the folder; the same place asks the same thread.
   * @throws the system's error where it cannot be read; UnavailableError when too many folders are being read already.
   */
  async ask(fd: number, place: number, { around, ...question }: FolderQuestion): Promise<FolderPart> {
    const asked = { fd, ...question, around: around?.toString('latin1') ?? null };
    const { names, matching, total, complete, neighbours, error } = await this.thread(place).ask(asked);
    if (error !== null) throw Object.assign(new Error(`Reading a folder failed with ${error}`), { code: error });
    const [previous, next] = neighbours.map((name) => (name === null ? null : Buffer.from(name, 'latin1')));
    const bytes = names.map((name) => Buffer.from(name, 'latin1'));
    return { names: bytes, matching, total, complete, neighbours: [previous ?? null, next ?? null] };
  }

  async onApplicationShutdown(): Promise<void> {
    for (const thread of this.threads) await thread?.end();
  }

  private thread(place: number): Thread {
    const slot = place % THREADS;
    const thread = this.threads[slot];
    if (thread?.isAlive) return thread;
    return (this.threads[slot] = new AnsweringThread(WORKER, TIME_LIMIT_MS));
  }
}
