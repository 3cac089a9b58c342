import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../errors';

const MOST_TRIES = 8;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;

/** Deadlock, lock wait timeout, row changed since the snapshot: the server undid the statement, and asking again is the cure. */
const REFUSALS = new Set([1213, 1205, 1020]);
/** Server shutting down, too many connections, connection killed, query interrupted by it. */
const AWAY_NUMBERS = new Set([1053, 1040, 1927, 1317, 2006, 2013]);
const AWAY_CODES = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'POOL_CLOSED_CONNECTION',
]);

/** What an earlier try of the same step left behind. */
export interface Try {
  /** The connection was lost under way: the earlier try may or may not have been carried out. */
  uncertain: boolean;
}

/**
 * Repeats a step that the server refused for a passing reason, or whose connection was lost. The work has to bear being asked twice.
 * @throws UnavailableError when the database stays away for about three seconds; the cause is the driver's error.
 */
export async function withRetries<Result>(work: (state: Try) => Promise<Result>): Promise<Result> {
  const state: Try = { uncertain: false };
  for (let count = 1; ; count += 1) {
    try {
      return await work(state);
    } catch (error) {
      const away = isAway(error);
      if (!away && !isRefusal(error)) throw error;
      if (count === MOST_TRIES) throw unavailable(error);
      state.uncertain ||= away;
      await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 3 ** (count - 1)) * (0.5 + Math.random()));
    }
  }
}

/** Whether the unique index refused a second row. */
export function isDuplicate(error: unknown): boolean {
  return numberOf(error) === 1062;
}

function isRefusal(error: unknown): boolean {
  return REFUSALS.has(numberOf(error));
}

function isAway(error: unknown): boolean {
  const { code, fatal } = error as { code?: unknown; fatal?: unknown };
  return fatal === true || AWAY_NUMBERS.has(numberOf(error)) || (typeof code === 'string' && AWAY_CODES.has(code));
}

function numberOf(error: unknown): number {
  return Number((error as { errno?: unknown } | null)?.errno);
}

function unavailable(cause: unknown): UnavailableError {
  return Object.assign(new UnavailableError('queue.databaseAway'), { cause });
}
