/**
 * The rank of a run tells two things in one number, so that one index serves both: its level, which goes before all fairness, and within
 * its level a place among the runs of the same person and pipeline. A run has rank 0 unless somebody moved it.
 */
export const LEVEL = 10_000;

/** Lower levels go before higher ones, whoever's they are. */
export function levelOf(rank: number): number {
  return Math.round(rank / LEVEL) + 0;
}

/** The rank in the middle of a level, where nobody was moved within a line. */
export function rankOfLevel(level: number): number {
  return level * LEVEL;
}

/** Whether two ranks lie in one level. */
export function isSameLevel(one: number, other: number): boolean {
  return levelOf(one) === levelOf(other);
}

/** Levels that fit into the column. */
const MOST_LEVELS = 200_000;

/** Whoever would go beyond the last level stays there. */
export function withinLevels(level: number): number {
  return Math.max(-MOST_LEVELS, Math.min(MOST_LEVELS, level));
}
