import type { Readable } from 'node:stream';
import type { Response } from 'express';
import { sinkOf } from '../http/byte-stream';
import { contentDisposition } from '../show/file-response';

/**
 * Answers with the CSV that some work writes. Nothing is said of a file before the first piece of it is there, so that a failure is a page.
 * @param fileName what it is saved as.
 * @param work calls back with what is written, which is read to its end.
 */
export async function sendCsv(
  response: Response,
  signal: AbortSignal,
  fileName: string,
  work: (take: (csv: Readable) => Promise<void>) => Promise<void>,
): Promise<void> {
  try {
    await work(async (csv) => {
      const sink = sinkOf(response);
      for await (const piece of csv) {
        if (!response.headersSent) describe(response, fileName);
        await sink(piece as Buffer);
      }
    });
    if (!response.headersSent) describe(response, fileName);
    response.end();
  } catch (error) {
    // Half a file must not look whole, and nobody is told who has gone.
    if (!response.headersSent && !signal.aborted) throw error;
    response.destroy();
  }
}

function describe(response: Response, fileName: string): void {
  response.set({
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': contentDisposition('attachment', fileName),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-cache',
  });
}
