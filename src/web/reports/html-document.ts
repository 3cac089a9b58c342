import type { Response } from 'express';
import type { OpenFile } from '../../common/files/safe-directory';
import { readFully, sendRange, sinkOf } from '../http/byte-stream';

const HEAD_BYTES = 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const WIDE_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

/** Comments only as far as no browser reads them differently: the first `>` ends them. */
const BEFORE_ALL = /^(?:\s|<!--[^<>]*-->)*<!doctype[^>]*>/i;

/**
 * Where the first element may stand: behind the mark of UTF-8 and the document type, before which an element would change how all of the
 * page is laid out. @returns null for UTF-16, in which our element would not be read.
 */
export function placeOfGuard(head: Buffer): number | null {
  if (WIDE_MARKS.some((mark) => head.subarray(0, 2).equals(mark)) || head.includes(0)) return null;
  const begin = head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const text = head.toString('latin1', begin);
  const type = BEFORE_ALL.exec(text);
  return begin + (type?.[0].length ?? 0);
}

/**
 * Sends a page with our element before all of its own, and closes the file. Its policy is set already.
 * @param guard the element, in ASCII.
 */
export async function sendDocument(response: Response, { handle, size }: OpenFile, guard: string): Promise<void> {
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
    await readFully(handle, head, 0);
    const place = placeOfGuard(head);
    const element = Buffer.from(place === null ? '' : guard);
    if (place === null) takeScriptsAway(response);
    // Not by Express, which would name an encoding: the page does that itself.
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Content-Length', size + element.length);
    if (response.req.method !== 'HEAD') {
      const sink = sinkOf(response);
      if (element.length > 0) await sink(Buffer.concat([head.subarray(0, place ?? 0), element]));
      await sendRange(handle, { from: place ?? 0, to: size }, sink);
    }
    response.end();
  } catch (error) {
    if (!response.headersSent && !response.closed) throw error;
    response.destroy();
  } finally {
    await handle.close();
  }
}

function takeScriptsAway(response: Response): void {
  const policy = String(response.getHeader('Content-Security-Policy'));
  response.setHeader('Content-Security-Policy', policy.replace('sandbox allow-scripts', 'sandbox'));
}
