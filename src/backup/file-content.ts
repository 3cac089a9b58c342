import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

const PIECE = 1024 * 1024;
const buffer = Buffer.allocUnsafe(PIECE);
let isBusy = false;

/** The disk of a file does not give back what is on it. */
export class UnreadableError extends Error {}

function asUnreadable(error: NodeJS.ErrnoException): never {
  throw error.code === 'EIO' ? new UnreadableError('EIO') : error;
}

/**
 * Reads a file once, from its beginning, and writes what it reads; one at a time.
 * @param most bytes: a program may go on writing to it.
 * @param target where it goes; null: only the checksum is wanted.
 * @throws UnreadableError
 */
export async function copyContent(source: FileHandle, most: number, target: FileHandle | null): Promise<{ sha256: string; size: number }> {
  if (isBusy) throw new Error('a backup copies one file after the other');
  isBusy = true;
  try {
    const hash = createHash('sha256');
    let size = 0;
    while (size < most) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(PIECE, most - size), null).catch(asUnreadable);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      if (target) await writeAll(target, bytesRead);
      size += bytesRead;
    }
    return { sha256: hash.digest('hex'), size };
  } finally {
    isBusy = false;
  }
}

async function writeAll(target: FileHandle, length: number): Promise<void> {
  for (let offset = 0; offset < length;) offset += (await target.write(buffer, offset, length - offset)).bytesWritten;
}
