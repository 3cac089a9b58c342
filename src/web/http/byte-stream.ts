import type { FileHandle } from 'node:fs/promises';
import type { Response } from 'express';

/** Takes bytes; resolves when the buffer may be used again. @throws ReaderGone when nobody takes them any more. */
export type Sink = (piece: Buffer) => Promise<void>;

/** From the first byte to the one before `to`. */
export interface ByteRange {
  from: number;
  to: number;
}

/** The reader hung up, or took nothing for too long. */
export class ReaderGone extends Error {}

/** A file ended before what was promised of it. */
export class FileCut extends Error {}

/** Large pieces, so that each costs one look at the disk and one at the network; two of them, so that neither waits for the other. */
export const PIECE_BYTES = 1024 * 1024;
/** A reader who takes nothing for so long holds an open file for nothing. */
const PATIENCE_MS = 10 * 60_000;

/** The body of an answer. Its head may go out with the first piece. */
export function sinkOf(response: Response): Sink {
  return (piece) =>
    new Promise((resolve, reject) => {
      if (response.closed || response.destroyed) return reject(new ReaderGone('the reader has gone'));
      const gone = (): void => done(new ReaderGone('the reader has gone'));
      const clock = setTimeout(() => response.destroy(), PATIENCE_MS).unref();
      const done = (error?: Error | null): void => {
        clearTimeout(clock);
        response.off('close', gone);
        if (error) reject(error);
        else resolve();
      };
      response.once('close', gone);
      response.write(piece, done);
    });
}

/**
 * Sends a part of a file: the next piece is read while the last one is taken.
 * @param seen is shown each piece on its way.
 * @throws FileCut when the file is shorter.
 */
export async function sendRange(file: FileHandle, { from, to }: ByteRange, sink: Sink, seen: (piece: Buffer) => void = () => undefined) {
  const length = Math.min(PIECE_BYTES, to - from);
  const buffers = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(to - from > length ? length : 0)];
  let taken: Promise<void> = Promise.resolve();
  try {
    for (let [at, turn] = [from, 0]; at < to; turn += 1) {
      const piece = buffers[turn % 2].subarray(0, Math.min(PIECE_BYTES, to - at));
      await readFully(file, piece, at);
      seen(piece);
      at += piece.length;
      await taken;
      taken = sink(piece);
      // Whoever waits for it hears of a failure, but the reader may be gone before that, while the next piece is read.
      taken.catch(() => undefined);
    }
  } finally {
    await taken;
  }
}

/** @throws FileCut when the file ends before that. */
export async function readFully(file: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let count = 0; count < piece.length;) {
    const { bytesRead } = await file.read(piece, count, piece.length - count, position + count);
    if (bytesRead === 0) throw new FileCut('a file became shorter while it was sent');
    count += bytesRead;
  }
}
