import { chooseRuns, couldEverTake, gpusWithin, isRemote, type Candidate, type Share } from '../queue/choose-runs';
import { limitOf } from '../queue/run-limits';
import { levelOf, rankOfLevel } from '../queue/rank';
import { toCandidateOf, toShareOf } from '../queue/run-row';
import type { Run } from '../queue/run.entity';
import type { RunnerStanding } from '../queue/runners.repository';
import { expectedEnd } from './expected-end';
import { ENDLESS, takesRuns, type Situation } from './situation';

/** When and where a waiting run will start, as far as one can tell. */
export interface ExpectedStart {
  /** How many waiting runs start before it, and one more. */
  position: number;
  /** Null where nobody has worked out which. */
  runnerName: string | null;
  /** By the database's clock; null where the history of what runs before it does not tell. */
  atMs: number | null;
  /** There is room for it now. */
  isAtOnce: boolean;
}

/** The line as it will probably move. */
export interface Forecast {
  /** By run number, in the order of the starts; runs that nothing will ever take are missing. */
  starts: Map<number, ExpectedStart>;
  /** What takes places as soon as those have started for which there is room now. */
  taken: Share[];
}

interface Waiter extends Candidate {
  availableMs: number;
}

/**
 * How many waiting runs are weighed against one another before the rest is put in order without a time: with hundreds of people in the
 * line nobody could rely on such a time anyway, and a page must not be kept waiting for it.
 */
const MOST_WEIGHED = 30_000;

interface Going {
  share: Share;
  endMs: number;
}

/**
 * Plays the queue forward: the runners that take runs choose with `chooseRuns`, as they do in earnest, and each run frees its place
 * after the time that its pipeline usually takes. What nobody can tell ends last, and starts that hang on it have no time.
 */
export function forecast(situation: Situation): Forecast {
  return new Simulation(situation).play();
}

/** When one of the queued runs would start if it were moved before all others; undefined where nothing would ever take it. */
export function startAtFront(situation: Situation, run: Run): ExpectedStart | undefined {
  return new Simulation(situation, run).play().starts.get(run.id);
}

class Simulation {
  /** By rank, person and pipeline, oldest first. */
  private readonly groups = new Map<string, Waiter[]>();
  private readonly turns: Map<string, number>;
  private readonly runners: readonly RunnerStanding[];
  private readonly going: Going[];
  private readonly starts = new Map<number, ExpectedStart>();
  private readonly limitedPipelines: Set<string>;
  private weighed = 0;

  /** @param first goes before all others; nothing is played once it has started. */
  constructor(
    private readonly situation: Situation,
    private readonly first: Run | null = null,
  ) {
    const { runners, queued, held, turns, typicalSeconds, nowMs } = situation;
    this.turns = new Map(turns);
    // Nothing starts while the whole queue is on hold.
    this.runners = situation.hold ? [] : runners.filter(takesRuns);
    this.limitedPipelines = new Set(queued.filter((run) => run.pipelineLimit !== null).map((run) => run.pipelineId));
    const before = rankOfLevel(levelOf(Math.min(...queued.map(({ rank }) => rank))) - 1);
    for (const run of [...queued].sort((one, other) => one.id - other.id))
      this.add({ ...toCandidateOf(run), availableMs: run.availableMs, rank: run.id === first?.id ? before : run.rank });
    const boots = new Map(runners.map(({ name, bootId }) => [name, bootId]));
    this.going = held.map((run) => ({
      share: { ...toShareOf(run), bootId: boots.get(run.runnerName ?? '') ?? null },
      endMs: expectedEnd(run, typicalSeconds.get(run.pipelineId), nowMs),
    }));
  }

  play(): Forecast {
    this.fillAll(this.situation.nowMs);
    const taken = this.going.map(({ share }) => share);
    while (this.groups.size > 0 && this.going.length > 0 && this.weighed < MOST_WEIGHED && !this.hasFirst()) {
      const ended = this.endNext();
      // What ends on one runner makes room there, and for GPUs on its machine; only a limit that it was counted for lets others move.
      const { runnerName } = ended.share;
      const concerned = this.isLimited(ended.share)
        ? this.runners
        : this.runners.filter((runner) => runner.name === runnerName || gpusWithin(ended.share, runner).length > 0);
      // One place at a time becomes free, and nobody goes before the head of a group: one candidate of each is enough.
      for (const runner of concerned) this.fill(runner, Math.max(ended.endMs, this.situation.nowMs + 1), 1);
    }
    this.orderRest();
    return { starts: this.starts, taken };
  }

  private hasFirst(): boolean {
    return this.first !== null && this.starts.has(this.first.id);
  }

