import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { AppConfig } from '../src/common/config/app-config';
import { configureWeb } from '../src/web/configure-web';
import { WebModule } from '../src/web/web.module';
import { openTestDatabase, type TestDatabase } from './database';

export interface TestAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** Path of a redirect. */
  location: string | undefined;
}

export interface TestRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Takes the head of the answer and hangs up: for event streams, which never end. */
  headOnly?: boolean;
}

/** The web application as it ships, listening on a free port of the loopback, on a database of its own. */
export interface TestWebApp {
  app: NestExpressApplication;
  database: TestDatabase;
  port: number;
  /** A new browser without cookies. @param host as it is typed there. */
  browser(host?: string): TestBrowser;
  /** The same, behind a proxy that sends on the given path before each path. */
  browserBelow(prefix: string): TestBrowser;
  close(): Promise<void>;
}

/**
 * @param settings environment variables over those of the test database.
 * @param modules further modules, with routes that only a test needs.
 */
export async function startTestWebApp(settings: Record<string, string> = {}, modules: Type[] = []): Promise<TestWebApp> {
  const database = await openTestDatabase(settings);
  const testing = await Test.createTestingModule({ imports: [WebModule, ...modules] })
    .overrideProvider(AppConfig)
    .useValue(database.config)
    .compile();
  const app = testing.createNestApplication<NestExpressApplication>({
    bodyParser: false,
    logger: process.env['TEST_LOG'] ? ['debug', 'log', 'warn', 'error'] : false,
  });
  const close = async () => {
    await app.close();
    await database.close();
  };
  try {
    await configureWeb(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    database,
    port,
    browser: (host) => new TestBrowser(port, database.config.basePath, host),
    browserBelow: (prefix) => new TestBrowser(port, prefix),
    close,
  };
}

/** What stands in the `<main>` of a page. */
export function mainOf({ body }: TestAnswer): string {
  return /<main[^]*<\/main>/.exec(body)?.[0] ?? '';
}

let people = 0;

/**
 * A tiny browser: keeps cookies, sends the headers that browsers send on plain http (an Origin with forms, no Sec-Fetch), reads the
 * token of a page's form before it posts one, and does not follow redirects, so that tests can look at them.
 */
export class TestBrowser {
  readonly cookies = new Map<string, string>();
  /** A token holds as long as the cookies that it was given with. */
  private known: { cookies: string; token: string } | null = null;

  constructor(
    readonly port: number,
    readonly basePath = '',
    readonly host = `localhost:${port}`,
  ) {}

  get origin(): string {
    return `http://${this.host}`;
  }

  /** @param path below the base path, unless it carries it already. */
  async send(path: string, { method = 'GET', headers = {}, body, headOnly = false }: TestRequest = {}): Promise<TestAnswer> {
    const cookie = this.cookieHeader();
    const sent = {
      host: this.host,
      accept: 'text/html,application/xhtml+xml',
      ...(cookie === '' ? {} : { cookie }),
      ...(method === 'GET' || method === 'HEAD' ? {} : { origin: this.origin }),
      ...headers,
    };
    // An empty text leaves a header out.
    const kept = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== ''));
    const answer = await exchange({ port: this.port, path: `${this.basePath}${path}`, method, headers: kept }, body, headOnly);
    for (const line of answer.headers['set-cookie'] ?? []) this.keep(line);
    return { ...answer, location: answer.headers.location };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<TestAnswer> {
    return this.send(path, { headers });
  }

  /** Follows redirects by GET, at most five. */
  async visit(path: string): Promise<TestAnswer> {
    let answer = await this.get(path);
    for (let hops = 0; hops < 5 && answer.location !== undefined; hops += 1) answer = await this.get(this.below(answer.location));
    return answer;
  }

  /** Posts a form with the right token. @param page on which the form stands, read where no token is known; any page of this browser has one. */
  async postForm(
    path: string,
    fields: Record<string, string> | [string, string][] = {},
    { headers = {}, page = '/login' }: { headers?: Record<string, string>; page?: string } = {},
  ): Promise<TestAnswer> {
    const token = this.known?.cookies === this.cookieHeader() ? this.known.token : await this.token(page);
    const pairs: [string, string][] = [['_csrf', token], ...(Array.isArray(fields) ? fields : Object.entries(fields))];
    return this.postBody(path, new URLSearchParams(pairs).toString(), headers);
  }

  /** Posts a body as a form does, without adding a token. */
  postBody(path: string, body: string, headers: Record<string, string> = {}): Promise<TestAnswer> {
    return this.send(path, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body });
  }

  /** The token of the forms of a page (the frame has one on every page). */
  async token(page = '/login'): Promise<string> {
    const { body } = await this.visit(page);
    const token = /name="_csrf" value="([^"]+)"/.exec(body)?.[1];
    if (token === undefined) throw new Error(`No form with a token on ${page}`);
    this.known = { cookies: this.cookieHeader(), token };
    return token;
  }

  /** Makes an account and is logged in. @returns its address and password. */
  async signUp(email = `person-${(people += 1)}@example.org`, password = 'a few good words'): Promise<{ email: string; password: string }> {
    const answer = await this.postForm('/signup', { email, password });
    if (answer.status !== 303) throw new Error(`Sign-up of ${email} failed with ${answer.status}: ${answer.body.slice(0, 2000)}`);
    return { email, password };
  }

  /** Enters as guest. */
  async enterAsGuest(): Promise<void> {
    const answer = await this.postForm('/guest');
    if (answer.status !== 303) throw new Error(`Entering as guest failed with ${answer.status}`);
  }

  /** A path as `get` takes it, from a Location header. */
  below(location: string): string {
    return this.basePath !== '' && location.startsWith(this.basePath) ? location.slice(this.basePath.length) : location;
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const gone = attributes.some((attribute) => /^expires=thu, 01 jan 1970/i.test(attribute));
    if (gone) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

function exchange(
  asked: { port: number; path: string; method: string; headers: Record<string, string> },
  body: string | Buffer | undefined,
  headOnly: boolean,
): Promise<Omit<TestAnswer, 'location'>> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', agent: false, setHost: false, ...asked }, (response) => {
      if (headOnly) {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: '' });
        response.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}
