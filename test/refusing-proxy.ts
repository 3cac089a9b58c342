import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RefusingProxy {
  port: number;
  /** Of the requests that were refused. */
  methods(): string[];
  close(): Promise<void>;
}

/**
 * Stands before a web process and passes everything on, but for some uploads, which are refused as those of somebody who asks too often.
 * @param refused which of the requests about uploads, counted from 0. @param retryAfter seconds.
 */
export async function startRefusingProxy(
  target: number,
  { refused, retryAfter }: { refused: readonly number[]; retryAfter: number },
): Promise<RefusingProxy> {
  const methods: string[] = [];
  let count = 0;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const isUpload = request.url?.includes('/uploads') && request.method !== 'GET';
    if (!isUpload || !refused.includes(count++)) return passOn(target, request, response);
    methods.push(request.method ?? '');
    request.resume();
    response.writeHead(429, { 'retry-after': String(retryAfter), 'content-type': 'text/plain' }).end('Too often.');
  };
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    methods: () => methods,
    close: () => new Promise((done) => server.close(() => done())),
  };
}

function passOn(target: number, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  const to = {
    host: '127.0.0.1',
    port: target,
    method,
    path: url,
    headers: { ...headers, host: `localhost:${target}` },
    agent: false as const,
  };
  const onwards = httpRequest(to, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onwards.on('error', () => response.destroy());
  request.pipe(onwards);
}
