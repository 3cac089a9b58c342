import { spawnSync } from 'node:child_process';
import { DomainError } from '../errors';
import { requireWithin } from '../space/require-within';
import { SafeDirectory } from '../files/safe-directory';
import type { Amounts } from '../space/space.repository';
import { STAGING_HANDLE, type FromProgram, type ToProgram, type WrittenFile } from './task-messages';

const SAY_EVERY_MS = 200;
const WRITTEN_AT_ONCE = 200;

/** What a program of a task works with. */
export class TaskTools {
  private saidMs = 0;
  private written: WrittenFile[] = [];
  private grant: () => void = () => undefined;
  readonly done: Amounts = { bytes: 0, files: 0 };
  readonly total: Amounts = { bytes: 0, files: 0 };
  /** Where everything is written. It is moved from there when all of it is there, or removed. */
  readonly staging = SafeDirectory.ofHandle(STAGING_HANDLE);

  /** @param handles numbers of the handles that the kind opened for the program. */
  constructor(readonly handles: readonly number[]) {}

  /** Sets aside the space for what comes; waits until that is granted. A program to which it is not granted is ended. */
  async need(amounts: Amounts): Promise<void> {
    Object.assign(this.total, amounts);
    const granted = new Promise<void>((resolve) => (this.grant = resolve));
    await say({ need: amounts });
    await granted;
  }

  granted(): void {
    this.grant();
  }

  /** Tells how far it is, now and then. @throws ConflictError for more than there was room for: somebody writes to what is read. */
  async advance(bytes: number, files = 0): Promise<void> {
    this.done.bytes += bytes;
    this.done.files += files;
    requireWithin(this.done, this.total);
    if (Date.now() - this.saidMs < SAY_EVERY_MS) return;
    await this.report();
  }

  async report(): Promise<void> {
    this.saidMs = Date.now();
    await say({ progress: { done: this.done, total: this.total } });
  }

  /** All that was written to the disk: what comes next must not be undone by a power failure. */
  flushToDisk(): void {
    // Where the system has no such program its own habit of writing within seconds has to do.
    spawnSync('sync', ['-f', `/proc/self/fd/${STAGING_HANDLE}`], {
      stdio: ['ignore', 'ignore', 'ignore', STAGING_HANDLE],
      env: { PATH: '/usr/bin:/bin' },
    });
  }

  /** Hands on the checksums of a file that is complete. */
  async remember(file: WrittenFile): Promise<void> {
    this.written.push(file);
    if (this.written.length >= WRITTEN_AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.written.length > 0) await say({ written: this.written });
    this.written = [];
  }
}

/**
 * The main function of a program of a task: works once and ends. It ends at once when the process that started it does.
 * @param work gets the brief of the kind; what it returns is handed to the kind's `place`. What it throws ends the task.
 */
export function runTaskProgram<Brief>(work: (brief: Brief, tools: TaskTools) => Promise<unknown>): void {
  let tools: TaskTools | undefined;
  process.once('disconnect', () => process.exit(1));
  process.on('message', (message: ToProgram) => {
    if ('granted' in message) return tools?.granted();
    const { brief, handles } = message.begin;
    tools = new TaskTools(Array.from({ length: handles }, (_, index) => STAGING_HANDLE + 1 + index));
    void carryOut(() => work(brief as Brief, tools!), tools);
  });
}

async function carryOut(work: () => Promise<unknown>, tools: TaskTools): Promise<void> {
  try {
    const result = await work();
    await tools.flush();
    await tools.report();
    await say({ done: { result } });
  } catch (error) {
    if (error instanceof DomainError) await say({ refused: { key: error.key, values: error.values } });
    else await say({ broke: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  process.exit(0);
}

/** Resolves when the message is on its way, so that a slow reader slows the program down. */
function say(message: FromProgram): Promise<void> {
  return new Promise((resolve) => process.send!(message, undefined, undefined, () => resolve()));
}
