import { isRemote } from '../queue/choose-runs';
import type { Run } from '../queue/run.entity';

/** A program that is asked to end gets STOP_GRACE and usually needs less. */
const STOPPING_MS = 5000;
/** Below this a share of the work tells too little of the rest. */
const LEAST_PERCENT = 5;
/** What takes longer than its like goes on for a while, the longer it has taken the longer. */
const OVERDUE_SHARE = 0.1;

/**
 * When a held run will probably free its place, by what runs of its pipeline usually take, else by its own progress.
 * @param typical seconds; undefined when its pipeline has no history.
 * @returns milliseconds since 1970; Infinity where nobody can tell.
 */
export function expectedEnd(run: Run, typical: number | undefined, nowMs: number): number {
  if (run.state === 'unknown') return Infinity;
  if (run.state === 'stopping') return nowMs + STOPPING_MS;
  if (run.state === 'starting') return typical === undefined ? Infinity : nowMs + typical * 1000;
  const begunMs = run.begunMs ?? (isRemote(run.engine) && run.engineNote !== null ? null : run.startedMs);
  if (begunMs === null) return Infinity;
  const elapsedMs = Math.max(0, nowMs - begunMs);
  const leftMs = typical === undefined ? leftByProgress(run, elapsedMs) : Math.max(typical * 1000 - elapsedMs, elapsedMs * OVERDUE_SHARE);
  if (leftMs === Infinity) return Infinity;
  return nowMs + Math.min(leftMs, Math.max(0, run.timeLimitSeconds * 1000 - elapsedMs));
}

/** @returns Infinity when nothing is known; a time limit is no guess. */
function leftByProgress({ progress }: Run, elapsedMs: number): number {
  return progress === null || progress < LEAST_PERCENT ? Infinity : (elapsedMs * (100 - progress)) / progress;
}
