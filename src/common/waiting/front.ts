import type { Run } from '../queue/run.entity';
import { startAtFront, type ExpectedStart, type Forecast } from './forecast';
import type { Situation } from './situation';

/** In a longer line nobody is tried: whoever goes before so many others gains by it. */
const MOST_TRIED = 100;

/**
 * Whether a queued run would start earlier if it went before all others. It would not where nothing can take it, where it starts next
 * anyway, and where it waits for something that no other waiting run would take before it.
 * @param starts those of the forecast of this situation.
 */
export function gainsAtFront(run: Run, situation: Situation, { starts }: Pick<Forecast, 'starts'>): boolean {
  const now = starts.get(run.id);
  if (now === undefined || now.isAtOnce || now.position === 1) return false;
  if (situation.queued.length > MOST_TRIED) return true;
  const first = startAtFront(situation, run);
  return first !== undefined && isEarlier(first, now);
}

/** What is expected at the same moment, or at one that nobody knows, is told apart by its place. */
function isEarlier(one: ExpectedStart, other: ExpectedStart): boolean {
  const [oneMs, otherMs] = [one.atMs ?? Infinity, other.atMs ?? Infinity];
  return oneMs === otherMs ? one.position < other.position : oneMs < otherMs;
}
