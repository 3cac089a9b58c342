import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 15_000;
const LONGEST_PAUSE_MS = 100;

/** MariaDB undid the statement (deadlock, lock wait timeout, row changed since the snapshot); asking again is the cure. */
const PASSING_NUMBERS = new Set([1213, 1205, 1020]);

/**
 * Repeats one statement while another process holds what it needs. SQLite refuses after 200 ms, because longer waiting blocks the event
 * loop; the rest of the patience is here, with jitter.
 */
export async function repeatWhileBusy<Result>(work: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await sleep(1 + Math.random() * LONGEST_PAUSE_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  const isSqliteBusy = typeof code === 'string' && (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED');
  return isSqliteBusy || PASSING_NUMBERS.has(Number(errno));
}
