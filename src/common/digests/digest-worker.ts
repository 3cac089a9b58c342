/**
 * A thread that reads whole files: started by `DigestWorkers`, it answers `DigestQuestion` with `DigestAnswer`. Threads share the open
 * handles of their process, so that a file is named by its number. It imports nothing of ours, so that it starts in a blink.
 */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { crc32 } from 'node:zlib';

export interface DigestQuestion {
  /** Open file; stays open until the answer. */
  fd: number;
  /** Whether it rests as long as it reads. */
  gently: boolean;
}

export interface DigestAnswer {
  /** Hexadecimal. */
  sha256: string;
  crc32: number;
  /** How many were read. */
  bytes: number;
  /** Code of the system where the file could not be read. */
  error: string | null;
}

const PIECE_BYTES = 1024 * 1024;
const LOWEST_PRIORITY = 19;
const LONGEST_REST_MS = 1000;
/** Never wakes anybody. */
const NOBODY = new Int32Array(new SharedArrayBuffer(4));

// On Linux this is the priority of the thread that asks, not that of the process.
setPriority(LOWEST_PRIORITY);

function read({ fd, gently }: DigestQuestion): Omit<DigestAnswer, 'error'> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const hash = createHash('sha256');
  let crc = 0;
  let bytes = 0;
  let begunMs = performance.now();
  for (let count = readSync(fd, piece, 0, PIECE_BYTES, 0); count > 0; count = readSync(fd, piece, 0, PIECE_BYTES, bytes)) {
    const part = piece.subarray(0, count);
    hash.update(part);
    crc = crc32(part, crc);
    bytes += count;
    if (gently) begunMs = rest(begunMs);
  }
  return { sha256: hash.digest('hex'), crc32: crc, bytes };
}

/** @returns when it goes on. */
function rest(sinceMs: number): number {
  const took = performance.now() - sinceMs;
  if (took >= 1) Atomics.wait(NOBODY, 0, 0, Math.min(took, LONGEST_REST_MS));
  return took >= 1 ? performance.now() : sinceMs;
}

parentPort?.on('message', (question: DigestQuestion) => {
  let answer: DigestAnswer;
  try {
    answer = { ...read(question), error: null };
  } catch (error) {
    answer = { sha256: '', crc32: 0, bytes: 0, error: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
  parentPort?.postMessage(answer, []);
});
