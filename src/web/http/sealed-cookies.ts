import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { FactsRepository } from '../../common/database/facts.repository';
import { type COOKIES, cookieOptions, readCookie } from './cookies';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Browsers keep 4096 bytes of one cookie. */
const MOST_CHARACTERS = 3800;

/** Cookies that a browser keeps for a while and can neither read, change nor make: for what is about to happen in it, and nowhere else. */
@Injectable()
export class SealedCookies {
  constructor(private readonly facts: FactsRepository) {}

  /** @param value anything that JSON can say, of at most about 2500 characters. */
  async set(response: Response, name: CookieName, value: unknown, seconds: number): Promise<void> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, await this.key(), nonce).setAAD(Buffer.from(name));
    const plain = JSON.stringify({ untilMs: Date.now() + seconds * 1000, value });
    const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
    if (sealed.length > MOST_CHARACTERS) throw new Error(`The cookie ${name} would be too long`);
    response.cookie(name, sealed, { ...cookieOptions(response), maxAge: seconds * 1000 });
  }

  /** @returns null when there is none, its time is over, or it is none of ours. */
  async read<Value>(request: Request, name: CookieName): Promise<Value | null> {
    const sealed = Buffer.from(readCookie(request, name) ?? '', 'base64url');
    if (sealed.length <= NONCE_BYTES + TAG_BYTES) return null;
    const decipher = createDecipheriv(CIPHER, await this.key(), sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(name))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      const { untilMs, value } = JSON.parse(plain.toString('utf8')) as { untilMs: number; value: Value };
      return untilMs > Date.now() ? value : null;
    } catch {
      return null;
    }
  }

  clear(response: Response, name: CookieName): void {
    response.clearCookie(name, cookieOptions(response));
  }

  private async key(): Promise<Buffer> {
    return createHmac('sha256', await this.facts.signingKey())
      .update('sealed-cookie')
      .digest();
  }
}

type CookieName = (typeof COOKIES)[keyof typeof COOKIES];
