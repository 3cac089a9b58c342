import type { RunFolders } from '../../../common/files/run-folders';
import type { OpenFile } from '../../../common/files/safe-directory';

/** Which log is meant. */
export interface LogKey {
  runId: number;
  attempt: number;
}

/** The open log of one attempt, seen at the size that it had when it was opened: it may grow meanwhile, and nobody is told half of that. */
export class LogFile {
  private constructor(
    readonly key: LogKey,
    private readonly file: OpenFile | null,
    /** Tells a log that was replaced by another. */
    readonly identity: string,
  ) {}

  /** Opens the log for as long as the work takes. A log that is not there yet is an empty one. */
  static async use<Result>(folders: RunFolders, key: LogKey, work: (file: LogFile) => Promise<Result>): Promise<Result> {
    const file = await folders.openLog(key.runId, key.attempt);
    try {
      const identity = file ? String((await file.handle.stat()).ino) : '';
      return await work(new LogFile(key, file, identity));
    } finally {
      await file?.handle.close();
    }
  }

  get size(): number {
    return this.file?.size ?? 0;
  }

  /** File descriptor, to be handed to a process of its own; null while there is no log. */
  get descriptor(): number | null {
    return this.file?.handle.fd ?? null;
  }

  /** Bytes from `from` up to `to`, or up to the end. */
  async read(from: number, to: number): Promise<Buffer> {
    const length = Math.min(to, this.size) - from;
    if (!this.file || length <= 0) return Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.file.handle.read(buffer, 0, length, from);
    return buffer.subarray(0, bytesRead);
  }
}
