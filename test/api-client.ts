import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { ApiTokens } from '../src/common/api-tokens/api-tokens';
import { TOKEN_SCOPES, type TokenScope } from '../src/common/api-tokens/token-scopes';
import { UsersRepository } from '../src/common/users/users.repository';
import type { TestWebApp } from './web-app';

export interface ApiAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Of a JSON answer; undefined otherwise. */
  json: never;
}

export interface ApiRequest {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, with a type of its own among the headers. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

/** A program: asks with a token, or without one. */
export class ApiClient {
  constructor(
    private readonly port: number,
    readonly token: string | null,
    private readonly basePath = '',
  ) {}

  get(path: string, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    return this.ask('GET', path, { headers });
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    return this.ask('POST', path, { body, headers });
  }

  /** @param path below `/api/v1`. */
  ask(method: string, path: string, { body, raw, headers = {} }: ApiRequest = {}): Promise<ApiAnswer> {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const all = {
      host: `localhost:${this.port}`,
      accept: 'application/json',
      ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(sent === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent)) }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port: this.port, agent: false as const, setHost: false, method };
      const request = httpRequest({ ...to, path: `${this.basePath}/api/v1${path}`, headers: all }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString('utf8'))));
      });
      request.on('error', reject);
      request.end(sent);
    });
  }
}

function answerOf(status: number, headers: IncomingHttpHeaders, text: string): ApiAnswer {
  const isJson = /^application\/(problem\+)?json/.test(headers['content-type'] ?? '') && text !== '';
  return { status, headers, text, json: (isJson ? JSON.parse(text) : undefined) as never };
}

/** A program of somebody who has an account. */
export async function programOf(
  web: TestWebApp,
  email: string,
  scopes: readonly TokenScope[] = ['read', 'files', 'run'],
): Promise<ApiClient> {
  const person = await web.app.get(UsersRepository, { strict: false }).findByEmail(email);
  if (!person) throw new Error(`There is no ${email}`);
  const { key } = await web.app.get(ApiTokens, { strict: false }).make(person, { name: 'A test', scopes, days: 7 });
  return new ApiClient(web.port, key, web.database.config.basePath);
}

export const ALL_SCOPES = TOKEN_SCOPES;
