import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { EnginePulse } from './engine-pulse';

/** The engine answered, and refused. */
export class DockerRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The engine did not answer, or not to the end: whether it did what it was asked is not known. */
export class DockerSilence extends Error {}

/** What identifies an engine, and what it has. */
export interface EngineFacts {
  /** Its id and the name of its machine: machines that were cloned share the id. */
  identity: string;
  /** Processors. */
  cpus: number;
  version: string;
  /** Where it keeps containers and their logs, on its own machine. */
  rootFolder: string | null;
}

interface Question {
  query?: Record<string, string | number>;
  body?: unknown;
  signal?: AbortSignal;
  /** For the whole answer, which is given up before when the engine does not answer other questions. 0: as long as it takes. */
  withinMs?: number;
  /** The question by which that is found out. */
  isPing?: boolean;
}

/** Newest version of the API that this client was written for; older engines say what they speak. */
const NEWEST_MINOR = 51;
const WITHIN_MS = 30_000;
/** An engine that is busy beyond measure still answers this at once: it looks at nothing for it. */
const PING_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 1000;

/**
 * A small client of the Docker Engine's API over its Unix socket, or TCP in a network that is trusted. Ours rather than a library:
 * seven calls are needed, each without retries, because a call that starts a program must never be repeated; the usual library brings
 * ssh, gRPC and tar along. Each call has a connection of its own, so that none fails for one that had gone stale.
 */
export class DockerEngine {
  private readonly place: RequestOptions;
  private known: Promise<EngineFacts & { prefix: string }> | null = null;
  private silentMs: number | null = null;
  private readonly pulse = new EnginePulse(() => this.ping());

  /** @param address `unix:///path` or `tcp://host:port`. */
  constructor(readonly address: string) {
    const { protocol, pathname, hostname, port } = new URL(address);
    this.place = protocol === 'unix:' ? { socketPath: decodeURIComponent(pathname) } : { host: hostname, port: port || 2375 };
  }

  /** Null for one behind TCP. */
  get socketPath(): string | null {
    return this.place.socketPath ?? null;
  }

  /** False from the first failure of a connection on until an answer comes; asking this looks for one now and then. */
  get answers(): boolean {
    if (this.silentMs === null) return true;
    if (performance.now() - this.silentMs >= LOOK_AGAIN_MS) {
      this.silentMs = performance.now();
      void this.know().catch(() => undefined);
    }
    return false;
  }

  /** @throws DockerSilence. */
  async facts(): Promise<EngineFacts> {
    return this.know();
  }

  /** Answer as JSON; null for none. @throws DockerRefusal, DockerSilence. */
  async call<Answer = unknown>(method: string, path: string, question: Question = {}): Promise<Answer> {
    const { prefix } = await this.know();
    return (await this.ask(method, prefix + path, question)).body as Answer;
  }

  /** An answer piece by piece, as it comes. @throws DockerRefusal, DockerSilence; an error of the connection when the engine cut it off. */
  async *stream(path: string, query: Record<string, string | number>, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { prefix } = await this.know();
    const { answer, end } = await this.send('GET', prefix + path, { query, signal, withinMs: 0 });
    if (answer.statusCode !== 200) throw new DockerRefusal(answer.statusCode ?? 0, messageOf(await this.readAll(answer, signal)));
    try {
      yield* answer as AsyncIterable<Buffer>;
    } catch (error) {
      // An answer that we gave up looks like one that was cut off.
      throw end.aborted && !signal.aborted ? this.silence(end.reason) : error;
    }
  }

  private know(): Promise<EngineFacts & { prefix: string }> {
    if (this.known) return this.known;
    const known = this.look();
    this.known = known;
    known.catch(() => this.forget(known));
    return known;
  }

  /** After a failure another engine may answer at the same address. */
  private forget(known: unknown): void {
    if (this.known === known) this.known = null;
  }

  private ping() {
    return this.ask('GET', '/_ping', { withinMs: PING_WITHIN_MS, isPing: true });
  }

  private async look(): Promise<EngineFacts & { prefix: string }> {
    const { headers } = await this.ping();
    const minor = /^1\.(\d+)$/.exec(String(headers['api-version']))?.[1];
    const prefix = minor === undefined ? '' : `/v1.${Math.min(Number(minor), NEWEST_MINOR)}`;
    const { body } = await this.ask('GET', `${prefix}/info`, {});
    const info = body as { ID: string; Name: string; NCPU: number; ServerVersion: string; DockerRootDir?: string };
    const rootFolder = info.DockerRootDir ?? null;
    return { prefix, identity: `${info.ID}@${info.Name}`, cpus: info.NCPU, version: info.ServerVersion, rootFolder };
  }

  private async ask(method: string, path: string, question: Question) {
    const { answer } = await this.send(method, path, question);
    const text = await this.readAll(answer, question.signal);
    this.silentMs = null;
    const status = answer.statusCode ?? 0;
    // 304: it is so already.
    if (status >= 400) throw new DockerRefusal(status, messageOf(text));
    return { headers: answer.headers, body: asJson(text) };
  }

  private send(method: string, path: string, question: Question): Promise<{ answer: IncomingMessage; end: AbortSignal }> {
    const { query, body, signal, withinMs = WITHIN_MS, isPing = false } = question;
    const words = new URLSearchParams(
      Object.entries(query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const watch = isPing ? null : this.pulse.watch();
    const limits = withinMs > 0 ? [AbortSignal.timeout(withinMs)] : [];
    const end = AbortSignal.any([...limits, ...(watch ? [watch.signal] : []), ...(signal ? [signal] : [])]);
    return new Promise((resolve, reject) => {
      const options = { ...this.place, method, path: words ? `${path}?${words}` : path, headers, agent: false, signal: end } as const;
      const asked = request(options, (answer) => resolve({ answer, end }));
      // After an error too.
      asked.on('close', () => watch?.end());
      // One that we gave up ourselves says nothing of the engine.
      asked.on('error', (error) => reject(signal?.aborted ? error : this.silence(error)));
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  private async readAll(answer: IncomingMessage, signal?: AbortSignal): Promise<string> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of answer) chunks.push(chunk as Buffer);
    } catch (error) {
      throw signal?.aborted ? error : this.silence(error);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /** What any failure of a connection means. */
  silence(error: unknown): DockerSilence {
    this.known = null;
    this.silentMs = performance.now();
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = (error as Error).name === 'TimeoutError' || code === 'ABORT_ERR' ? 'no answer in time' : (message ?? String(error));
    return new DockerSilence(`${this.address}: ${reason}`, { cause: error });
  }
}

/** For what may be so already, or gone. */
export function ignoreRefusal(error: unknown): void {
  if (!(error instanceof DockerRefusal)) throw error;
}

function asJson(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(text: string): string {
  const { message } = (asJson(text) ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : text.trim();
}
