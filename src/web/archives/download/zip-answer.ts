import { Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { contentDisposition } from '../../show/file-response';
import type { PreparedZip } from './zip-downloads';
import { ZipSender, type ByteRange, type Sink } from './zip-sender';

/** A reader who takes nothing for so long is let go: it holds an open file and a place. */
const PATIENCE_MS = 10 * 60_000;

/** Ends when the answer does. */
export function closeSignal(response: Response): AbortSignal {
  const closing = new AbortController();
  response.once('close', () => closing.abort());
  if (response.closed) closing.abort();
  return closing.signal;
}

/**
 * Sends an archive with its exact length. Where each of its bytes is known beforehand a broken download goes on where it was; otherwise
 * it says that it cannot. An archive that cannot be kept as it was promised is broken off, so that nobody takes it for whole.
 * @param name of the file, for the browser.
 */
export async function sendZip(request: Request, response: Response, { plan, directory }: PreparedZip, name: string): Promise<void> {
  const tag = `"${plan.tag}"`;
  response.set({
    'Content-Type': 'application/zip',
    'Content-Disposition': contentDisposition('attachment', name),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-cache',
    'Accept-Ranges': plan.isFixed ? 'bytes' : 'none',
    ...(plan.isFixed ? { ETag: tag } : {}),
  });
  if (plan.isFixed && request.headers['if-none-match'] === tag) return void response.status(304).end();
  const range = plan.isFixed ? rangeOf(request, plan.length, tag) : null;
  if (range === 'unfit') return void response.status(416).set('Content-Range', `bytes */${plan.length}`).end();
  const { from, to } = range ?? { from: 0, to: plan.length };
  response.set('Content-Length', String(to - from));
  if (range) response.status(206).set('Content-Range', `bytes ${from}-${to - 1}/${plan.length}`);
  if (request.method === 'HEAD') return void response.end();
  try {
    await new ZipSender(plan, directory, { from, to }, sinkOf(response)).send();
    response.end();
  } catch (error) {
    if (!response.closed) new Logger('Zip').warn(`A download was broken off: ${(error as Error).message}`);
    response.destroy();
  }
}

function sinkOf(response: Response): Sink {
  response.socket?.setNoDelay(true);
  return (piece) =>
    new Promise((resolve, reject) => {
      if (response.closed || response.destroyed) return reject(new Error('the reader has gone'));
      const gone = (): void => done(new Error('the reader has gone'));
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

/** Null: all of it. More than one part is answered by all of it, which the standard allows. */
function rangeOf({ headers }: Request, length: number, tag: string): ByteRange | 'unfit' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (headers['if-range'] !== undefined && headers['if-range'] !== tag) return null;
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? length : Math.min(length, Number(last) + 1);
  return from < length && from < to ? { from, to } : 'unfit';
}
