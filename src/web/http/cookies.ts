import type { CookieOptions, Request, Response } from 'express';
import { basePathOf } from './addresses';
import { isKey } from '../../common/keys';

/** The cookies of Showrunner. Under a path their names stay apart by their `Path`. */
export const COOKIES = {
  session: 'showrunner_session',
  /** Key of a guest's space. */
  guest: 'showrunner_guest',
  /** Random name of a browser without session, to which the tokens of its forms are bound. */
  visitor: 'showrunner_visitor',
  /** Secrets of links to runs and projects of others, by which this browser came in. */
  shares: 'showrunner_shares',
  /** A log-in that goes on at the OpenID Connect provider; sealed. */
  oidc: 'showrunner_oidc',
  /** Whom the institute has shown to us, until it is said which account is theirs; sealed. */
  joining: 'showrunner_joining',
  theme: 'showrunner_theme',
  /** Tag of the language that a person chose. */
  language: 'showrunner_language',
  /** How files are shown: `grid`; a table without it. */
  layout: 'showrunner_layout',
} as const;

/** What all our cookies have in common: out of reach of scripts and of other sites' forms; `Secure` under an https PUBLIC_URL. */
export function cookieOptions(response: Response): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', path: basePathOf(response) || '/', secure: response.req.secure };
}

/** The value of a cookie, or undefined. */
export function readCookie(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** A cookie that must be one of our random keys of 256 bits. */
export function readKeyCookie(request: Request, name: string): string | undefined {
  const value = readCookie(request, name);
  return value !== undefined && isKey(value) ? value : undefined;
}
