import { Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ReaderGone, sinkOf } from '../../http/byte-stream';
import { decide, type Answer } from '../../http/conditions';
import { contentDisposition } from '../../show/file-response';
import type { PreparedZip } from './zip-downloads';
import { ZipSender } from './zip-sender';

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
export async function sendZip(request: Request, response: Response, { plan, placeOf }: PreparedZip, name: string): Promise<void> {
  const tag = `"${plan.tag}"`;
  response.set({
    'Content-Type': 'application/zip',
    'Content-Disposition': contentDisposition('attachment', name),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-cache',
    'Accept-Ranges': plan.isFixed ? 'bytes' : 'none',
    ...(plan.isFixed ? { ETag: tag } : {}),
  });
  const whole: Answer = { status: 200, range: { from: 0, to: plan.length } };
  const answer = plan.isFixed ? decide(request, { size: plan.length, tag, mtimeMs: plan.latestMs }) : whole;
  response.status(answer.status);
  if (answer.status === 416) response.set('Content-Range', `bytes */${plan.length}`);
  if (!('range' in answer)) return void response.end();
  const { from, to } = answer.range;
  response.set('Content-Length', String(to - from));
  if (answer.status === 206) response.set('Content-Range', `bytes ${from}-${to - 1}/${plan.length}`);
  if (request.method === 'HEAD') return void response.end();
  try {
    response.socket?.setNoDelay(true);
    await new ZipSender(plan, placeOf, { from, to }, sinkOf(response)).send();
    response.end();
  } catch (error) {
    if (!(error instanceof ReaderGone)) new Logger('Zip').warn(`A download was broken off: ${(error as Error).message}`);
    response.destroy();
  }
}
