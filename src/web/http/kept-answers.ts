import type { Response } from 'express';

/**
 * Lets a browser keep an answer as long as the same person is logged in: whoever logs in next on that browser has another session cookie, for
 * which nothing is kept, and asks the server.
 * @param how long, as the value of Cache-Control without `private`.
 */
export function keepForThisSession(response: Response, how: string): void {
  response.set('Cache-Control', `private, ${how}`);
  response.vary('Cookie');
}
