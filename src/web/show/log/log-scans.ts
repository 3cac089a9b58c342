import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { InvalidInputError, UnavailableError } from '../../../common/errors';
import { beGentle, PROGRAM_ENDING } from '../../../common/processes/helper-program';
import { Turns } from '../../../common/processes/turns';

/** Work for `log-scanner.ts`, which says what each field means. */
export type ScanTask = { kind: 'count' | 'find'; from: number; to: number } & Record<string, unknown>;

export interface Scan {
  /** File descriptor of the log; it stays open until the scan has ended. */
  descriptor: number;
  task: ScanTask;
  limitMs: number;
  /** Nobody waits for the answer any more. */
  signal?: AbortSignal;
  /** Takes what the scanner says, as it comes. */
  hear: (chunk: Buffer) => void;
}

const SCANNER = join(__dirname, `log-scanner${PROGRAM_ENDING}`);
const MOST_AT_ONCE = 2;
const MOST_WAITING = 32;
const MEMORY_MB = 64;

/**
 * Goes through whole logs in processes of their own, two at once and with low priority: neither a gigabyte nor a pattern that never
 * comes to an end costs this process anything.
 */
@Injectable()
export class LogScans {
  private readonly logger = new Logger(LogScans.name);
  private readonly turns = new Turns(MOST_AT_ONCE, MOST_WAITING);

  /**
   * @returns when all was heard, or at once after `signal`.
   * @throws UnavailableError when too many wait already; InvalidInputError when it takes longer than its limit.
   */
  run(scan: Scan): Promise<void> {
    return this.turns.take(async () => {
      if (!scan.signal?.aborted) await this.scan(scan);
    });
  }

  private scan({ descriptor, task, limitMs, signal, hear }: Scan): Promise<void> {
    return new Promise((resolve, reject) => {
      const words = ['--no-warnings', `--max-old-space-size=${MEMORY_MB}`, SCANNER, JSON.stringify(task)];
      const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe', descriptor], env: {}, cwd: '/' });
      let tooSlow = false;
      let complaint = '';
      const end = () => child.kill('SIGKILL');
      const clock = setTimeout(() => {
        tooSlow = true;
        end();
      }, limitMs);
      signal?.addEventListener('abort', end, { once: true });
      child.stdout?.on('data', hear);
      child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(0, 500)));
      child.on('spawn', () => beGentle(child.pid));
      child.on('error', (error) => (complaint = error.message));
      child.on('close', (code) => {
        clearTimeout(clock);
        signal?.removeEventListener('abort', end);
        if (code === 0 || signal?.aborted) return resolve();
        if (tooSlow) return reject(new InvalidInputError('log.searchTooSlow'));
        this.logger.warn(`A scan of a log failed: ${complaint.trim() || `exit status ${code}`}`);
        reject(new UnavailableError('errors.unavailable'));
      });
    });
  }
}
