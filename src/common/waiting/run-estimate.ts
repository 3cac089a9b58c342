import { isRemote } from '../queue/choose-runs';
import type { Run } from '../queue/run.entity';

/** What of a run tells how long it has run and how far it is. */
export type Running = Pick<Run, 'engine' | 'engineNote' | 'startedMs' | 'begunMs' | 'progress' | 'timeLimitSeconds'>;

/** When a running run will probably end. */
export interface Estimate {
  /** Milliseconds since 1970, by the database's clock; never after its time limit. */
  endMs: number;
  /** By the mean rate of its own progress, or by what runs of its pipeline usually take. */
  by: 'progress' | 'history';
  /** It would take longer than its time limit lets it. */
  isCutOff: boolean;
}

/** Below these a program's own progress tells too little: programs load before they work, and percents are whole. */
const LEAST_PERCENT = 3;
const LEAST_MS = 10_000;
/** Progress and history contradict each other where one is past its half and the other is not half as far. */
const HALF = 50;
const MOST_APART = 2;

/**
 * A program's own progress goes before the history of its pipeline, as soon as it tells enough. Until then the history counts, unless
 * what the program has told so far contradicts it: then nobody can tell.
 * @param typicalSeconds undefined when its pipeline has no history.
 * @returns null where nobody can tell: it does not run yet, or nothing is known.
 */
export function estimateOf(run: Running, typicalSeconds: number | undefined, nowMs: number): Estimate | null {
  const sinceMs = runsSince(run);
  if (sinceMs === null) return null;
  const elapsedMs = Math.max(0, nowMs - sinceMs);
  const guess = guessOf(run.progress, typicalSeconds === undefined ? null : typicalSeconds * 1000, elapsedMs);
  if (guess === null) return null;
  const limitMs = run.timeLimitSeconds * 1000;
  return { endMs: sinceMs + Math.round(Math.min(guess.totalMs, limitMs)), by: guess.by, isCutOff: guess.totalMs > limitMs };
}

/** Since when the program of a run runs, or ran; null while it waits in a cluster or for a launcher. */
export function runsSince({ engine, engineNote, startedMs, begunMs }: Omit<Running, 'progress' | 'timeLimitSeconds'>): number | null {
  return isRemote(engine) && engineNote !== null ? null : (begunMs ?? startedMs);
}

/** How long it takes in all. @param usualMs what its like takes; null: unknown. */
function guessOf(progress: number | null, usualMs: number | null, elapsedMs: number): (Pick<Estimate, 'by'> & { totalMs: number }) | null {
  const history = usualMs === null || isContradicted(progress, (100 * elapsedMs) / usualMs) ? null : usualMs;
  if (progress !== null && progress >= LEAST_PERCENT && elapsedMs >= LEAST_MS) {
    // Its own count is through; only the history knows of work that comes after.
    if (progress === 100 && history !== null && history > elapsedMs) return { totalMs: history, by: 'history' };
    return { totalMs: (elapsedMs * 100) / progress, by: 'progress' };
  }
  return history === null ? null : { totalMs: history, by: 'history' };
}

/** @param usual percent that its like has done after the same time; more than 100 for one that takes longer. */
function isContradicted(progress: number | null, usual: number): boolean {
  if (progress === null) return false;
  const [less, more] = progress < usual ? [progress, usual] : [usual, progress];
  return more >= HALF && more > MOST_APART * (less + 1);
}
