import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { AppConfig } from '../../common/config/app-config';
import { FactsRepository } from '../../common/database/facts.repository';
import { ForbiddenError } from '../../common/errors';
import { cookieOptions, COOKIES, readKeyCookie } from './cookies';
import { isBackChannel } from './back-channel';
import { isForPrograms } from './tokens/api-path';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function changesSomething(request: Request): boolean {
  return !SAFE_METHODS.has(request.method);
}

/**
 * First wall: the browser itself says where a form was. `Sec-Fetch-Site` where it is sent (https, localhost); on plain http browsers
 * send only `Origin`, which must be the address that was asked, or PUBLIC_URL where a proxy changes the Host. `Origin: null`
 * (sandboxed pages) and silence are refused: every browser of the last years sends one of the two with a form. Programs are silent.
 */
export function checkOrigin(config: AppConfig): RequestHandler {
  const publicOrigin = config.settings.PUBLIC_URL === undefined ? undefined : new URL(config.settings.PUBLIC_URL).origin;
  return (request: Request, _response: Response, next: NextFunction) => {
    if (!changesSomething(request) || comesFromHere(request, publicOrigin)) return next();
    if ((isForPrograms(request) || isBackChannel(request)) && comesFromNoPage(request)) return next();
    next(new ForbiddenError('errors.crossSite'));
  };
}

function comesFromNoPage({ headers }: Request): boolean {
  return headers.origin === undefined && headers['sec-fetch-site'] === undefined;
}

function comesFromHere(request: Request, publicOrigin: string | undefined): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = request.headers.origin;
  if (origin === undefined || !URL.canParse(origin)) return false;
  return origin === publicOrigin || new URL(origin).host === request.host?.toLowerCase();
}

/**
 * Second wall: a token in every form that only a page of ours can know, bound to the session, or to a random cookie of browsers
 * without one. It holds where an old proxy strips the headers above, and against other applications on the same host.
 */
@Injectable()
export class CsrfTokens {
  private key: Promise<string> | undefined;

  constructor(private readonly facts: FactsRepository) {}

  /** Reads the signing key, so that pages need no wait. */
  async prepare(): Promise<(request: Request, response: Response) => string> {
    this.key ??= this.facts.signingKey();
    const key = await this.key;
    return (request, response) => sign(key, bindingOf(request) ?? newVisitor(response));
  }

  /**
   * For routes that read their body themselves: call it with the `_csrf` field before anything is kept.
   * @throws ForbiddenError when the token is missing, or belongs to another session.
   */
  async verify(request: Request, token: unknown): Promise<void> {
    this.key ??= this.facts.signingKey();
    const binding = bindingOf(request);
    const given = Buffer.from(typeof token === 'string' ? token : '');
    const wanted = Buffer.from(sign(await this.key, binding ?? ''));
    if (binding === undefined || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      throw new ForbiddenError('errors.staleForm');
    }
  }
}

function bindingOf(request: Request): string | undefined {
  if (request.user) return `session:${request.sessionID}`;
  const visitor = readKeyCookie(request, COOKIES.visitor);
  return visitor === undefined ? undefined : `visitor:${visitor}`;
}

function newVisitor(response: Response): string {
  const visitor = randomBytes(32).toString('base64url');
  if (!response.headersSent) response.cookie(COOKIES.visitor, visitor, cookieOptions(response));
  return `visitor:${visitor}`;
}

function sign(key: string, binding: string): string {
  return createHmac('sha256', key).update(`csrf:${binding}`).digest('base64url');
}
