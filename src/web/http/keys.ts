import { createHash } from 'node:crypto';

/** What the database knows of a key that a browser or a link holds: whoever reads the table cannot use it. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

const KEY = /^[A-Za-z0-9_-]{43}$/;

/** Whether it looks like one of our random keys of 256 bits. */
export function isKey(text: string): boolean {
  return KEY.test(text);
}
