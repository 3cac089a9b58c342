/** A queued run as far as the choice needs it. */
export interface Candidate {
  id: number;
  rank: number;
  ownerId: string;
  pipelineId: string;
  pipelineLimit: number | null;
  fence: number;
}

/** Whose a held run is, and which pipeline it uses: one for each run that takes a place. */
export interface Share {
  ownerId: string;
  pipelineId: string;
}

/**
 * Which runs start next: lowest rank first, then the owner with the fewest held runs (those chosen a moment before counted), then the
 * oldest. A run waits while its pipeline has as many held runs as the run's own limit says.
 *
 * @param candidates of each (rank, owner, pipeline) at least the `places` oldest queued runs, in any order.
 * @param held every run that takes a place now, of all runners.
 * @returns at most `places` candidates, in the order of choice.
 */
export function chooseRuns<Some extends Candidate>(candidates: readonly Some[], held: readonly Share[], places: number): Some[] {
  const byOwner = countBy(held, (share) => share.ownerId);
  const byPipeline = countBy(held, (share) => share.pipelineId);
  const waiting = new Set(candidates);
  const chosen: Some[] = [];
  while (chosen.length < places) {
    const next = best(waiting, byOwner, byPipeline);
    if (!next) break;
    waiting.delete(next);
    chosen.push(next);
    byOwner.set(next.ownerId, countOf(byOwner, next.ownerId) + 1);
    byPipeline.set(next.pipelineId, countOf(byPipeline, next.pipelineId) + 1);
  }
  return chosen;
}

function best<Some extends Candidate>(waiting: Set<Some>, byOwner: Map<string, number>, byPipeline: Map<string, number>): Some | undefined {
  let found: Some | undefined;
  for (const candidate of waiting) {
    if (candidate.pipelineLimit !== null && countOf(byPipeline, candidate.pipelineId) >= candidate.pipelineLimit) continue;
    if (!found || goesBefore(candidate, found, byOwner)) found = candidate;
  }
  return found;
}

function goesBefore(one: Candidate, other: Candidate, byOwner: Map<string, number>): boolean {
  if (one.rank !== other.rank) return one.rank < other.rank;
  const difference = countOf(byOwner, one.ownerId) - countOf(byOwner, other.ownerId);
  return difference === 0 ? one.id < other.id : difference < 0;
}

function countBy(shares: readonly Share[], keyOf: (share: Share) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const share of shares) counts.set(keyOf(share), countOf(counts, keyOf(share)) + 1);
  return counts;
}

function countOf(counts: Map<string, number>, key: string): number {
  return counts.get(key) ?? 0;
}
