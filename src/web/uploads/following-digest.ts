import type { FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RunningDigest, type Digests } from '../../common/digests/running-digest';

const PIECE_BYTES = 1024 * 1024;

/**
 * The checksums of a file that grows piece by piece, in several requests. Pieces are taken as they are written; what lay there before
 * this process knew the file is read from it, a piece at a time beside the writing, until it has caught up.
 */
export class FollowingDigest {
  private readonly digest = new RunningDigest();
  /** Bytes of the file that are known to be written. */
  private written = 0;
  private reading: Promise<void> | undefined;
  private stopped = false;

  /** @param size bytes that lie in the file now; none of them changes any more. */
  begin(handle: FileHandle, size: number): void {
    this.written = size;
    this.stopped = false;
    this.catchUp(handle);
  }

  /** To be called after each piece is written, in order. */
  add(piece: Buffer, handle: FileHandle): void {
    const isNext = this.digest.bytes === this.written && !this.reading;
    this.written += piece.length;
    if (isNext) this.digest.update(piece);
    else this.catchUp(handle);
  }

  /** Reads no further, so that the file can be closed; the rest is read when the next request comes. */
  async pause(): Promise<void> {
    this.stopped = true;
    await this.reading;
  }

  /** Of everything written. */
  async finish(handle: FileHandle): Promise<Digests> {
    await this.reading;
    this.catchUp(handle);
    await this.reading;
    return this.digest.digests();
  }

  private catchUp(handle: FileHandle): void {
    if (this.reading || this.digest.bytes >= this.written) return;
    this.reading = this.read(handle).finally(() => (this.reading = undefined));
    // Whoever waits for it hears of a failure; the others must not die of it.
    this.reading.catch(() => undefined);
  }

  private async read(handle: FileHandle): Promise<void> {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    while (this.digest.bytes < this.written && !this.stopped) {
      const most = Math.min(PIECE_BYTES, this.written - this.digest.bytes);
      const { bytesRead } = await handle.read(buffer, 0, most, this.digest.bytes);
      if (bytesRead === 0) throw new Error('A file in the staging folder is shorter than what was written to it.');
      this.digest.update(buffer.subarray(0, bytesRead));
      await nextTurn();
    }
  }
}
