import type { Server } from '@tus/server';
import type { Request as NodeRequest, Response as NodeResponse } from 'express';

/** A request as tus takes it. */
export type TusRequest = Parameters<Server['handleWeb']>[0];

/** Headers for other sites: this one answers to its own pages only. */
const CROSS_ORIGIN = /^access-control-/;

/**
 * The same request in the words of `fetch`, but without its body, which `UploadStore` takes from the stream itself. tus hears through
 * `runtime` when the client goes away.
 */
export function toWebRequest(request: NodeRequest, response: NodeResponse): TusRequest {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const made = new Request(`http://localhost${request.originalUrl}`, { method: request.method, headers });
  return Object.assign(made, { runtime: { name: 'node', node: { req: request, res: response } } });
}

/** Sends what tus answers, without the headers for other sites. */
export async function sendWebResponse(answer: Response, response: NodeResponse): Promise<void> {
  response.status(answer.status);
  for (const [name, value] of answer.headers) if (!CROSS_ORIGIN.test(name)) response.setHeader(name, value);
  response.end(await answer.text());
}
