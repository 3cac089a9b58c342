import { isRemote } from '../../common/queue/choose-runs';
import type { Run } from '../../common/queue/run.entity';

/** When a running run will probably end, by the database's clock. */
export interface TimeLeft {
  /** Milliseconds since 1970. */
  endMs: number;
  /** From when on it takes longer than its like; null where its own progress tells the end. */
  lateMs: number | null;
}

type Running = Pick<Run, 'state' | 'engine' | 'engineNote' | 'startedMs' | 'begunMs' | 'progress'>;

/** Below these a program's own progress tells too little: programs load before they work, and percents are whole. */
const LEAST_PERCENT = 3;
const LEAST_MS = 10_000;
/** How much longer than usual still passes for usual. */
const LATE_SHARE = 1.25;
const LATE_MS = 5000;

/**
 * By the mean rate of its own progress, else by what runs of its pipeline usually take.
 * @param typicalSeconds undefined when its pipeline has no history.
 * @returns null where nobody can tell: it does not run yet, or nothing is known.
 */
export function timeLeft(run: Running, typicalSeconds: number | undefined, nowMs: number): TimeLeft | null {
  const sinceMs = run.state === 'running' ? runsSince(run) : null;
  if (sinceMs === null) return null;
  const elapsedMs = Math.max(0, nowMs - sinceMs);
  const { progress } = run;
  if (progress !== null && progress >= LEAST_PERCENT && elapsedMs >= LEAST_MS) {
    return { endMs: Math.round(nowMs + (elapsedMs * (100 - progress)) / progress), lateMs: null };
  }
  if (typicalSeconds === undefined) return null;
  const usualMs = typicalSeconds * 1000;
  return { endMs: sinceMs + usualMs, lateMs: Math.round(sinceMs + usualMs * LATE_SHARE + LATE_MS) };
}

/** Since when the program of a run runs, or ran; null while it waits in a cluster or for a launcher. */
export function runsSince({
  engine,
  engineNote,
  startedMs,
  begunMs,
}: Pick<Run, 'engine' | 'engineNote' | 'startedMs' | 'begunMs'>): number | null {
  return isRemote(engine) && engineNote !== null ? null : (begunMs ?? startedMs);
}