  /** Those that were not played are told a position, by the turns of people alone, if any runner could take them. */
  private orderRest(): void {
    if (this.weighed < MOST_WEIGHED) return;
    const rest = [...this.groups.values()].flat().filter((one) => this.runners.some((runner) => couldEverTake(runner, one)));
    const candidates = rest.map((one) => ({ ...one, gpus: 0, pipelineLimit: null, turn: this.turns.get(one.ownerId) ?? 0 }));
    const shares = this.going.map(({ share }) => share);
    for (const { candidate } of chooseRuns(candidates, shares, ENDLESS, candidates.length))
      this.starts.set(candidate.id, { position: this.starts.size + 1, runnerName: null, atMs: null, isAtOnce: false });
  }

  private add(candidate: Waiter): void {
    const key = keyOf(candidate);
    const group = this.groups.get(key);
    if (group) group.push(candidate);
    else this.groups.set(key, [candidate]);
  }

  private fillAll(nowMs: number): void {
    for (const runner of this.runners) {
      const held = this.going.filter(({ share }) => share.runnerName === runner.name).length;
      this.fill(runner, nowMs, runner.slots + runner.remoteSlots - held);
    }
  }

  /** Claims as a runner does, again and again until nothing is left to take. @param most for which it asks at a time. */
  private fill(runner: RunnerStanding, atMs: number, most: number): void {
    const isAtOnce = atMs === this.situation.nowMs;
    for (let left = most; left > 0 && this.hasPlace(runner);) {
      const shares = this.going.map(({ share }) => share);
      const candidates = this.candidates(runner, left, atMs);
      const chosen = chooseRuns(candidates, shares, runner, left, this.situation.limits, { peers: () => this.runners });
      for (const { candidate, gpuIds } of chosen) this.start(candidate, { runner, gpuIds, atMs, isAtOnce });
      if (chosen.length === 0) return;
      if (isAtOnce) left -= chosen.length;
    }
  }

  private hasPlace({ name, engines, slots, remoteSlots }: RunnerStanding): boolean {
    let local = 0;
    let remote = 0;
    for (const { share } of this.going) {
      if (share.runnerName !== name) continue;
      if (isRemote(share.engine)) remote += 1;
      else local += 1;
    }
    return engines.some((engine) => (isRemote(engine) ? remote < remoteSlots : local < slots));
  }

  /** The oldest of each group that the runner could ever take. */
  private candidates(runner: RunnerStanding, most: number, atMs: number): Candidate[] {
    const nowMs = Number.isFinite(atMs) ? atMs : Number.MAX_SAFE_INTEGER;
    const found: Candidate[] = [];
    for (const group of this.groups.values()) {
      let left = most;
      for (const one of group) {
        if (left === 0) break;
        if (!couldEverTake(runner, one)) continue;
        left -= 1;
        found.push({ ...one, turn: this.turns.get(one.ownerId) ?? 0, waitedMs: nowMs - one.availableMs });
      }
    }
    this.weighed += found.length;
    return found;
  }

  private start(candidate: Candidate, how: { runner: RunnerStanding; gpuIds: string[]; atMs: number; isAtOnce: boolean }): void {
    const { runner, gpuIds, atMs, isAtOnce } = how;
    const typical = this.situation.typicalSeconds.get(candidate.pipelineId);
    this.going.push({
      share: { ...candidate, runnerName: runner.name, bootId: runner.bootId, gpuIds },
      endMs: typical === undefined ? Infinity : atMs + typical * 1000,
    });
    this.starts.set(candidate.id, {
      position: this.starts.size + 1,
      runnerName: runner.name,
      atMs: Number.isFinite(atMs) ? atMs : null,
      isAtOnce,
    });
    // Later than every turn in the table, and in the order of the starts.
    this.turns.set(candidate.ownerId, Number.MAX_SAFE_INTEGER / 4 + this.starts.size);
    const key = keyOf(candidate);
    const rest = (this.groups.get(key) ?? []).filter(({ id }) => id !== candidate.id);
    if (rest.length > 0) this.groups.set(key, rest);
    else this.groups.delete(key);
  }

  /** Takes the run that ends first out; of those of which nobody can tell, the one that has been going longest. */
  private endNext(): Going {
    let first = 0;
    for (const [index, { endMs }] of this.going.entries()) if (endMs < this.going[first].endMs) first = index;
    return this.going.splice(first, 1)[0];
  }

  private isLimited({ pipelineId, ownerId }: Share): boolean {
    return limitOf(this.situation.limits, ownerId) !== null || this.limitedPipelines.has(pipelineId);
  }
}

function keyOf({ rank, ownerId, pipelineId }: Candidate): string {
  return `${rank} ${ownerId} ${pipelineId}`;
}
