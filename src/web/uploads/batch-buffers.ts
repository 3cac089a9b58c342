/** Bytes that are written at once: a body comes in pieces of at most 64 KiB, and written one by one, each would cost more than its bytes do. */
export const BATCH_BYTES = 1024 * 1024;
const LEAST_BATCH_BYTES = 64 * 1024;
/** Buffers that are kept for the next body. */
const MOST_SPARE = 8;

/**
 * Buffers that bodies are collected in, used again by the next body. A browser sends 32 MiB in one request: with buffers of its own for
 * each, the process would hold those of many requests before V8 sees that nobody needs them.
 */
export class BatchBuffers {
  private readonly spare: Buffer[] = [];

  /** @param expected bytes at most; a small body gets a small buffer. @returns what may hold anything, of at most `BATCH_BYTES`. */
  take(expected: number): Buffer {
    if (expected < BATCH_BYTES) return Buffer.allocUnsafeSlow(Math.max(LEAST_BATCH_BYTES, expected));
    return this.spare.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES);
  }

  /** Nobody reads or writes it any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.length === BATCH_BYTES && this.spare.length < MOST_SPARE) this.spare.push(buffer);
  }
}

/** Of the process: whoever receives a body takes from here. */
export const batchBuffers = new BatchBuffers();
