import { lookup as lookUpByDns, type LookupAddress } from 'node:dns';
import { request as requestByHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestByHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Injectable, Optional } from '@nestjs/common';
import { text } from '../../locales/text';
import { AppConfig } from '../config/app-config';
import { InvalidInputError } from '../errors';
import { NetworkRules } from './network-rules';

/** What came back. */
export interface WebhookAnswer {
  status: number;
  tookMs: number;
}

/** Finds the addresses of a name; that of Node unless a test has its own. */
export abstract class NameLookup {
  abstract find(name: string, found: (error: Error | null, addresses: LookupAddress[]) => void): void;
}

const WHOLE_MS = 10_000;
/** Longest time that one try takes; a claim lasts longer than that. */
export const LONGEST_TRY_SECONDS = WHOLE_MS / 1000;
const MOST_ANSWER_BYTES = 64 * 1024;
const LONGEST_URL = 1000;

/**
 * Sends a message to an address of the world. Whom it speaks to is decided by the address of the very connection: a name is resolved once,
 * for it, so that nothing can change between the look and the call. Redirects are not followed, answers are not read.
 */
@Injectable()
export class WebhookTransport {
  private readonly rules: NetworkRules;

  constructor(
    config: AppConfig,
    @Optional() private readonly names: NameLookup = new DnsLookup(),
  ) {
    this.rules = new NetworkRules(config.settings.WEBHOOK_NETWORKS);
  }

  /**
   * @returns the address as it is stored.
   * @throws InvalidInputError for the field `url`: it is none, leads nowhere, or to where nothing may be sent.
   */
  async check(entered: string): Promise<string> {
    const url = parseUrl(entered);
    const host = hostOf(url);
    const addresses = isIP(host) > 0 ? [{ address: host }] : await this.resolve(host);
    if (addresses.length === 0) throw new InvalidInputError('webhooks.hostUnknown', { host }, 'url');
    if (!addresses.some(({ address }) => this.rules.allows(address))) throw new InvalidInputError('webhooks.hostClosed', { host }, 'url');
    return url.href;
  }

  /** @throws Error with a sentence for the log of deliveries. */
  async send(address: string, headers: Readonly<Record<string, string>>, body: string): Promise<WebhookAnswer> {
    const url = parseUrl(address);
    const host = hostOf(url);
    if (isIP(host) > 0 && !this.rules.allows(host)) throw closedError(host);
    const begin = performance.now();
    const status = await this.exchange(url, { ...headers, 'content-length': String(Buffer.byteLength(body)) }, body);
    return { status, tookMs: Math.round(performance.now() - begin) };
  }

  private exchange(url: URL, headers: Record<string, string>, body: string): Promise<number> {
    const options: RequestOptions = {
      method: 'POST',
      headers,
      // A connection for each message: one that is kept open would be to an address that was looked at long ago.
      agent: false,
      lookup: this.openOnly,
      signal: AbortSignal.timeout(WHOLE_MS),
    };
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? requestByHttps : requestByHttp)(url, options, (answer) => {
        drain(answer, () => request.destroy());
        resolve(answer.statusCode ?? 0);
      });
      request.on('socket', (socket) =>
        socket.once('connect', () => {
          const { remoteAddress = '' } = socket;
          if (!this.rules.allows(remoteAddress)) request.destroy(closedError(remoteAddress));
        }),
      );
      request.on('error', (error) => reject(inWords(error)));
      request.end(body);
    });
  }

  /** Gives a connection only what it may connect to. */
  private readonly openOnly: LookupFunction = (name, options, found) => {
    this.names.find(name, (error, addresses) => {
      const open = addresses.filter(({ address }) => this.rules.allows(address));
      if (error || open.length === 0) return found(error ?? closedError(name), '', 4);
      if (options.all) return found(null, open);
      return found(null, open[0].address, open[0].family);
    });
  };

  private resolve(host: string): Promise<LookupAddress[]> {
    return new Promise((resolve) => this.names.find(host, (error, addresses) => resolve(error ? [] : addresses)));
  }
}

class DnsLookup extends NameLookup {
  find(name: string, found: (error: Error | null, addresses: LookupAddress[]) => void): void {
    lookUpByDns(name, { all: true }, (error, addresses) => found(error, addresses ?? []));
  }
}

/** Read as browsers do, so that `http://0x7f.1/` is what it is. */
function parseUrl(entered: string): URL {
  const url = URL.canParse(entered.trim()) ? new URL(entered.trim()) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || !isWeb || url.hostname === '' || url.href.length > LONGEST_URL)
    throw new InvalidInputError('webhooks.urlBad', { most: LONGEST_URL }, 'url');
  if (url.username !== '' || url.password !== '') throw new InvalidInputError('webhooks.urlWithPassword', {}, 'url');
  url.hash = '';
  return url;
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function closedError(host: string): Error {
  return new Error(text('webhooks.failureClosed', { host }));
}

/** The status is all that counts; an answer that goes on for ever is hung up on. */
function drain(answer: IncomingMessage, hangUp: () => void): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) hangUp();
  });
  answer.on('error', () => undefined);
}

function inWords(error: Error): Error {
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return new Error(text('webhooks.failureSlow', { seconds: LONGEST_TRY_SECONDS }));
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new Error(text('webhooks.failureName'));
  if (code === 'ECONNREFUSED') return new Error(text('webhooks.failureRefused'));
  return error;
}
