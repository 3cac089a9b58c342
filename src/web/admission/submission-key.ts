import { createHash, randomUUID } from 'node:crypto';
import { fieldText } from '../http/form';
import { isUuid } from '../http/ids';

/** A UUID that stands for some contents: the same again for the same, and hit by nobody who does not know them. */
export function submissionKey(contents: readonly unknown[]): string {
  const hex = createHash('sha256').update(JSON.stringify(contents)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/** The key that a form carries, by which a double click asks once; a new one where it has none. */
export function submissionOf(form: unknown): string {
  const submission = fieldText(form, 'submission');
  return isUuid(submission) ? submission : randomUUID();
}
