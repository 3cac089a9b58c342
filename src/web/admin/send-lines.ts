import type { Response } from 'express';
import { ReaderGone, sinkOf } from '../http/byte-stream';
import { contentDisposition } from '../show/file-response';

/**
 * Answers with a file of text that is read while it is sent. A failure before its first piece is a page; a later one cuts it off, because
 * half a file must not look whole.
 * @param fileName what it is saved as; its ending tells the type.
 */
export async function sendLines(response: Response, fileName: string, pieces: AsyncIterable<string>): Promise<void> {
  const sink = sinkOf(response);
  const type = fileName.endsWith('.csv') ? 'text/csv' : 'application/x-ndjson';
  const describe = () =>
    response.set({
      'Content-Type': `${type}; charset=utf-8`,
      'Content-Disposition': contentDisposition('attachment', fileName),
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'private, no-store',
    });
  try {
    for await (const piece of pieces) {
      if (!response.headersSent) describe();
      await sink(Buffer.from(piece));
    }
    if (!response.headersSent) describe();
    response.end();
  } catch (error) {
    if (!response.headersSent && !(error instanceof ReaderGone)) throw error;
    response.destroy();
  }
}
