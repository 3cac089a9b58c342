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
