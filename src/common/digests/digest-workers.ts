import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { extname, join } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { UnavailableError } from '../errors';
import type { Digests } from './running-digest';

const MOST_WORKING = 2;
const MOST_WAITING = 1000;
const LOWEST_PRIORITY = 19;
const WORKER = join(__dirname, `digest-worker${extname(__filename)}`);

/** Computes checksums of whole files in processes of the lowest priority, a few at a time: a page never waits for another's 50 GB. */
@Injectable()
export class DigestWorkers implements OnApplicationShutdown {
  private readonly waiting: (() => void)[] = [];
  private readonly closing = new AbortController();
  private working = 0;

  onApplicationShutdown(): void {
    this.closing.abort();
  }

  /**
   * @param file stays open, and where it is.
   * @throws UnavailableError when too many wait already; an AbortError when it is given up.
   */
  async compute(file: FileHandle, signal?: AbortSignal): Promise<Digests & { bytes: number }> {
    const ends = AbortSignal.any([this.closing.signal, ...(signal ? [signal] : [])]);
    await this.turn();
    try {
      ends.throwIfAborted();
      return await run(file.fd, ends);
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
}

function run(input: number, signal: AbortSignal): Promise<Digests & { bytes: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', WORKER], {
      stdio: ['ignore', 'pipe', 'pipe', input],
      env: {},
      cwd: '/',
      signal,
      killSignal: 'SIGKILL',
    });
    let words = '';
    let answer = '';
    child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(0, 500)));
    child.stdout?.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    child.on('spawn', () => beGentle(child.pid));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(answer) as Digests & { bytes: number });
      else reject(new Error(`The checksum could not be computed: ${words.trim() || `exit status ${code}`}`));
    });
  });
}

function beGentle(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, LOWEST_PRIORITY);
  } catch {
    // It has ended already.
  }
}
