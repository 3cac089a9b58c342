import type { Demand } from '../pipelines/needs';
import type { Engine } from '../pipelines/runtime';

/** A queued run as far as the choice needs it. */
export interface Candidate extends Demand {
  id: number;
  rank: number;
  ownerId: string;
  pipelineId: string;
  pipelineLimit: number | null;
  fence: number;
  engine: Engine;
}

/** Whose a held run is, which pipeline it uses and what it takes: one for each run that takes a place. */
export interface Share extends Demand {
  ownerId: string;
  pipelineId: string;
  engine: Engine;
  runnerName: string | null;
  /** Of its runner; empty when it has none. */
  gpuIds: readonly string[];
}

/** What a runner has in all. Runs of engines that work elsewhere (a cluster, a launcher) take a remote place and nothing else. */
export interface Capacity {
  name: string;
  engines: readonly Engine[];
  slots: number;
  remoteSlots: number;
  /** Thousandths of a core. */
  cpu: number;
  /** MiB. */
  memory: number;
  gpuIds: readonly string[];
}

export interface Limits {
  /** Most held runs of one person; null: no limit. */
  perOwner: number | null;
}

export const NO_LIMITS: Limits = { perOwner: null };

/** A run that was chosen, with the GPUs that it gets. */
export interface Choice<Some extends Candidate> {
  candidate: Some;
  gpuIds: string[];
}

const REMOTE: ReadonlySet<Engine> = new Set(['handoff', 'slurm']);

/** Whether programs of this engine run elsewhere, so that only a remote place of their runner is taken. */
export function isRemote(engine: Engine): boolean {
  return REMOTE.has(engine);
}

/**
 * Which runs start next: lowest rank first, then the owner with the fewest held runs (those chosen a moment before counted), then the
 * oldest. A run waits while its pipeline has as many held runs as the run's own limit says, its owner as many as anybody may have, or
 * its runner too little room.
 *
 * @param candidates of each (rank, owner, pipeline) at least the `most` oldest queued runs, in any order.
 * @param held every run that takes a place now, of all runners.
 * @returns at most `most` candidates, in the order of choice.
 */
export function chooseRuns<Some extends Candidate>(
  candidates: readonly Some[],
  held: readonly Share[],
  runner: Capacity,
  most: number,
  limits: Limits = NO_LIMITS,
): Choice<Some>[] {
  const byOwner = countBy(held, (share) => share.ownerId);
  const byPipeline = countBy(held, (share) => share.pipelineId);
  const room = new Room(runner, held);
  const waiting = new Set(candidates);
  const chosen: Choice<Some>[] = [];
  const isOpen = (candidate: Candidate) =>
    (candidate.pipelineLimit === null || countOf(byPipeline, candidate.pipelineId) < candidate.pipelineLimit) &&
    (limits.perOwner === null || countOf(byOwner, candidate.ownerId) < limits.perOwner) &&
    room.fits(candidate);
  while (chosen.length < most) {
    const next = best(waiting, byOwner, isOpen);
    if (!next) break;
    waiting.delete(next);
    chosen.push({ candidate: next, gpuIds: room.take(next) });
    byOwner.set(next.ownerId, countOf(byOwner, next.ownerId) + 1);
    byPipeline.set(next.pipelineId, countOf(byPipeline, next.pipelineId) + 1);
  }
  return chosen;
}

/** Whether a runner could take such a run if it had nothing else to do. */
export function couldEverTake(runner: Capacity, candidate: Demand & { engine: Engine }): boolean {
  return new Room(runner, []).fits(candidate);
}

/** What is left of a runner. */
class Room {
  private slots: number;
  private remoteSlots: number;
  private cpu: number;
  private memory: number;
  private readonly gpuIds: Set<string>;

  constructor(
    private readonly runner: Capacity,
    held: readonly Share[],
  ) {
    ({ slots: this.slots, remoteSlots: this.remoteSlots, cpu: this.cpu, memory: this.memory } = runner);
    this.gpuIds = new Set(runner.gpuIds);
    for (const share of held) if (share.runnerName === runner.name) this.subtract(share, share.gpuIds);
  }

  fits({ engine, cpu, memory, gpus }: Demand & { engine: Engine }): boolean {
    if (!this.runner.engines.includes(engine)) return false;
    if (isRemote(engine)) return this.remoteSlots > 0;
    return this.slots > 0 && cpu <= this.cpu && memory <= this.memory && gpus <= this.gpuIds.size;
  }

  take(candidate: Demand & { engine: Engine }): string[] {
    const gpuIds = isRemote(candidate.engine) ? [] : [...this.gpuIds].slice(0, candidate.gpus);
    this.subtract(candidate, gpuIds);
    return gpuIds;
  }

  private subtract({ engine, cpu, memory }: Demand & { engine: Engine }, gpuIds: readonly string[]): void {
    if (isRemote(engine)) {
      this.remoteSlots -= 1;
      return;
    }
    this.slots -= 1;
    this.cpu -= cpu;
    this.memory -= memory;
    for (const id of gpuIds) this.gpuIds.delete(id);
  }
}

function best<Some extends Candidate>(
  waiting: Set<Some>,
  byOwner: Map<string, number>,
  isOpen: (candidate: Some) => boolean,
): Some | undefined {
  let found: Some | undefined;
  for (const candidate of waiting) {
    if (found && !goesBefore(candidate, found, byOwner)) continue;
    if (isOpen(candidate)) found = candidate;
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
