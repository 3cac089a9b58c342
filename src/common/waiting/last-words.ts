import { formatList } from '../../locales/formats';
import { text } from '../../locales/text';
import type { RunnerStanding } from '../queue/runners.repository';
import { isDrained } from './situation';

/** A moment after the words that say what happened then. */
export interface Since {
  words: string;
  /** Milliseconds since 1970. */
  atMs: number;
}

/** Runners that were drained within this time of one another were drained together. */
const TOGETHER_MS = 3_600_000;

/**
 * How the runners came to be gone, as far as the last of them tells.
 * @param last the one that was heard last; null: there never was one.
 * @param gone all that are gone with it.
 * @param tellsWho whether the reader may know who drained them.
 */
export function lastWords(last: RunnerStanding | null, gone: readonly RunnerStanding[], tellsWho: boolean): Since | null {
  if (last === null) return null;
  const { name, beatMs, stopped } = last;
  if (!isDrained(last)) return { words: text(stopped ? 'queue.lastStopped' : 'queue.lastSign', { name }), atMs: beatMs };
  const toldMs = last.modeMs ?? beatMs;
  const together = gone.filter((one) => isDrained(one) && Math.abs((one.modeMs ?? 0) - toldMs) <= TOGETHER_MS).map((one) => one.name);
  const values = { list: formatList(together), count: together.length, by: last.modeBy ?? '' };
  return { words: text(tellsWho && last.modeBy !== null ? 'queue.drainedBy' : 'queue.drained', values), atMs: toldMs };
}

/** Since when a single runner that lives takes nothing; null where it does not matter, or is not known. */
export function modeSince(runners: readonly RunnerStanding[], tellsWho: boolean): Since | null {
  const [{ mode, modeMs, modeBy }] = runners;
  if (runners.length > 1 || mode === 'active' || modeMs === null) return null;
  if (tellsWho && modeBy !== null)
    return { words: text(mode === 'paused' ? 'queue.pausedBy' : 'queue.drainingBy', { by: modeBy }), atMs: modeMs };
  return { words: text(mode === 'paused' ? 'queue.pausedSince' : 'queue.drainingSince'), atMs: modeMs };
}
