import type { Demand } from '../pipelines/needs';
import type { Engine } from '../pipelines/runtime';
import { levelOf } from './rank';
import { limitOf, NO_LIMITS, type Limits } from './run-limits';
import { WaitingLines } from './waiting-lines';

/** A queued run as far as the choice needs it. */
export interface Candidate extends Demand {
  id: number;
  rank: number;
  ownerId: string;
  pipelineId: string;
  pipelineLimit: number | null;
  fence: number;
  engine: Engine;
  /** Grows with every claim: that of the last claim of a run of its owner; 0 or unset: none yet. */
  turn?: number;
  /** Milliseconds for which it might have started, by the database's clock. */
  waitedMs?: number;
}

/** Whose a held run is, which pipeline it uses and what it takes: one for each run that takes a place. */
export interface Share extends Demand {
  ownerId: string;
  pipelineId: string;
  engine: Engine;
  runnerName: string | null;
  /** Boot id of its runner. */
  bootId?: string | null;
  /** Of its machine; empty when it has none. */
  gpuIds: readonly string[];
}

/** What a runner has in all. Runs of engines that work elsewhere (a cluster, a launcher) take a remote place and nothing else. */
export interface Capacity {
  name: string;
  bootId?: string;
  engines: readonly Engine[];
  slots: number;
  remoteSlots: number;
  /** Thousandths of a core. */
  cpu: number;
  /** MiB. */
  memory: number;
  gpuIds: readonly string[];
}

/** What is known beside the candidates. */
export interface Surroundings<Some extends Candidate> {
  /** Runners that take runs now. Asked only when room has to be saved, for the choice of the one that saves it. */
  peers?: () => readonly Capacity[];
  /** Reads who stands behind the last known run of a line, where reading is cheap; then one candidate of each line is enough. */
  next?: (last: Some) => Some | undefined;
}

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
 * A run that fits its runner, but not what is free there, may be overtaken by smaller ones for this long. From then on room is saved for
 * it at its turn: what ends there makes room for it and for nobody who comes after it, so that it starts when those that run there now
 * have ended, at the latest.
 */
export const OVERTAKEN_FOR_MS = 120_000;

/**
 * Which runs start next: lowest level first (see `rank.ts`), then the owner with the fewest held runs (those chosen a moment before counted; places here
 * and places elsewhere apart), then the owner whose last turn was the longest ago, then the oldest. So a person with one run waits for
 * one place to become free, however many runs somebody else has in the queue.
 *
 * A run waits while its pipeline has as many held runs as the run's own limit says, its owner as many as anybody may have, or its runner
 * too little room. Others overtake it then (see `OVERTAKEN_FOR_MS`), but never those of the same level, owner and pipeline: they keep
 * their order (by rank, then by age), whatever they need. A run that this runner could never take is nothing to it and keeps nobody waiting.
 *
 * @param candidates of each (rank, owner, pipeline) at least the `most` oldest queued runs that the runner could ever take, in any order.
 * @param held every run that takes a place now, of all runners.
 * @returns at most `most` candidates, in the order of choice.
 */
export function chooseRuns<Some extends Candidate>(
  candidates: readonly Some[],
  held: readonly Share[],
  runner: Capacity,
  most: number,
  limits: Limits = NO_LIMITS,
  { peers = () => [], next: following = () => undefined }: Surroundings<Some> = {},
): Choice<Some>[] {
  const room = new Room(runner, held);
  const usage = new Usage(held);
  const lines = new WaitingLines(candidates.filter((candidate) => couldEverTake(runner, candidate)));
  const chosen: Choice<Some>[] = [];
  while (chosen.length < most) {
    const next = lines.first((one, other) => usage.compare(one, other));
    if (!next) break;
    if (!usage.allows(next, limits)) lines.close(next);
    else if (room.fits(next)) {
      chosen.push({ candidate: next, gpuIds: room.take(next) });
      usage.add(next, chosen.length);
      lines.advance(next, following);
    } else {
      if (hasWaited(next) && savesRoom(runner, next, peers())) room.save(next);
      lines.close(next);
    }
  }
  return chosen;
}

/** Whether a runner could take such a run if it had nothing else to do. */
export function couldEverTake(runner: Capacity, { engine, cpu, memory, gpus }: Demand & { engine: Engine }): boolean {
  if (!runner.engines.includes(engine)) return false;
  if (isRemote(engine)) return runner.remoteSlots > 0;
  return runner.slots > 0 && cpu <= runner.cpu && memory <= runner.memory && gpus <= runner.gpuIds.length;
}

function hasWaited({ engine, waitedMs = 0 }: Candidate): boolean {
  return !isRemote(engine) && waitedMs >= OVERTAKEN_FOR_MS;
}

/** One runner saves room for a run, and while the same runners live always the same one. */
function savesRoom(runner: Capacity, candidate: Candidate, peers: readonly Capacity[]): boolean {
  const able = new Set(peers.filter((peer) => couldEverTake(peer, candidate)).map((peer) => peer.name)).add(runner.name);
  const names = [...able].sort();
  return names[candidate.id % names.length] === runner.name;
}

/**
 * The GPUs of a held run that a runner of the same machine may name too; of one elsewhere those whose names there are once in the world.
 * The id of the kernel's boot tells the machine: names of hosts differ between the containers of one machine, and may be alike on two.
 */
