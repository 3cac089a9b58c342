import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SharesRepository } from '../../../common/shares/shares.repository';
import { COOKIES, cookieOptions, readCookie } from '../cookies';
import type { Grant } from './policy';
import { hashOfKey, isKey } from '../../../common/keys';

/** A browser remembers the latest; an older link is opened again by following it again. */
const MOST_REMEMBERED = 8;
const DAY_MS = 86_400_000;
const REMEMBERED_DAYS = 365;

/** Links to what belongs to others, by which a browser came in: their secrets lie in a cookie, and open as long as their rows say so. */
@Injectable()
export class Grants {
  constructor(private readonly shares: SharesRepository) {}

  /** Whether the browser has any, good or not; costs no query. */
  areBroughtBy(request: Request): boolean {
    return secretsOf(request).length > 0;
  }

  /** Those that still open something, read anew each time: a link that was taken back closes at once. */
  of(request: Request): Promise<Grant[]> {
    return this.shares.findLive(secretsOf(request).map(hashOfKey));
  }

  /** @returns what a secret opens, which the browser remembers from now on; null for nothing. */
  async enter(request: Request, response: Response, secret: string): Promise<Grant | null> {
    if (!isKey(secret)) return null;
    const [grant] = await this.shares.findLive([hashOfKey(secret)]);
    if (!grant) return null;
    const all = [...secretsOf(request).filter((one) => one !== secret), secret].slice(-MOST_REMEMBERED);
    response.cookie(COOKIES.shares, all.join('.'), { ...cookieOptions(response), maxAge: REMEMBERED_DAYS * DAY_MS });
    await this.shares.markOpened(grant.id);
    return grant;
  }
}

function secretsOf(request: Request): string[] {
  const secrets = (readCookie(request, COOKIES.shares) ?? '').split('.');
  return secrets.filter((secret) => isKey(secret)).slice(0, MOST_REMEMBERED);
}
