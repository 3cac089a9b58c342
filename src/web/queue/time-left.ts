import type { Run } from '../../common/queue/run.entity';
import { estimateOf, runsSince, type Running } from '../../common/waiting/run-estimate';

/** When a running run will probably end, by the database's clock. */
export interface TimeLeft {
  /** Milliseconds since 1970. */
  endMs: number;
  /** From when on it takes longer than its like; null where its own progress tells the end. */
  lateMs: number | null;
  /** Since when it runs and how many percent of its work it has told, where its own progress tells the end. */
  pace: { sinceMs: number; percent: number } | null;
  /** At its pace its time limit ends it, at `endMs`. */
  isCutOff: boolean;
}

/** How much longer than usual still passes for usual. */
const LATE_SHARE = 1.25;
const LATE_MS = 5000;

/**
 * By its own progress, else by what runs of its pipeline usually take (see `estimateOf`).
 * @param typicalSeconds undefined when its pipeline has no history.
 * @returns null where nobody can tell: it does not run yet, or nothing is known.
 */
export function timeLeft(run: Running & Pick<Run, 'state'>, typicalSeconds: number | undefined, nowMs: number): TimeLeft | null {
  const estimate = run.state === 'running' ? estimateOf(run, typicalSeconds, nowMs) : null;
  const sinceMs = runsSince(run);
  if (estimate === null || sinceMs === null) return null;
  const { endMs, by, isCutOff } = estimate;
  if (by === 'history') return { endMs, lateMs: Math.round(sinceMs + (endMs - sinceMs) * LATE_SHARE + LATE_MS), pace: null, isCutOff };
  return { endMs, lateMs: null, pace: { sinceMs, percent: run.progress ?? 0 }, isCutOff };
}
