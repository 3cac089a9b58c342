import { isSameLevel, LEVEL, levelOf, rankOfLevel } from './rank';

/** A run in a line: of one person and pipeline. */
export interface Placed {
  id: number;
  rank: number;
}

/** Where a run goes, seen from another one. */
export type Side = 'before' | 'after';

const HALF = LEVEL / 2;

/**
 * The ranks that put a run beside another one of its line. The others keep their order, and most of them their rank.
 * @param line the waiting runs of one person and pipeline, without the one that moves.
 * @returns new ranks by number of the run; null where the level has no rank left between two of them.
 */
export function ranksBeside(line: readonly Placed[], moved: Placed, otherId: number, side: Side): Map<number, number> | null {
  const other = line.find(({ id }) => id === otherId);
  if (!other) return null;
  const own = line.filter(({ rank }) => isSameLevel(rank, other.rank)).sort(inOrder);
  const at = own.indexOf(other) + (side === 'after' ? 1 : 0);
  const [ahead, behind] = [own.slice(0, at), own.slice(at)];
  const middle = rankOfLevel(levelOf(other.rank));
  const free = rankBetween(ahead.at(-1), moved.id, behind[0], middle);
  if (free !== null) return new Map([[moved.id, free]]);
  const shifted =
    shift(ahead, -2, moved.id, (behind[0]?.rank ?? middle) - 1) ?? shift(behind, 2, moved.id, (ahead.at(-1)?.rank ?? middle) + 1);
  return shifted && [...shifted.values()].every((rank) => isSameLevel(rank, other.rank)) ? shifted : null;
}

/** A rank at which a run stands behind one run and before another, whose ranks stay. */
function rankBetween(before: Placed | undefined, id: number, after: Placed | undefined, middle: number): number | null {
  const tried = [middle, before?.rank, after?.rank, before && before.rank + 1, after && after.rank - 1];
  const fits = (rank: number) => (!before || inOrder(before, { id, rank }) < 0) && (!after || inOrder({ id, rank }, after) < 0);
  return tried.find((rank) => rank !== undefined && isSameLevel(rank, middle) && fits(rank)) ?? null;
}

function shift(runs: readonly Placed[], by: number, id: number, rank: number): Map<number, number> | null {
  const moved = runs.map((run) => [run.id, run.rank + by] as const);
  const middle = rankOfLevel(levelOf(rank));
  return moved.every(([, to]) => Math.abs(to - middle) < HALF) ? new Map([...moved, [id, rank]]) : null;
}

function inOrder(one: Placed, other: Placed): number {
  return one.rank - other.rank || one.id - other.id;
}
