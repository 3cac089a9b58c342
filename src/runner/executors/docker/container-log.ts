import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { text } from '../../../locales/text';
import { isLive, type Inspected } from './container-state';
import { DockerRefusal, type DockerEngine } from './docker-engine';
import { LogFile } from './log-file';
import { LogFrames, type LogEntry } from './log-frames';

const RETRY_MS = 500;
const LOOK_MS = 250;
const FULL_DISK_RETRY_MS = 10_000;
/** A log that is smaller is read from its beginning: that costs nothing. */
const SMALL_BYTES = 512 * 1024;
/** How many of the last entries are asked for, one after the other, until they reach back to what stands in the log. */
const TAILS = [64, 512, 4096, 32_768, 262_144, 2_097_152] as const;
/** A follower hears the end of its container within moments; after that the rest is read directly. */
const END_WITHIN_MS = 3000;
/** How long the end of a log is waited for while the engine is silent: its run must end some time. */
const COMPLETE_WITHIN_MS = 20_000;
/** A stream on which nothing came for so long is asked for anew: a way to the engine may have lost it. What is followed may well be quiet. */
const QUIET_MS = { followed: 5 * 60_000, read: 60_000 };

/** Brings what one container prints into the log of its attempt, while it runs and after it ended. */
export class ContainerLog {
  private readonly logger = new Logger('Runner');
  private heardMs = 0;
  private following: Promise<void> | null = null;
  private readonly stopped = new AbortController();

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
        // Docker ends the stream of a follower when the container ends, now and then before it was all sent.
        return await this.copy(false, new AbortController().signal);
      } catch (error) {
        if (error instanceof DockerRefusal && error.status === 404) return;
        if (performance.now() > deadline) return await this.giveUp(error);
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
        await this.copy(true, signal, note);
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

  /** Writes what is missing. What is read for that is about as much, and not the whole log. */
  private async copy(follow: boolean, signal: AbortSignal, note: string | null = null): Promise<void> {
    const file = await LogFile.open(this.folder, this.limit);
    try {
      if (note !== null) file.announce(note);
      for (const tail of file.programBytes < SMALL_BYTES ? ['all' as const] : [...TAILS, 'all' as const]) {
        if (file.isFull || (await this.copyLast(tail, file, follow, signal))) return;
      }
    } finally {
      await file.close();
    }
  }

  /** @returns false when so many entries do not reach back to what stands in the file. */
  private async copyLast(tail: number | 'all', file: LogFile, follow: boolean, signal: AbortSignal): Promise<boolean> {
    let hasBegun = false;
    for await (const entries of this.read({ follow: follow ? 1 : 0, tail }, follow ? QUIET_MS.followed : QUIET_MS.read, signal)) {
      if (entries.length === 0) continue;
      if (!hasBegun && !(await file.begin(entries[0], tail === 'all'))) return false;
      hasBegun = true;
      await file.take(entries);
      if (file.isFull) break;
    }
    return true;
  }

  private async *read(query: Record<string, number | string>, quietMs: number, signal: AbortSignal): AsyncGenerator<LogEntry[]> {
    const quiet = new AbortController();
    const patience = setTimeout(() => quiet.abort(), quietMs).unref();
    try {
      const path = `/containers/${this.containerId}/logs`;
      const words = { stdout: 1, stderr: 1, timestamps: 1, ...query };
      const frames = new LogFrames();
      for await (const piece of this.engine.stream(path, words, AbortSignal.any([signal, quiet.signal]))) {
        this.heardMs = performance.now();
        yield frames.push(piece);
        patience.refresh();
      }
    } finally {
      clearTimeout(patience);
    }
  }

  private async isLive(): Promise<boolean> {
    const container = await this.engine.call<Inspected>('GET', `/containers/${this.containerId}/json`);
    return isLive(container) || container.State.Status === 'created';
  }

  /** The log says itself that it is not whole. */
  private async giveUp(error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.warn(`The end of the log in ${this.folder} could not be read: ${reason}`);
    try {
      const file = await LogFile.open(this.folder, this.limit);
      try {
        if (!file.isFull) await file.tell(text('docker.endMissing'));
      } finally {
        await file.close();
      }
    } catch (failure) {
      // The run must end all the same: what fills the disk may be its own doing.
      if (!isFullDisk(failure)) throw failure;
    }
  }
}

export function isFullDisk(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Cut off by the other side, after it had begun. */
function isBrokenStream(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
