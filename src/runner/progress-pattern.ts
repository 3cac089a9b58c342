import { Script, createContext } from 'node:vm';

/** For one look; the pattern comes from a manifest, the lines from a program. */
const MATCH_WITHIN_MS = 100;

export interface Progress {
  percent: number | null;
  text: string | null;
}

const place = createContext({ source: '', lines: [] as string[], groups: null });
// The last line that matches. In a context of its own for the sake of the time limit: a pattern may backtrack without end.
const search = new Script(`
  groups = null;
  { const pattern = new RegExp(source, 'u');
    for (let at = lines.length - 1; at >= 0 && !groups; at -= 1) { const match = pattern.exec(lines[at]); if (match) groups = { ...match.groups }; } }
  groups && JSON.stringify(groups)`);

/**
 * The newest progress in some lines of a log, by a pattern with the groups `percent`, or `done` and `total`, and `text`.
 * @throws an error with the code ERR_SCRIPT_EXECUTION_TIMEOUT when the pattern takes too long.
 */
export function findProgress(pattern: string, lines: readonly string[]): Progress | null {
  place['source'] = pattern;
  place['lines'] = lines;
  const found = search.runInContext(place, { timeout: MATCH_WITHIN_MS }) as string | null;
  if (found === null) return null;
  const { percent, done, total, text } = JSON.parse(found) as Partial<Record<string, string>>;
  const share = percent === undefined ? (Number(done) / Number(total)) * 100 : Number(percent);
  return { percent: toPercent(share), text: text ?? null };
}

/** Within 0 and 100; null for what is no number. */
export function toPercent(share: number): number | null {
  return Number.isFinite(share) ? Math.min(100, Math.max(0, Math.round(share))) : null;
}
