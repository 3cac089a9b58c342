import type { IncomingMessage } from 'node:http';
import type { FileHandle } from 'node:fs/promises';
import { LimitError } from '../../common/errors';
import type { FollowingDigest } from './following-digest';
import type { HeldUpload } from './held-upload';

/** What is written goes to the disk along the way, so that the last request need not wait for gigabytes. */
const SYNC_EVERY_BYTES = 64 * 1024 * 1024;

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
 * Adds the body of a request to a file. By node's own stream: the web streams in between would cost as much as all the rest together.
 * @returns where the file ends when the client has sent all, has gone away, or was told to stop (`HeldUpload.stop`).
 * @throws LimitError when the body is longer than the file may get; nothing of the piece that is too long is written. LockedError.
 */
export async function receiveBody(request: IncomingMessage, { handle, held, digest, offset, size }: Receiver): Promise<number> {
  const body = new BodyReader(request, held.stopped);
  const disk = new DiskSync(handle);
  let end = offset;
  try {
    for (;;) {
      held.awaitClient();
      const piece = await body.next();
      held.heardClient();
      held.requireMine();
      if (!piece) return end;
      if (end + piece.length > size) throw new LimitError('uploads.tooLong');
      await writeAll(handle, piece, end);
      end += piece.length;
      digest.add(piece, handle);
      disk.written(piece.length);
    }
  } finally {
    held.heardClient();
    held.received = end;
    body.close();
    await disk.idle();
  }
}

/** Hands out what has arrived, and ends without an error however the connection ends: what arrived counts. */
class BodyReader {
  private wake: (() => void) | undefined;
  private readonly onChange = () => this.wake?.();

  constructor(
    private readonly request: IncomingMessage,
    private readonly stopped: AbortSignal,
  ) {
    for (const event of ['readable', 'end', 'close', 'error']) request.on(event, this.onChange);
    stopped.addEventListener('abort', this.onChange);
  }

  async next(): Promise<Buffer | null> {
    for (;;) {
      if (this.stopped.aborted) return null;
      const piece = this.request.read() as Buffer | null;
      if (piece) return piece;
      if (this.request.readableEnded || this.request.destroyed) return null;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  close(): void {
    for (const event of ['readable', 'end', 'close']) this.request.off(event, this.onChange);
    this.stopped.removeEventListener('abort', this.onChange);
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

async function writeAll(file: FileHandle, piece: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < piece.length) {
    written += (await file.write(piece, written, piece.length - written, position + written)).bytesWritten;
  }
}
