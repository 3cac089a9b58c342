import { resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { ConflictError, NotFoundError } from '../errors';
import type { Cache } from './derived-files';
import { SafeDirectory } from './safe-directory';

/** A piece of a log as raw bytes; a character may be cut at either end. */
export interface LogPiece {
  bytes: Buffer;
  /** Where the piece begins. */
  from: number;
  /** Bytes of the whole log at the moment of reading; 0 while there is none. */
  size: number;
}

const LOG = Buffer.from('log');
const VIEWS = Buffer.from('views');

/**
 * Control files of runs: `RUNS_ROOT/<run>/command.json` and one folder per attempt, `RUNS_ROOT/<run>/<attempt>/` with the start-once
 * marker, the exit record and the log. No route reaches them but the log's.
 */
@Injectable()
export class RunFolders {
  constructor(private readonly config: AppConfig) {}

  /** The folders of all runs; for the cleaner. */
  all(): SafeDirectory {
    return SafeDirectory.open(this.config.runsRoot);
  }

  /** The folder of a run; it exists from `create` on. */
  of(runId: number): SafeDirectory {
    return this.all().inside([Buffer.from(String(runId))]);
  }

  /** Makes the folders of a run and of one attempt; harmless if they are there. */
  async create(runId: number, attempt: number): Promise<SafeDirectory> {
    await SafeDirectory.ensure(this.config.runsRoot);
    const directory = this.of(runId);
    await directory.ensureFolder([Buffer.from(String(attempt))]);
    return directory;
  }

  /** What is made of results and of the images that a run was given, when somebody first looks; the folder is made too. It goes with the run. */
  async cache(runId: number): Promise<Cache> {
    await SafeDirectory.ensure(this.config.runsRoot);
    const folder = this.of(runId).inside([VIEWS]);
    await folder.ensureFolder([]);
    return { place: `run ${runId}`, folder };
  }

  /**
   * Makes the folder of an attempt that nobody made before, and says where it is.
   * @throws ConflictError when it is there already.
   */
  async createAttempt(runId: number, attempt: number): Promise<string> {
    const name = [Buffer.from(String(attempt))];
    // Above the first attempt there is nothing yet.
    if (attempt === 1) await this.makeRunFolder(runId);
    try {
      await this.of(runId).makeFolder(name);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await SafeDirectory.ensure(this.config.runsRoot);
      await this.of(runId).ensureFolder([]);
      await this.of(runId).makeFolder(name);
    }
    return this.attemptPath(runId, attempt);
  }

  private async makeRunFolder(runId: number): Promise<void> {
    try {
      await this.all().makeFolder([Buffer.from(String(runId))]);
    } catch (error) {
      if (!(error instanceof ConflictError) && !(error instanceof NotFoundError)) throw error;
    }
  }

  /** Absolute path of the folder of an attempt, for its supervisor. */
  attemptPath(runId: number, attempt: number): string {
    return resolve(this.config.runsRoot, String(runId), String(attempt));
  }

  /** Up to `most` bytes of the log of an attempt, from the byte `from` on; a negative `from` counts from the end. */
  async readLog(runId: number, attempt: number, from: number, most: number): Promise<LogPiece> {
    const file = await this.openLog(runId, attempt);
    if (!file) return { bytes: Buffer.alloc(0), from: 0, size: 0 };
    try {
      const start = from < 0 ? Math.max(0, file.size + from) : Math.min(from, file.size);
      const buffer = Buffer.allocUnsafe(Math.min(most, file.size - start));
      const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, start);
      return { bytes: buffer.subarray(0, bytesRead), from: start, size: file.size };
    } finally {
      await file.handle.close();
    }
  }

  /** Bytes of the log of an attempt; 0 while there is none. */
  async logSize(runId: number, attempt: number): Promise<number> {
    const file = await this.openLog(runId, attempt);
    await file?.handle.close();
    return file?.size ?? 0;
  }

  /** The log, to be streamed; null while there is none. The caller closes it. */
  async openLog(runId: number, attempt: number) {
    try {
      return await this.of(runId).openFile([Buffer.from(String(attempt)), LOG]);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }
}
