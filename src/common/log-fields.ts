/**
 * What the lines of a log are about: the request or the run for which work goes on. It travels with the asynchronous work, so that whoever
 * writes a line need not know.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface LogFields {
  /** As in the answer's X-Request-Id. */
  request?: string;
  /** Number of a run. */
  run?: number;
}

const place = new AsyncLocalStorage<() => LogFields>();

export function logFields(): LogFields {
  return place.getStore()?.() ?? {};
}

/** Does the work, and all that it sets going, under these fields. @param fields asked for each line: a request learns of its run late. */
export function withLogFields<Result>(fields: () => LogFields, work: () => Result): Result {
  return place.run(fields, work);
}
