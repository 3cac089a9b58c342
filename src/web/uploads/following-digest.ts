import type { FileHandle } from 'node:fs/promises';
import type { Digests } from '../../common/digests/running-digest';
import type { FollowAnswer, FollowOrder } from './follow-worker';

/** Each order wakes the thread, which costs as much as a part of its work. */
const ORDER_BYTES = 4 * 1024 * 1024;

/** The thread that reads. */
interface Thread {
  send(order: FollowOrder): void;
  ask(order: { kind: 'pause' | 'finish'; id: string }): Promise<FollowAnswer>;
}

/**
 * The checksums of a file that grows in several requests. A thread reads what was written, a piece at a time, and remembers how far it
 * has come; what lay there before this process knew the file is read in the same way.
 */
export class FollowingDigest {
  /** Bytes of the file that are known to be written. */
  private written = 0;
  private ordered = 0;

  constructor(
    private readonly id: string,
    private readonly thread: Thread,
  ) {}

  /** @param size bytes that lie in the file now; none of them changes any more. */
  begin(handle: FileHandle, size: number): void {
    this.written = size;
    this.ordered = 0;
    if (size > 0) this.read(handle);
  }

  /** To be called after bytes were written, in order. */
  add(bytes: number, handle: FileHandle): void {
    this.written += bytes;
    if (this.written - this.ordered >= ORDER_BYTES) this.read(handle);
  }

  /** Reads no further, so that the file can be closed; the rest is read when the next request comes. */
  async pause(): Promise<void> {
    if (this.ordered === 0) return;
    // A thread that ended reads nothing, either.
    await this.thread.ask({ kind: 'pause', id: this.id }).catch(() => undefined);
  }

  /** Of everything written. @throws an error with the code of the system when the file cannot be read. */
  async finish(handle: FileHandle): Promise<Digests> {
    const { sha256, crc32, error } = await this.whole(handle).catch(() => this.whole(handle));
    if (error !== null) throw Object.assign(new Error(`Reading a file in the staging folder failed with ${error}`), { code: error });
    return { sha256, crc32 };
  }

  /** A thread that ended meanwhile is started again by it. */
  private whole(handle: FileHandle): Promise<FollowAnswer> {
    this.read(handle);
    return this.thread.ask({ kind: 'finish', id: this.id });
  }

  private read({ fd }: FileHandle): void {
    this.ordered = this.written;
    this.thread.send({ kind: 'read', id: this.id, fd, until: this.written });
  }
}
