import { request as httpRequest } from 'node:http';
import type { TestAnswer, TestBrowser } from './web-app';

export interface TusOptions {
  /** Pairs of `Upload-Metadata` beside the name; values are encoded here. */
  metadata?: Record<string, string>;
  /** Sent with the creation. */
  content?: Buffer | string;
  headers?: Record<string, string>;
}

/** A client of the upload protocol that does exactly what a test tells it: one request a call. */
export class TusClient {
  private token: string | undefined;

  constructor(
    private readonly browser: TestBrowser,
    private readonly projectId: string,
  ) {}

  get endpoint(): string {
    return `/projects/${this.projectId}/uploads`;
  }

  /** Announces a file. @param length as the header says it. */
  async create(name: string, length: number | string, { metadata = {}, content, headers = {} }: TusOptions = {}): Promise<TestAnswer> {
    const all = { filename: name, ...metadata };
    return this.ask(this.endpoint, 'POST', content, {
      'upload-length': String(length),
      'upload-metadata': encodeMetadata(all),
      ...(content === undefined ? {} : { 'content-type': 'application/offset+octet-stream' }),
      ...headers,
    });
  }

  /** Announces a file that must be accepted. @returns its address. */
  async begin(name: string, length: number, options: TusOptions = {}): Promise<string> {
    const answer = await this.create(name, length, options);
    if (answer.status !== 201 || answer.location === undefined) throw new Error(`${name}: ${answer.status} ${answer.body}`);
    return answer.location;
  }

  append(address: string, offset: number | string, content: Buffer | string, headers: Record<string, string> = {}): Promise<TestAnswer> {
    const type = { 'content-type': 'application/offset+octet-stream' };
    return this.ask(address, 'PATCH', content, { 'upload-offset': String(offset), ...type, ...headers });
  }

  look(address: string): Promise<TestAnswer> {
    return this.ask(address, 'HEAD');
  }

  end(address: string): Promise<TestAnswer> {
    return this.ask(address, 'DELETE');
  }

  async ask(address: string, method: string, body?: Buffer | string, headers: Record<string, string> = {}): Promise<TestAnswer> {
    return this.browser.send(address, {
      method,
      headers: { ...(await this.headers()), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** What every request carries. */
  async headers(): Promise<Record<string, string>> {
    this.token ??= await this.browser.token('/projects');
    return { 'tus-resumable': '1.0.0', accept: 'application/json', 'x-csrf-token': this.token };
  }
}

export function encodeMetadata(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name} ${Buffer.from(value, 'utf8').toString('base64')}`)
    .join(',');
}

/** The key of the sentence with which our own code refused. */
export function refusal({ body }: TestAnswer): string | undefined {
  try {
    return (JSON.parse(body) as { error?: { key?: string } }).error?.key;
  } catch {
    return undefined;
  }
}

/** A PATCH whose body a test sends piece by piece. */
export interface SlowAppend {
  /** Resolves when the piece has left. */
  write(piece: Buffer | string): Promise<void>;
  /** All has been sent. */
  end(): void;
  /** Closes the connection in the middle. */
  hangUp(): void;
  /** Undefined when the connection broke before an answer came. */
  answer: Promise<{ status: number; offset: number } | undefined>;
}

/** @param length of the whole body, as the header says it. */
export async function slowAppend(
  browser: TestBrowser,
  client: TusClient,
  address: string,
  offset: number,
  length: number,
): Promise<SlowAppend> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const request = httpRequest({
    host: '127.0.0.1',
    port: browser.port,
    path: address,
    method: 'PATCH',
    agent: false,
    headers: {
      ...(await client.headers()),
      host: `localhost:${browser.port}`,
      origin: browser.origin,
      cookie,
      'content-type': 'application/offset+octet-stream',
      'content-length': length,
      'upload-offset': offset,
    },
  });
  const answer = new Promise<{ status: number; offset: number } | undefined>((resolve) => {
    request.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, offset: Number(response.headers['upload-offset']) });
    });
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
  request.flushHeaders();
  return {
    write: (piece) => new Promise((resolve, reject) => request.write(piece, (error) => (error ? reject(error) : resolve()))),
    end: () => void request.end(),
    hangUp: () => void request.destroy(),
    answer,
  };
}
