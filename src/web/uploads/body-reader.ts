import type { IncomingMessage } from 'node:http';
import { batchBuffers } from './batch-buffers';
import type { HeldUpload } from './held-upload';

/** Batches that wait for the disk; a client that is faster has to wait. */
const MOST_WAITING = 2;
/** What a slow client sends is written so soon, although it is little. */
const MOST_DELAY_MS = 100;

/** Bytes of a body that follow one another: the first `length` of the buffer. */
export interface Batch {
  buffer: Buffer;
  length: number;
}

/**
 * Collects the body of a request into large batches, also while the one before is written. It ends without an error however the connection
 * ends: what arrived counts. It tells the upload when the client is the one who is waited for.
 *
 * The pieces are copied into a few buffers that are used again: kept until they are written, they would outlive the young generation, and
 * V8 would mark the whole heap every few dozen megabytes, which costs more than all the rest.
 */
export class BodyReader {
  private filling: Batch;
  private readonly full: Batch[] = [];
  private isDue = false;
  private isOver = false;
  private isPaused = false;
  private clock: NodeJS.Timeout | undefined;
  private wake: (() => void) | undefined;
  private readonly onPiece = (piece: Buffer) => this.take(piece);
  private readonly onEnd = () => this.end();

  /** @param expected bytes at most, if all is well. */
  constructor(
    private readonly request: IncomingMessage,
    private readonly held: HeldUpload,
    private readonly expected: number,
  ) {
    this.filling = this.empty();
    held.awaitClient();
    if (held.stopped.aborted || request.readableEnded || request.destroyed) this.end();
    for (const event of ['end', 'close', 'error']) request.on(event, this.onEnd);
    held.stopped.addEventListener('abort', this.onEnd);
    request.on('data', this.onPiece);
  }

  /** @returns null when nothing more comes. The caller gives each batch back, see `takeBack`. */
  async next(): Promise<Batch | null> {
    while (!this.isReady()) await new Promise<void>((resolve) => (this.wake = resolve));
    const batch = this.full.shift() ?? this.cut();
    this.goOn();
    return batch;
  }

  /** Its buffer may be filled anew. */
  takeBack({ buffer }: Batch): void {
    batchBuffers.giveBack(buffer);
  }

  /** Takes no more, and forgets what nobody asked for; errors of the connection still go to nobody. To be called once. */
  close(): void {
    this.end();
    for (const batch of [...this.full.splice(0), this.filling]) this.takeBack(batch);
    this.request.off('data', this.onPiece).pause();
    for (const event of ['end', 'close']) this.request.off(event, this.onEnd);
    this.held.stopped.removeEventListener('abort', this.onEnd);
  }

  private isReady(): boolean {
    return this.isOver || this.full.length > 0 || this.isDue;
  }

  private take(piece: Buffer): void {
    if (this.isOver) return;
    this.held.awaitClient();
    for (let taken = 0; taken < piece.length;) {
      const { buffer, length } = this.filling;
      const count = piece.copy(buffer, length, taken);
      this.filling.length += count;
      taken += count;
      if (this.filling.length === buffer.length) this.full.push(this.cut()!);
    }
    this.clock ??= setTimeout(() => this.fallDue(), MOST_DELAY_MS);
    if (this.full.length >= MOST_WAITING) this.pause();
    if (this.isReady()) this.wake?.();
  }

  /** What has been collected; null for nothing. */
  private cut(): Batch | null {
    clearTimeout(this.clock);
    this.clock = undefined;
    this.isDue = false;
    if (this.filling.length === 0) return null;
    const batch = this.filling;
    this.filling = this.empty();
    return batch;
  }

  private empty(): Batch {
    return { buffer: batchBuffers.take(this.expected), length: 0 };
  }

  private fallDue(): void {
    this.isDue = true;
    this.wake?.();
  }

  private end(): void {
    this.isOver = true;
    clearTimeout(this.clock);
    this.held.heardClient();
    this.wake?.();
  }

  private pause(): void {
    this.isPaused = true;
    this.request.pause();
    this.held.heardClient();
  }

  private goOn(): void {
    if (!this.isPaused || this.isOver || this.full.length >= MOST_WAITING) return;
    this.isPaused = false;
    this.request.resume();
    this.held.awaitClient();
  }
}
