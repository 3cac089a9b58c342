import type { IncomingMessage } from 'node:http';
import type { FileHandle } from 'node:fs/promises';
import { LimitError } from '../../common/errors';
import { BodyReader, type Batch } from './body-reader';
import type { FollowingDigest } from './following-digest';
import type { HeldUpload } from './held-upload';

/** What is written goes to the disk along the way, so that the last request need not wait for gigabytes. */
const SYNC_EVERY_BYTES = 16 * 1024 * 1024;

export interface Receiver {
  /** Open for writing; bytes are added at its end. */
  handle: FileHandle;
  held: HeldUpload;
  digest: FollowingDigest;
  /** Where the file ends now. */
  offset: number;
  /** Where it may end at most. */
  size: number;
}

/**
 * Adds the body of a request to a file. By node's own stream: the web streams in between would cost as much as all the rest together. While
 * one batch is written the next one arrives, and the digest reads what was written, on a thread of its own.
 * @returns where the file ends when the client has sent all, has gone away, or was told to stop (`HeldUpload.stop`).
 * @throws LimitError when the body is longer than the file may get; nothing of the batch that is too long is written.
 * @throws LockedError when somebody else has the upload by now.
 */
export async function receiveBody(request: IncomingMessage, receiver: Receiver): Promise<number> {
  const { held, offset, size } = receiver;
  const body = new BodyReader(request, held, size - offset);
  const tail = new FileTail(receiver);
  try {
    for (let batch = await body.next(); batch; batch = await body.next()) {
      await tail.written();
      held.requireMine();
      if (tail.end + batch.length > size) throw new LimitError('uploads.tooLong');
      tail.write(batch, () => body.takeBack(batch));
    }
    await tail.written();
    // Whoever lost the upload meanwhile has nothing to say of where it ends.
    held.requireMine();
    return tail.end;
  } finally {
    body.close();
    await tail.close();
    held.received = tail.end;
  }
}

/** The end of a file that grows batch by batch, one at a time. */
class FileTail {
  private position: number;
  private writing: Promise<void> = Promise.resolve();
  private readonly disk: DiskSync;

  constructor(private readonly receiver: Receiver) {
    this.position = receiver.offset;
    this.disk = new DiskSync(receiver.handle);
  }

  /** Where the file ends, without what is being written. */
  get end(): number {
    return this.position;
  }

  /** Begins to write; `written` tells what came of it. */
  write(batch: Batch, done: () => void): void {
    this.writing = this.add(batch).finally(done);
    // Whoever asks for it hears of a failure, but that may be after it has happened.
    this.writing.catch(() => undefined);
  }

  written(): Promise<void> {
    return this.writing;
  }

  async close(): Promise<void> {
    await this.writing.catch(() => undefined);
    await this.disk.idle();
  }

  private async add({ buffer, length }: Batch): Promise<void> {
    const { handle, digest } = this.receiver;
    for (let written = 0; written < length;) {
      const { bytesWritten } = await handle.write(buffer, written, length - written, this.position);
      written += bytesWritten;
      this.position += bytesWritten;
    }
    digest.add(length, handle);
    this.disk.written(length);
  }
}

/** Begins to bring to the disk what was written, one time after the other, while more is written. */
class DiskSync {
  private waiting = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly handle: FileHandle) {}

  written(bytes: number): void {
    this.waiting += bytes;
    if (this.waiting < SYNC_EVERY_BYTES || this.running) return;
    this.waiting = 0;
    // A disk that fails says so to the next write, and to the last sync.
    this.running = this.handle
      .datasync()
      .catch(() => undefined)
      .finally(() => (this.running = undefined));
  }

  async idle(): Promise<void> {
    await this.running;
  }
}
