import { Injectable } from '@nestjs/common';
import { RunFolders } from '../../common/files/run-folders';
import type { Run } from '../../common/queue/run.entity';
import { readableLine, readableLines, type LogLine } from './log-text';

type RunKey = Pick<Run, 'id' | 'attempt'>;

/** The end of a log, for a page. */
export interface LogTail {
  lines: LogLine[];
  /** Number of the first line in `lines`, from 1; null where the log is too large to count. */
  firstNumber: number | null;
  /** All lines there are; null likewise. */
  lineCount: number | null;
  /** Bytes of the whole log. */
  size: number;
  /** Whether the last line has no end yet. */
  unfinished: boolean;
  /** Byte from which a follower goes on: the beginning of the line that is not finished yet, or the end. */
  next: number;
}

/** What came since a byte. */
export interface LogNews {
  lines: LogLine[];
  /** The line that has no end yet: it is sent again until it has one. */
  unfinished: LogLine | null;
  next: number;
  /** True when so much came at once that lines were left out before these. */
  skipped: boolean;
}

const TAIL_BYTES = 256 * 1024;
const COUNTED_BYTES = 16 * 1024 * 1024;
const COUNTING_PIECE = 1024 * 1024;
const NEWLINE = 0x0a;

/** Reads the log of a run's last attempt in bounded pieces, whatever its size. */
@Injectable()
export class RunLog {
  constructor(private readonly folders: RunFolders) {}

  /** The last lines, an unfinished one included. @param most how many. */
  async tail(run: RunKey, most: number): Promise<LogTail> {
    const piece = await this.folders.readLog(run.id, run.attempt, -TAIL_BYTES, TAIL_BYTES);
    const whole = piece.from === 0;
    const bytes = whole ? piece.bytes : afterFirstNewline(piece.bytes);
    const lastNewline = bytes.lastIndexOf(NEWLINE);
    const all = readableLines(endsWithNewline(bytes) ? bytes.subarray(0, -1) : bytes);
    const lines = all.slice(-most);
    const next = lastNewline === -1 && !whole ? piece.from : piece.from + (piece.bytes.length - bytes.length) + lastNewline + 1;
    const lineCount = whole ? all.length : await this.countLines(run, piece.size);
    const firstNumber = lineCount === null ? null : lineCount - lines.length + 1;
    const unfinished = bytes.length > 0 && !endsWithNewline(bytes);
    return { lines, firstNumber, lineCount, size: piece.size, unfinished, next };
  }

  /** What came after the byte `from`; where that is far behind, the last piece of it. */
  async since(run: RunKey, from: number): Promise<LogNews> {
    const size = await this.folders.logSize(run.id, run.attempt);
    // A log that has become shorter is that of a new attempt.
    const start = from > size ? 0 : from;
    const skipped = size - start > TAIL_BYTES;
    const piece = await this.folders.readLog(run.id, run.attempt, skipped ? size - TAIL_BYTES : start, TAIL_BYTES);
    const bytes = skipped ? afterFirstNewline(piece.bytes) : piece.bytes;
    const end = bytes.lastIndexOf(NEWLINE);
    const rest = bytes.subarray(end + 1);
    return {
      lines: end === -1 ? [] : readableLines(bytes.subarray(0, end)).slice(-1000),
      unfinished: rest.length === 0 ? null : readableLine(rest.toString('utf8')),
      next: piece.from + piece.bytes.length - rest.length,
      skipped,
    };
  }

  private async countLines(run: RunKey, size: number): Promise<number | null> {
    if (size > COUNTED_BYTES) return null;
    let lines = 0;
    let last = NEWLINE;
    for (let from = 0; from < size;) {
      const { bytes } = await this.folders.readLog(run.id, run.attempt, from, COUNTING_PIECE);
      if (bytes.length === 0) break;
      for (const byte of bytes) if (byte === NEWLINE) lines++;
      last = bytes.at(-1) ?? NEWLINE;
      from += bytes.length;
    }
    return last === NEWLINE ? lines : lines + 1;
  }
}

function afterFirstNewline(bytes: Buffer): Buffer {
  const end = bytes.indexOf(NEWLINE);
  return end === -1 ? bytes : bytes.subarray(end + 1);
}

function endsWithNewline(bytes: Buffer): boolean {
  return bytes.at(-1) === NEWLINE;
}
