import { createHash } from 'node:crypto';

/** A short name for elements of what has a long one: by it a fresh page is merged into an open one. */
export function elementKey(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 10);
}
