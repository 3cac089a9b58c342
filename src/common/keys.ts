import { createHash, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const KEY = /^[A-Za-z0-9_-]{43}$/;

/** A new random key of 256 bits, as it stands in cookies and links. */
export function newKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

/** What the database knows of a key that a browser or a link holds: whoever reads the table cannot use it. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Whether it looks like one of our random keys of 256 bits. */
export function isKey(text: string): boolean {
  return KEY.test(text);
}
