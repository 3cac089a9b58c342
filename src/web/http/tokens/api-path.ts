import type { Request } from 'express';

/** What programs use begins with it, below the base path. */
export const API_PATH = '/api/v1';

const API = /^\/api(\/|$)/i;

/**
 * Whether a request is for programs: nobody is let in there by a cookie, and nothing leads to a page. Addresses of routes count in letters
 * of any size.
 */
export function isForPrograms({ path }: Pick<Request, 'path'>): boolean {
  return API.test(path);
}
