import type { BigIntStats } from 'node:fs';
import type { Response } from 'express';
import type { OpenFile } from '../../common/files/safe-directory';
import { sendRange, sinkOf } from '../http/byte-stream';
import { decide } from '../http/conditions';

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
  /** Set after all others. */
  headers?: Readonly<Record<string, string>>;
}

/** Nothing that people or pipelines made may act in our name, even where a browser believes that it is a page. */
const NO_POWERS = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox";
const FRAMED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/** Sends a file that is already open, or a part of it, with an exact length, and closes it whatever happens. */
export async function sendFile(response: Response, toSend: FileToSend): Promise<void> {
  const { handle } = toSend.file;
  try {
    const stats = await handle.stat({ bigint: true });
    const version = { size: Number(stats.size), tag: tagOf(stats), mtimeMs: Number(stats.mtimeMs) };
    const answer = decide(response.req, version);
    response.status(answer.status).set('Cache-Control', toSend.keep ?? 'private, no-cache');
    if (answer.status === 416) response.set('Content-Range', `bytes */${version.size}`);
    if (answer.status === 412 || answer.status === 416) return void response.end();
    describe(response, toSend);
    response.set({ 'Accept-Ranges': 'bytes', ETag: version.tag, 'Last-Modified': new Date(version.mtimeMs).toUTCString() });
    if (!('range' in answer)) return void response.end();
    const { from, to } = answer.range;
    if (answer.status === 206) response.set('Content-Range', `bytes ${from}-${to - 1}/${version.size}`);
    response.set('Content-Length', String(to - from));
    if (response.req.method !== 'HEAD') await sendRange(handle, answer.range, sinkOf(response));
    response.end();
  } catch (error) {
    // A reader who has gone away needs no answer; a file that became shorter gets none that looks whole.
    if (!response.headersSent && !response.closed) throw error;
    response.destroy();
  } finally {
    await handle.close();
  }
}

function describe(response: Response, { name, contentType, inline, framed, headers = {} }: FileToSend): void {
  response.setHeader('Content-Type', contentType ?? 'application/octet-stream');
  response.setHeader('Content-Disposition', contentDisposition(inline && contentType !== null ? 'inline' : 'attachment', name));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', framed ? FRAMED : NO_POWERS);
  if (framed) response.setHeader('X-Frame-Options', 'SAMEORIGIN');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.set(headers);
}

/** Another one after each write: a download that broke off never goes on in another content. */
function tagOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `"${[ino, size, mtimeNs].map((value) => value.toString(36)).join('-')}"`;
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
