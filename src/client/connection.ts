import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError, EXIT, RefusedError, type Problem } from './failures';

export interface Asked {
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Sent as it is. */
  stream?: Readable;
  /** Whether it may be done once only: a connection that was kept may be closed while it is sent, and nobody knows then what was done. */
  isOnce?: boolean;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** The connection broke, or nobody listens. */
export class BrokenError extends ClientError {
  constructor(site: string, cause: Error) {
    super(`${site} cannot be reached: ${cause.message || (cause as NodeJS.ErrnoException).code || 'no answer'}.`, EXIT.unavailable);
    this.name = 'BrokenError';
  }
}

const SILENCE_MS = 120_000;
/** Connections are kept for less than servers keep theirs (Node 5 s, others more), so that nothing is sent on one that is being closed. */
const KEPT_MS = 4000;
const TOO_OFTEN = 429;
/** The limit of the API counts by the minute; that of the log-in by the quarter of an hour, for which nobody waits. */
const LONGEST_WAIT_SECONDS = 60;
const PAUSES_MS = [200, 1000, 3000, 5000];

/** One installation, asked with one token. Connections are kept for what is asked next. */
export class Connection {
  private readonly agent: HttpAgent;
  /** By the clock of this process: nothing is asked before, since too much was asked. */
  private quietUntilMs = 0;

  constructor(
    readonly site: string,
    private readonly token: string | null,
    /** Told when it waits because it has asked too often. */
    private readonly waits: (seconds: number) => void = () => {},
  ) {
    const Agent = site.startsWith('https:') ? HttpsAgent : HttpAgent;
    this.agent = new Agent({ keepAlive: true, timeout: KEPT_MS });
  }

  /** Asked again where the connection breaks, which changes nothing for something that only looks. */
  async get<Json>(path: string): Promise<Json> {
    return JSON.parse((await this.patiently(() => this.ask('GET', path))).text) as Json;
  }

  async post<Json>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Json> {
    const { text } = await this.ask('POST', path, { body, headers, isOnce: true });
    return (text === '' ? null : JSON.parse(text)) as Json;
  }

  /** All items of a list, part by part. @param path with or without a query. */
  async all<Item>(path: string, most = Number.POSITIVE_INFINITY): Promise<Item[]> {
    const items: Item[] = [];
    for (let after: string | null = ''; after !== null && items.length < most;) {
      const query: string = after === '' ? '' : `${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}`;
      const part: { items: Item[]; next: string | null } = await this.get(`${path}${query}`);
      items.push(...part.items);
      after = part.next;
    }
    return items.slice(0, most);
  }

  /** Whoever asks too often waits, unless something is sent that can be sent once only. @throws RefusedError, BrokenError. */
  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    for (;;) {
      const response = await this.open(method, path, asked);
      const { statusCode: status = 0, headers } = response;
      const text = await textOf(response).catch((error: Error) => {
        throw new BrokenError(this.site, error);
      });
      if (status < 400) return { status, headers, text };
      // What is left of it would be sent for nothing.
      asked.stream?.destroy();
      const refusal = new RefusedError(problemOf(status, text, headers));
      if (asked.stream || !(await this.waitFor(refusal))) throw refusal;
    }
  }

  /**
   * Waits for as long as the answer says, for whoever has asked too often; whatever else is asked meanwhile waits as well, and it is
   * said once. @returns false where that is too long, or it was something else.
   */
  async waitFor(error: unknown): Promise<boolean> {
    if (!(error instanceof RefusedError) || error.problem.status !== TOO_OFTEN) return false;
    const seconds = error.problem.retryAfter ?? Number.POSITIVE_INFINITY;
    if (seconds > LONGEST_WAIT_SECONDS) return false;
    const now = performance.now();
    if (now >= this.quietUntilMs) this.waits(seconds);
    this.quietUntilMs = Math.max(this.quietUntilMs, now + seconds * 1000);
    await this.quiet();
    return true;
  }

  private async quiet(): Promise<void> {
    for (let left = this.quietUntilMs - performance.now(); left > 0; left = this.quietUntilMs - performance.now()) await sleep(left);
  }

  /** The answer before its content. @throws BrokenError. */
  async open(method: string, path: string, { body, headers = {}, stream, isOnce = false }: Asked = {}): Promise<IncomingMessage> {
    await this.quiet();
    const url = new URL(path.startsWith('/api/') ? `${new URL(this.site).origin}${path}` : `${this.site}/api/v1${path}`);
    const json = body === undefined ? undefined : JSON.stringify(body);
    const all = {
      accept: 'application/json',
      ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(json)) }),
      ...headers,
    };
    const begin = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new BrokenError(this.site, error));
      const request = begin(url, { method, headers: all, timeout: SILENCE_MS, agent: isOnce ? false : this.agent }, resolve);
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('error', fail);
      if (stream) pipeline(stream, request).catch(fail);
      else request.end(json);
    });
  }

  /** Does something again that may be done twice, while the connection breaks. */
  async patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    for (const pause of PAUSES_MS) {
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error)) throw error;
        await sleep(pause);
      }
    }
    return work();
  }
}

/** Whether the same request may be answered a moment later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof BrokenError) return true;
  return error instanceof RefusedError && [423, 429, 502, 503, 504].includes(error.problem.status);
}

export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function problemOf(status: number, text: string, headers: IncomingHttpHeaders): Problem {
  const seconds = Number(headers['retry-after']);
  const wait = seconds > 0 ? { retryAfter: seconds } : {};
  try {
    const problem = JSON.parse(text) as Partial<Problem> | null;
    if (typeof problem?.detail === 'string') return { ...problem, status, detail: problem.detail, ...wait };
  } catch {
    // A proxy in between may say something else.
  }
  return { status, detail: `The answer was ${status}${status === 404 ? ': is this the address of a Showrunner?' : ''}.`, ...wait };
}