export function gpusWithin({ bootId, gpuIds }: Pick<Share, 'bootId' | 'gpuIds'>, runner: Pick<Capacity, 'bootId'>): readonly string[] {
  const isSame = Boolean(bootId) && Boolean(runner.bootId) && machineOf(bootId!) === machineOf(runner.bootId!);
  return isSame ? gpuIds : gpuIds.filter((id) => /^(GPU|MIG)-/.test(id));
}

/** @param bootId `<id of the boot>/<space of processes>`. */
function machineOf(bootId: string): string {
  return bootId.split('/')[0];
}

/** Who holds how much, over all runners. */
class Usage {
  private readonly byOwner = new Map<string, number>();
  private readonly byOwnerAndPlace = new Map<string, number>();
  private readonly byPipeline = new Map<string, number>();
  private readonly turns = new Map<string, number>();

  constructor(held: readonly Share[]) {
    for (const share of held) this.count(share);
  }

  allows({ ownerId, pipelineId, pipelineLimit }: Candidate, limits: Limits): boolean {
    if (pipelineLimit !== null && countOf(this.byPipeline, pipelineId) >= pipelineLimit) return false;
    const most = limitOf(limits, ownerId);
    return most === null || countOf(this.byOwner, ownerId) < most;
  }

  /** Below 0 when `one` goes first. */
  compare(one: Candidate, other: Candidate): number {
    return (
      levelOf(one.rank) - levelOf(other.rank) ||
      this.heldBy(one) - this.heldBy(other) ||
      this.turnOf(one) - this.turnOf(other) ||
      one.id - other.id
    );
  }

  /** @param position of the choice among those of this claim. */
  add(candidate: Candidate, position: number): void {
    this.count(candidate);
    this.turns.set(candidate.ownerId, LATER + position);
  }

  private count({ ownerId, pipelineId, engine }: Pick<Candidate, 'ownerId' | 'pipelineId' | 'engine'>): void {
    increase(this.byOwner, ownerId);
    increase(this.byOwnerAndPlace, placeOf(ownerId, engine));
    increase(this.byPipeline, pipelineId);
  }

  private heldBy({ ownerId, engine }: Candidate): number {
    return countOf(this.byOwnerAndPlace, placeOf(ownerId, engine));
  }

  private turnOf({ ownerId, turn = 0 }: Candidate): number {
    return this.turns.get(ownerId) ?? turn;
  }
}

/** After every turn that is in the table. */
const LATER = Number.MAX_SAFE_INTEGER / 2;

function placeOf(ownerId: string, engine: Engine): string {
  return `${isRemote(engine) ? 'elsewhere' : 'here'} ${ownerId}`;
}

/** What is left of a runner. */
class Room {
  private slots: number;
  private remoteSlots: number;
  private cpu: number;
  private memory: number;
  private readonly gpuIds: Set<string>;
  /** What others must leave alone. */
  private saved: Demand | null = null;

  constructor(
    private readonly runner: Capacity,
    held: readonly Share[],
  ) {
    ({ slots: this.slots, remoteSlots: this.remoteSlots, cpu: this.cpu, memory: this.memory } = runner);
    this.gpuIds = new Set(runner.gpuIds);
    for (const share of held) {
      if (share.runnerName === runner.name) this.subtract(share, share.gpuIds);
      // A run that one runner of a machine took over from another keeps those that it has.
      else this.give(gpusWithin(share, runner));
    }
  }

  fits(candidate: Demand & { engine: Engine }): boolean {
    const { engine, cpu, memory, gpus } = candidate;
    if (!this.runner.engines.includes(engine)) return false;
    if (isRemote(engine)) return this.remoteSlots > 0;
    const fits = this.slots > 0 && cpu <= this.cpu && memory <= this.memory && gpus <= this.gpuIds.size;
    return fits && (this.saved === null || this.fitsBeside(candidate, this.saved));
  }

  take(candidate: Demand & { engine: Engine }): string[] {
    const gpuIds = isRemote(candidate.engine) ? [] : [...this.gpuIds].slice(0, candidate.gpus);
    this.subtract(candidate, gpuIds);
    return gpuIds;
  }

  /** Saves room for one run; for a second one only once the first has started. */
  save(demand: Demand): void {
    this.saved ??= demand;
  }

  /** Whether it uses nothing of which the other run has too little already. */
  private fitsBeside({ cpu, memory, gpus }: Demand, saved: Demand): boolean {
    const leaves = (wanted: number, free: number, kept: number) => wanted === 0 || wanted <= free - kept;
    return (
      leaves(1, this.slots, 1) &&
      leaves(cpu, this.cpu, saved.cpu) &&
      leaves(memory, this.memory, saved.memory) &&
      leaves(gpus, this.gpuIds.size, saved.gpus)
    );
  }

  private subtract({ engine, cpu, memory }: Demand & { engine: Engine }, gpuIds: readonly string[]): void {
    if (isRemote(engine)) {
      this.remoteSlots -= 1;
      return;
    }
    this.slots -= 1;
    this.cpu -= cpu;
    this.memory -= memory;
    this.give(gpuIds);
  }

  private give(gpuIds: readonly string[]): void {
    for (const id of gpuIds) this.gpuIds.delete(id);
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, countOf(counts, key) + 1);
}

function countOf(counts: Map<string, number>, key: string): number {
  return counts.get(key) ?? 0;
}
