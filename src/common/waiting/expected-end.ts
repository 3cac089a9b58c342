import type { Run } from '../queue/run.entity';
import { estimateOf, runsSince } from './run-estimate';

/** A program that is asked to end gets STOP_GRACE and usually needs less. */
const STOPPING_MS = 5000;
/** What takes longer than its like goes on for a while, the longer it has taken the longer. */
const OVERDUE_SHARE = 0.1;

/**
 * When a held run will probably free its place.
 * @param typical seconds that runs of its pipeline usually take; undefined when it has no history.
 * @returns milliseconds since 1970; Infinity where nobody can tell. A time limit is no guess.
 */
export function expectedEnd(run: Run, typical: number | undefined, nowMs: number): number {
  if (run.state === 'unknown') return Infinity;
  if (run.state === 'stopping') return nowMs + STOPPING_MS;
  if (run.state === 'starting') return typical === undefined ? Infinity : nowMs + typical * 1000;
  const estimate = estimateOf(run, typical, nowMs);
  const sinceMs = runsSince(run);
  if (estimate === null || sinceMs === null) return Infinity;
  const overdueMs = estimate.by === 'history' ? nowMs + Math.max(0, nowMs - sinceMs) * OVERDUE_SHARE : nowMs;
  return Math.max(nowMs, Math.min(Math.max(estimate.endMs, overdueMs), sinceMs + run.timeLimitSeconds * 1000));
}
