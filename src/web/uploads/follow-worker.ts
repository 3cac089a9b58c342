/**
 * A thread that reads files while they grow and keeps their checksums so far: started by `FollowingDigests`, it takes `FollowOrder` and
 * answers with `FollowAnswer`. Threads share the open handles of their process, so that a file is named by its number. What was just
 * written is still in memory, so that reading it costs little. It imports nothing of ours, so that it starts in a blink.
 */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { crc32 } from 'node:zlib';

export type FollowOrder =
  /** So many bytes lie in the file now; none of them changes any more. It stays open until a `pause` is answered. */
  | { kind: 'read'; id: string; fd: number; until: number }
  /** Reads no further. To be answered. */
  | { kind: 'pause'; id: string; question: number }
  /** Wants the checksums of all that was to be read. To be answered once it is. */
  | { kind: 'finish'; id: string; question: number }
  | { kind: 'forget'; id: string };

export interface FollowAnswer {
  question: number;
  /** Hexadecimal. '' and 0 in the answer to a `pause`. */
  sha256: string;
  crc32: number;
  /** Code of the system where the file could not be read, or `SHORT` when it ends before it should. */
  error: string | null;
}

interface Followed {
  hash: ReturnType<typeof createHash>;
  crc: number;
  bytes: number;
  /** null while it is paused. */
  fd: number | null;
  until: number;
  /** The question to be answered when all is read. */
  finishes: number | null;
}

const PIECE_BYTES = 1024 * 1024;

const piece = Buffer.allocUnsafe(PIECE_BYTES);
const files = new Map<string, Followed>();
let isReading = false;

function begin(id: string): Followed {
  const file: Followed = { hash: createHash('sha256'), crc: 0, bytes: 0, fd: null, until: 0, finishes: null };
  files.set(id, file);
  return file;
}

function answer(question: number, more: Partial<FollowAnswer> = {}): void {
  parentPort?.postMessage({ question, sha256: '', crc32: 0, error: null, ...more }, []);
}

/** @returns false when there is nothing to be read now. */
function readPiece(file: Followed): boolean {
  if (file.fd === null || file.bytes >= file.until) return false;
  const count = readSync(file.fd, piece, 0, Math.min(PIECE_BYTES, file.until - file.bytes), file.bytes);
  if (count === 0) throw Object.assign(new Error('The file is shorter than it should be.'), { code: 'SHORT' });
  const part = piece.subarray(0, count);
  file.hash.update(part);
  file.crc = crc32(part, file.crc);
  file.bytes += count;
  return true;
}

function settle(file: Followed): void {
  if (file.finishes === null || file.bytes < file.until) return;
  answer(file.finishes, { sha256: file.hash.copy().digest('hex'), crc32: file.crc });
  file.finishes = null;
}

/** A file that cannot be read is read anew from its beginning when it is asked for again. */
function fail(id: string, file: Followed, error: unknown): void {
  files.delete(id);
  if (file.finishes !== null) answer(file.finishes, { error: (error as NodeJS.ErrnoException).code ?? String(error) });
}

/** A piece of each file in turn: nobody waits for another's 50 GB. Orders are taken in between. */
function readOn(): void {
  isReading = false;
  for (const [id, file] of files) {
    try {
      if (readPiece(file)) wake();
      settle(file);
    } catch (error) {
      fail(id, file, error);
    }
  }
}

function wake(): void {
  if (isReading) return;
  isReading = true;
  setImmediate(readOn);
}

parentPort?.on('message', (order: FollowOrder) => {
  const { kind, id } = order;
  if (kind === 'forget') return void files.delete(id);
  if (kind === 'pause') {
    const file = files.get(id);
    if (file) file.fd = null;
    return answer(order.question);
  }
  const file = files.get(id) ?? begin(id);
  if (kind === 'read') Object.assign(file, { fd: order.fd, until: order.until });
  else file.finishes = order.question;
  wake();
});
