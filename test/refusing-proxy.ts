import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RefusingProxy {
  port: number;
  /** Which were refused. */
  refusals(): string[];
  /** Requests that came although one had just been told to wait. */
  impatient(): number;
  /** Of those who ask. */
  connections(): number;
  close(): Promise<void>;
}

/**
 * Stands before a web process and passes everything on, but for some uploads, which are refused as those of somebody who asks too often.
 * @param refused which of the requests that carry uploads: method, and how many of that method came before. @param retryAfter seconds.
 */
export async function startRefusingProxy(
  target: number,
  { refused, retryAfter }: { refused: readonly string[]; retryAfter: number },
): Promise<RefusingProxy> {
  const refusals: string[] = [];
  const counts = new Map<string, number>();
  let quietUntilMs = 0;
  let impatient = 0;
  let connections = 0;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const isUpload = request.url?.includes('/uploads') && request.method !== 'GET';
    if (!isUpload) return passOn(target, request, response);
    if (performance.now() < quietUntilMs) impatient += 1;
    const { method = '' } = request;
    const count = counts.get(method) ?? 0;
    counts.set(method, count + 1);
    if (!refused.includes(`${method} ${count}`)) return passOn(target, request, response);
    refusals.push(`${method} ${count}`);
    quietUntilMs = performance.now() + retryAfter * 1000;
    request.resume();
    response.writeHead(429, { 'retry-after': String(retryAfter), 'content-type': 'text/plain' }).end('Too often.');
  };
  const server = createServer(answer);
  server.on('connection', () => (connections += 1));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    refusals: () => refusals,
    impatient: () => impatient,
    connections: () => connections,
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
