import type { Response } from 'express';
import type { OpenFile } from '../../common/files/safe-directory';

export interface FileToSend {
  file: OpenFile;
  /** What the browser calls it. */
  name: string;
  /** Null: download only, as bytes without a type. */
  contentType: string | null;
  /** Whether it may open in place; needs a content type. */
  inline: boolean;
  /** How long a browser may keep it, as a Cache-Control header; absent: it asks each time whether the file is still the same. */
  keep?: string;
  /** A document that one of our pages may show in a frame. Its viewer works in no sandbox, and runs none of our pages' powers. */
  framed?: boolean;
}

/** Nothing that people or pipelines made may act in our name, even where a browser believes that it is a page. */
const NO_POWERS = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox";
const FRAMED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/**
 * Sends a file that is already open, with Range, ETag and Content-Length, and closes it whatever happens. The open handle is the file:
 * Express goes through `/proc/self/fd`, so no path is looked up again.
 */
export function sendFile(response: Response, { file, name, contentType, inline, keep, framed }: FileToSend): Promise<void> {
  response.setHeader('Content-Type', contentType ?? 'application/octet-stream');
  response.setHeader('Content-Disposition', contentDisposition(inline && contentType !== null ? 'inline' : 'attachment', name));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', framed ? FRAMED : NO_POWERS);
  if (framed) response.setHeader('X-Frame-Options', 'SAMEORIGIN');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cache-Control', keep ?? 'private, no-cache');
  const sent = new Promise<void>((resolve, reject) => {
    const options = { cacheControl: false, dotfiles: 'allow' as const };
    response.sendFile(`/proc/self/fd/${file.handle.fd}`, options, (error?: SendError) => {
      if (!error || response.headersSent || isRefusal(error)) resolve(error && refuse(response, error));
      else reject(withoutHeaders(response, error));
    });
  });
  return sent.finally(() => file.handle.close());
}

type SendError = Error & { status?: number; headers?: Record<string, string> };

/** A range beyond the end, or a condition that does not hold: an answer, not a fault. */
function isRefusal(error: SendError): boolean {
  return error.status === 412 || error.status === 416;
}

/** A reader who has gone away, after the head was sent, needs no answer. */
function refuse(response: Response, error: SendError): void {
  if (response.headersSent) return;
  withoutHeaders(response, error);
  response
    .status(error.status ?? 400)
    .set(error.headers ?? {})
    .end();
}

function withoutHeaders(response: Response, error: SendError): SendError {
  for (const name of ['Content-Type', 'Content-Disposition', 'Content-Security-Policy', 'Content-Length']) response.removeHeader(name);
  return error;
}

/** The header after RFC 6266: a plain name for old programs, and the true one in UTF-8. */
export function contentDisposition(kind: 'inline' | 'attachment', name: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = name.replace(/[^\u0020-\u007E]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return plain === name ? `${kind}; filename="${plain}"` : `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
