import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { extname, join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { UnavailableError } from '../../common/errors';

export interface RenderTask {
  /** Longest edge of the result in pixels. */
  most: number;
  /** Whether names say that the values are numbers of objects. */
  labels: boolean;
  /** Small pictures of long lists do not hold up the one that somebody opened. */
  lane: 'view' | 'thumbnail';
}

const TIME_LIMIT_MS = 30_000;
const MEMORY_LIMIT_BYTES = 1_500_000_000;
const LOOK_EVERY_MS = 100;
const PAGE_BYTES = 4096;
const MOST_WAITING = 256;
/** Processes at the same time. */
const PLACES = { view: 1, thumbnail: 2 } as const;
const LOW_PRIORITY = 10;
const WORKER = join(__dirname, `image-worker${extname(__filename)}`);

/**
 * Turns an image of any kind into one that browsers show, each in a process of its own, a few at a time, with a limit of time and of
 * memory: a hostile picture ends its own process and nothing else.
 */
@Injectable()
export class ImageRenderer {
  private readonly logger = new Logger(ImageRenderer.name);
  private readonly lanes = { view: new Lane(PLACES.view), thumbnail: new Lane(PLACES.thumbnail) };

  /**
   * @param input,output file descriptors; both stay open.
   * @returns false when there is no picture to be had from it.
   * @throws UnavailableError when too many wait already.
   */
  render(input: number, output: number, task: RenderTask): Promise<boolean> {
    return this.lanes[task.lane].inTurn(() => this.run(input, output, task));
  }

  private run(input: number, output: number, { most, labels }: RenderTask): Promise<boolean> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, ['--no-warnings', WORKER, JSON.stringify({ most, labels })], {
        stdio: ['ignore', 'ignore', 'pipe', input, output],
        env: { MALLOC_ARENA_MAX: '2' },
        cwd: '/',
      });
      let words = '';
      child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(0, 500)));
      const stop = (reason: string) => {
        words = reason;
        child.kill('SIGKILL');
      };
      const clock = setTimeout(() => stop('time limit'), TIME_LIMIT_MS);
      const watch = setInterval(
        () => void memoryOf(child.pid).then((bytes) => bytes > MEMORY_LIMIT_BYTES && stop('memory limit')),
        LOOK_EVERY_MS,
      );
      child.on('spawn', () => beGentle(child.pid));
      const settle = (success: boolean) => {
        clearTimeout(clock);
        clearInterval(watch);
        if (!success) this.logger.debug(`No preview: ${words.trim() || 'the process ended'}`);
        resolve(success);
      };
      child.on('error', (error) => {
        words = error.message;
        settle(false);
      });
      child.on('close', (code) => settle(code === 0));
    });
  }
}

/** Lets so many work at the same time; the others wait for their turn. */
class Lane {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** @throws UnavailableError when too many wait already. */
  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.waiting.length >= MOST_WAITING) throw new UnavailableError('errors.unavailable');
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}

function beGentle(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, LOW_PRIORITY);
  } catch {
    // It has ended already.
  }
}

async function memoryOf(pid: number | undefined): Promise<number> {
  try {
    const statm = await readFile(`/proc/${pid}/statm`, 'utf8');
    return Number(statm.split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
