/**
 * A program of its own, started by `DigestWorkers` for each file: reads file handle 3 from its beginning to its end and writes its
 * checksums as one line of JSON, `{ "sha256": hex, "crc32": number, "bytes": number }`. It imports nothing of ours, so that it starts in a
 * blink, and ends with its parent.
 */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const INPUT = 3;
const PIECE_BYTES = 1024 * 1024;
const LOOK_EVERY_BYTES = 256 * PIECE_BYTES;

const parent = process.ppid;
const piece = Buffer.allocUnsafe(PIECE_BYTES);
const hash = createHash('sha256');
let crc = 0;
let bytes = 0;
for (;;) {
  const count = readSync(INPUT, piece, 0, PIECE_BYTES, bytes);
  if (count === 0) break;
  const part = piece.subarray(0, count);
  hash.update(part);
  crc = crc32(part, crc);
  bytes += count;
  if (bytes % LOOK_EVERY_BYTES < count && process.ppid !== parent) process.exit(1);
}
process.stdout.write(`${JSON.stringify({ sha256: hash.digest('hex'), crc32: crc, bytes })}\n`);
