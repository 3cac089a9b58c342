import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { text } from '../../../locales/text';
import { DockerRefusal, type DockerEngine } from './docker-engine';
import { LogFile } from './log-file';
import { LogFrames } from './log-frames';

const RETRY_MS = 500;
/** A follower hears the end of its container within moments; after that the rest is read directly. */
const END_WITHIN_MS = 3000;
/** How long the end of a log is waited for while the engine is silent: its run must end some time. */
const COMPLETE_WITHIN_MS = 20_000;

/** Brings what one container prints into the log of its attempt, while it runs and after it ended. */
export class ContainerLog {
  private readonly logger = new Logger('Runner');
  private following: Promise<void> | null = null;
  private readonly stopped = new AbortController();
  private isComplete = false;

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
    if (this.following) await Promise.race([this.following, sleep(END_WITHIN_MS)]);
    this.stopped.abort();
    await this.following;
    const deadline = performance.now() + COMPLETE_WITHIN_MS;
    while (!this.isComplete) {
      try {
        await this.copy(false, new AbortController().signal);
        return;
      } catch (error) {
        if (error instanceof DockerRefusal && error.status === 404) return;
        if (performance.now() > deadline) return this.warn(error);
      }
      await sleep(RETRY_MS);
    }
  }

  private async keepUp(signal: AbortSignal): Promise<void> {
    let note: string | null = null;
    while (!signal.aborted) {
      try {
        await this.copy(true, signal, note);
        this.isComplete = true;
        return;
      } catch (error) {
        if (signal.aborted || (error instanceof DockerRefusal && error.status === 404)) return;
        // The engine ended in the middle; a full disk of ours may have room again later.
        if (isBrokenStream(error)) note = text('docker.restartedMeanwhile');
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async copy(follow: boolean, signal: AbortSignal, note: string | null = null): Promise<void> {
    const file = await LogFile.open(this.folder, this.limit);
    try {
      if (file.isFull) return;
      if (note !== null) file.announce(note);
      const query = { stdout: 1, stderr: 1, timestamps: 1, follow: follow ? 1 : 0 };
      const stream = await this.engine.stream(`/containers/${this.containerId}/logs`, query, signal);
      const frames = new LogFrames();
      for await (const piece of stream) {
        await file.take(frames.push(piece as Buffer));
        if (file.isFull) break;
      }
    } finally {
      await file.close();
    }
  }

  private warn(error: unknown): void {
    this.logger.warn(`The end of the log in ${this.folder} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Cut off by the other side, after it had begun. */
function isBrokenStream(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
