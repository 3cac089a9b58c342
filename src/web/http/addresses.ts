import type { Request, Response } from 'express';

const SOMEWHERE = 'http://showrunner.invalid';
const LONGEST = 2000;

/** Answers a form: 303 to a page of ours. @param path path below the base path, with its query: `/runs/12`. */
export function redirect(response: Response, path: string): void {
  response.redirect(303, `${basePathOf(response)}${path}`);
}

/** '' or '/showrunner': what stands before every path that a browser sees. */
export function basePathOf({ app }: Request | Response): string {
  return app.locals.basePath;
}

/** Path and query of a request without the base path: what `next` fields carry. */
export function currentPath(request: Request): string {
  return request.originalUrl.slice(basePathOf(request).length) || '/';
}

/**
 * The page to go on to after a log-in, as far as it is one of ours. Other hosts (`//evil`, `/\evil`, `/.//evil`), schemes and
 * nonsense lead to the fallback, and so do the log-in pages themselves.
 * @param asked what came with the request; anything. @returns path and query below the base path.
 */
export function safePath(asked: unknown, fallback = '/'): string {
  if (typeof asked !== 'string' || asked.length > LONGEST || !asked.startsWith('/')) return fallback;
  if (!URL.canParse(asked, SOMEWHERE)) return fallback;
  const url = new URL(asked, SOMEWHERE);
  const path = `${url.pathname}${url.search}`;
  if (url.origin !== SOMEWHERE || path.startsWith('//') || /^\/(login|signup|logout|guest)(\/|\?|$)/.test(path)) return fallback;
  return path;
}

/** Of the network, as people know it: an IPv4 address that came over a socket of IPv6 is one of IPv4; '' for an unknown one. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}
