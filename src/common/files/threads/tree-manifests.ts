import type { FileHandle } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AnsweringThread } from './answering-thread';
import type { ManifestAnswer, ManifestQuestion } from './manifest-worker';

export interface WantedTree {
  /** Names in the folder; null: all of it, with the folder itself. */
  names: readonly Buffer[] | null;
  /** What the folder itself is called in the list, where all of it is wanted. */
  top: Buffer;
}

type Thread = AnsweringThread<Omit<ManifestQuestion, 'id'>, ManifestAnswer>;

const TIME_LIMIT_MS = 30 * 60_000;
const MOST_IDLE = 2;
const WORKER = join(__dirname, `manifest-worker${extname(__filename)}`);

/** Lists of whole trees, each written to a file by a thread of its own: they may be longer than memory. `ManifestReader` reads them. */
@Injectable()
export class TreeManifests implements OnApplicationShutdown {
  private readonly idle: Thread[] = [];

  /** @param fd an open folder, and `output` a file to be written; both stay open meanwhile. @param signal ends it. */
  async write(fd: number, { names, top }: WantedTree, output: FileHandle, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const thread = this.takeIdle() ?? new AnsweringThread(WORKER, TIME_LIMIT_MS);
    const end = () => void thread.end();
    signal.addEventListener('abort', end, { once: true });
    try {
      const asked = { fd, names: names?.map((name) => name.toString('latin1')) ?? null, top: top.toString('latin1'), output: output.fd };
      const { error } = await thread.ask(asked);
      if (error !== null) throw Object.assign(new Error(`Reading a folder failed with ${error}`), { code: error });
    } finally {
      signal.removeEventListener('abort', end);
      if (thread.isAlive && this.idle.length < MOST_IDLE) this.idle.push(thread);
      else await thread.end();
    }
  }

  /** One may have ended while nobody needed it. */
  private takeIdle(): Thread | undefined {
    for (;;) {
      const thread = this.idle.pop();
      if (!thread || thread.isAlive) return thread;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    for (const thread of this.idle.splice(0)) await thread.end();
  }
}
