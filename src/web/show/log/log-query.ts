import { InvalidInputError } from '../../../common/errors';
import type { Run } from '../../../common/queue/run.entity';
import type { LogKey } from './log-file';
import type { Sought } from './log-search';
import type { Place } from './run-log';

/** What stands behind the question mark of the log's addresses, as it came. */
export type Query = Record<string, unknown>;

/** @throws InvalidInputError for an attempt that never was. */
export function logKeyOf(run: Pick<Run, 'id' | 'attempt'>, query: Query): LogKey {
  const attempt = wholeNumber(query, 'attempt') ?? run.attempt;
  if (attempt > run.attempt) throw new InvalidInputError('log.noSuchAttempt');
  return { runId: run.id, attempt };
}

/** `at` and `before` are bytes, `line` counts from 1; without any of them the end. */
export function placeOf(query: Query): Place {
  const at = wholeNumber(query, 'at');
  const before = wholeNumber(query, 'before');
  const line = wholeNumber(query, 'line');
  if ([at, before, line].filter((value) => value !== undefined).length > 1) throw new InvalidInputError('errors.badRequest');
  if (at !== undefined) return { kind: 'at', byte: at };
  if (before !== undefined) return { kind: 'before', byte: before };
  return line === undefined ? { kind: 'end' } : { kind: 'line', line: Math.max(1, line) };
}

/** Whether one row is wanted in all its width; it needs a place. */
export function isWhole(query: Query): boolean {
  return query['whole'] !== undefined && query['at'] !== undefined;
}

/** Null without words. */
export function soughtOf(query: Query): Sought | null {
  if (query['errors'] !== undefined) return { kind: 'errors' };
  const words = query['q'];
  if (words === undefined || words === '') return null;
  if (typeof words !== 'string') throw new InvalidInputError('errors.badRequest');
  return { kind: query['expression'] === undefined ? 'words' : 'expression', words };
}

/** Undefined where it is absent or empty, as an empty field of a form is. */
export function wholeNumber(query: Query, name: string): number | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw new InvalidInputError('errors.badRequest');
  return Number(value);
}
