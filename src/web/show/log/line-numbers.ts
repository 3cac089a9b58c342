import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { RunFolders } from '../../../common/files/run-folders';
import { afterNewline, countNewlines, INDEX_STEP, LineIndex } from './line-index';
import { LogFile } from './log-file';
import { LogScans } from './log-scans';

interface Known {
  identity: string;
  index: LineIndex;
  /** The counting that goes on; never rejects. */
  counting: Promise<void> | null;
}

/** Logs whose index is remembered: 128 kB for each gigabyte. */
const MOST_KNOWN = 50;
/** More than this is counted by a process of its own. */
const MOST_AT_HAND = 4 * 1024 * 1024;
const COUNT_LIMIT_MS = 10 * 60_000;
const WAIT_MS = 10_000;
const LOOK_MS = 20;
const BYTES_OF_ANSWER = 4;

/**
 * Numbers of lines. They are counted once, when somebody first looks at a log, and then only what came since; until a place of a large
 * log is counted its lines have no numbers.
 */
@Injectable()
export class LineNumbers {
  private readonly logger = new Logger(LineNumbers.name);
  /** The least recently used first. */
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly folders: RunFolders,
    private readonly scans: LogScans,
  ) {}

  /** The number of the line that holds a byte, from 1; null while nobody has counted so far. */
  async at(file: LogFile, byte: number): Promise<number | null> {
    const { index } = await this.grown(file);
    const step = index.stepOf(byte);
    return step && step.newlines + countNewlines(await file.read(step.from, byte)) + 1;
  }

  /** First byte of a line; null when the log has no such line. Waits for the counting, for a while. */
  async byteOf(file: LogFile, line: number): Promise<number | null> {
    if (line <= 1) return 0;
    const known = await this.grown(file);
    const deadline = performance.now() + WAIT_MS;
    while (known.index.newlines < line - 1 && known.counting && performance.now() < deadline) await sleep(LOOK_MS);
    const step = known.index.stepWith(line - 1);
    const within = afterNewline(await file.read(step.from, step.from + INDEX_STEP), line - 1 - step.newlines);
    const byte = step.from + within;
    return within === -1 || byte >= file.size ? null : byte;
  }

  /** All lines, one without an end included; null while nobody has counted them. */
  async total(file: LogFile): Promise<number | null> {
    if (file.size === 0) return 0;
    return this.at(file, file.size - 1);
  }

  private async grown(file: LogFile): Promise<Known> {
    const known = this.recall(file);
    const missing = Math.floor(file.size / INDEX_STEP) * INDEX_STEP - known.index.reach;
    if (missing > 0 && !known.counting) {
      const isSmall = missing <= MOST_AT_HAND;
      known.counting = (isSmall ? this.countAtHand(file, known.index) : this.countApart(file, known.index))
        .catch((error: unknown) => this.logger.warn(`Lines could not be counted: ${String(error)}`))
        .finally(() => (known.counting = null));
      if (isSmall) await known.counting;
    }
    return known;
  }

  private recall(file: LogFile): Known {
    const key = `${file.key.runId}/${file.key.attempt}`;
    let known = this.known.get(key);
    this.known.delete(key);
    if (!known || known.identity !== file.identity || known.index.reach > file.size) {
      known = { identity: file.identity, index: new LineIndex(), counting: null };
    }
    this.known.set(key, known);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    return known;
  }

  private async countAtHand(file: LogFile, index: LineIndex): Promise<void> {
    while (index.reach + INDEX_STEP <= file.size) {
      const bytes = await file.read(index.reach, index.reach + INDEX_STEP);
      if (bytes.length < INDEX_STEP) return;
      index.add(countNewlines(bytes));
    }
  }

  /** With a handle of its own: the request that asked does not wait. */
  private countApart({ key }: LogFile, index: LineIndex): Promise<void> {
    return LogFile.use(this.folders, key, async (file) => {
      if (file.descriptor === null) return;
      let rest = Buffer.alloc(0);
      await this.scans.run({
        descriptor: file.descriptor,
        task: { kind: 'count', from: index.reach, to: file.size, step: INDEX_STEP },
        limitMs: COUNT_LIMIT_MS,
        hear: (chunk) => {
          const bytes = Buffer.concat([rest, chunk]);
          const whole = bytes.length - (bytes.length % BYTES_OF_ANSWER);
          for (let at = 0; at < whole; at += BYTES_OF_ANSWER) index.add(bytes.readUInt32LE(at));
          rest = bytes.subarray(whole);
        },
      });
    });
  }
}
