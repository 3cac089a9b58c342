import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { text } from '../../../locales/text';
import { isLive, type Inspected } from './container-state';
import { DockerRefusal, type DockerEngine } from './docker-engine';
import { LogFile } from './log-file';
import { LogFrames, type LogEntry } from './log-frames';

const RETRY_MS = 500;
const LOOK_MS = 250;
/** Each new beginning reads the log from its first entry. */
const FULL_DISK_RETRY_MS = 10_000;
/** A log that is smaller is simply read again at its end. */
const REREAD_BYTES = 8 * 1024 * 1024;
const COMPARED_ENTRIES = 16;
/** A follower hears the end of its container within moments; after that the rest is read directly. */
const END_WITHIN_MS = 3000;
/** How long the end of a log is waited for while the engine is silent: its run must end some time. */
const COMPLETE_WITHIN_MS = 20_000;

/** Brings what one container prints into the log of its attempt, while it runs and after it ended. */
export class ContainerLog {
  private readonly logger = new Logger('Runner');
  private heardMs = 0;
  private following: Promise<void> | null = null;
  private readonly stopped = new AbortController();
  /** The last entries that were written, while the log was followed to its end; null otherwise. */
  private lastSeen: LogEntry[] | null = null;

  constructor(
    private readonly engine: DockerEngine,
    private readonly containerId: string,
    private readonly folder: string,
    private readonly limit: number,
  ) {}

  /** Copies until the container has ended and all of it is written, the log is full, or the signal fires; survives restarts of the engine. */
  follow(signal: AbortSignal): Promise<void> {
    this.following ??= this.keepUp(AbortSignal.any([signal, this.stopped.signal]));
    return this.following;
  }

  /** Resolves when everything that the engine still has of an ended container stands in the log. Gives up with a warning when it cannot be had. */
  async complete(): Promise<void> {
    await this.untilStill();
    this.stopped.abort();
    await this.following;
    const deadline = performance.now() + COMPLETE_WITHIN_MS;
    for (;;) {
      try {
        if (!(await this.hasEnd())) await this.copy(false, new AbortController().signal);
        return;
      } catch (error) {
        if (error instanceof DockerRefusal && error.status === 404) return;
        if (performance.now() > deadline) return this.warn(error);
      }
      await sleep(RETRY_MS);
    }
  }

  /** Resolves when the follower is done, or has got nothing for a while. */
  private async untilStill(): Promise<void> {
    if (!this.following) return;
    const over = new AbortController();
    void this.following.finally(() => over.abort());
    this.heardMs = performance.now();
    while (!over.signal.aborted && performance.now() - this.heardMs < END_WITHIN_MS) {
      await sleep(LOOK_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  }

  private async keepUp(signal: AbortSignal): Promise<void> {
    let note: string | null = null;
    while (!signal.aborted) {
      try {
        this.lastSeen = await this.copy(true, signal, note);
        note = null;
        if (!(await this.isLive())) return;
      } catch (error) {
        if (signal.aborted || (error instanceof DockerRefusal && error.status === 404)) return;
        // The engine ended in the middle; a full disk of ours may have room again later.
        if (isBrokenStream(error)) note = text('docker.restartedMeanwhile');
        if (isFullDisk(error)) await sleep(FULL_DISK_RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns the last entries; null when the log is full. */
  private async copy(follow: boolean, signal: AbortSignal, note: string | null = null): Promise<LogEntry[] | null> {
    const file = await LogFile.open(this.folder, this.limit);
    let last: LogEntry[] = [];
    try {
      if (note !== null) file.announce(note);
      if (file.isFull) return null;
      for await (const entries of this.read({ follow: follow ? 1 : 0 }, signal)) {
        await file.take(entries);
        if (file.isFull) return null;
        last = [...last, ...entries].slice(-COMPARED_ENTRIES);
      }
      return last;
    } finally {
      await file.close();
    }
  }

  private async *read(query: Record<string, number>, signal: AbortSignal): AsyncGenerator<LogEntry[]> {
    const path = `/containers/${this.containerId}/logs`;
    const stream = await this.engine.stream(path, { stdout: 1, stderr: 1, timestamps: 1, ...query }, signal);
    const frames = new LogFrames();
    for await (const piece of stream) {
      this.heardMs = performance.now();
      yield frames.push(piece as Buffer);
    }
  }

  /**
   * Whether the follower got everything. Docker ends its stream when the container ends, now and then before it was all sent. The end is
   * compared where reading all again would take long, and where the end says something: pieces of one long line are all alike.
   */
  private async hasEnd(): Promise<boolean> {
    const { size } = await stat(join(this.folder, 'log')).catch(() => ({ size: 0 }));
    const { lastSeen } = this;
    if (size < REREAD_BYTES || !lastSeen || new Set(lastSeen.map(({ at }) => at)).size < 2) return false;
    const end: LogEntry[] = [];
    for await (const entries of this.read({ tail: COMPARED_ENTRIES }, new AbortController().signal)) end.push(...entries);
    const matches = ({ at, content }: LogEntry, index: number) => lastSeen[index]?.at === at && lastSeen[index].content.equals(content);
    return end.length === lastSeen.length && end.every(matches);
  }

  private async isLive(): Promise<boolean> {
    const container = await this.engine.call<Inspected>('GET', `/containers/${this.containerId}/json`);
    return isLive(container) || container.State.Status === 'created';
  }

  private warn(error: unknown): void {
    this.logger.warn(`The end of the log in ${this.folder} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isFullDisk(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Cut off by the other side, after it had begun. */
function isBrokenStream(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
