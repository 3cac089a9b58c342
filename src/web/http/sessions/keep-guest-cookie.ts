import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { COOKIES, cookieOptions, readKeyCookie } from '../cookies';

const DAY_MS = 86_400_000;

/** Gives the browser the key of a guest's space, for as long as the space lives. */
export function setGuestCookie(response: Response, key: string, days: number): void {
  response.cookie(COOKIES.guest, key, { ...cookieOptions(response), maxAge: days * DAY_MS });
}

/**
 * A guest space lives some days after its last use; the key in the browser must not end before it. Renewed with the idle time of the
 * session, so only once in a while.
 */
export function keepGuestCookie(days: number): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (request.user?.kind === 'guest' && request.session.stored?.extend) {
      const key = readKeyCookie(request, COOKIES.guest);
      if (key !== undefined) setGuestCookie(response, key, days);
    }
    next();
  };
}
