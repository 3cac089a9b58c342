import type { Capacity } from '../../../src/common/queue/choose-runs';
import type {
  CancelOutcome,
  DeclareLostOutcome,
  FrontOutcome,
  HoldOutcome,
  LetGoOutcome,
  MoveOutcome,
  NewRun,
} from '../../../src/common/queue/queue-store';
import { ranksBeside, type Side } from '../../../src/common/queue/rank-moves';
import {
  isFinal,
  isHeld,
  TRANSITIONS,
  type FinalState,
  type RunState,
  type Transition,
  type TransitionName,
} from '../../../src/common/queue/run-state';
import type { StopReason } from '../../../src/common/queue/run.entity';

export interface ModelRun {
  id: number;
  ownerId: string;
  pipelineId: string;
  pipelineLimit: number | null;
  rank: number;
  state: RunState;
  fence: number;
  attempt: number;
  starts: number;
  maxStarts: number;
  startFailures: number;
  runnerName: string | null;
  cancel: boolean;
  stopReason: StopReason | null;
  engine: NewRun['engine'];
  needs: NewRun['needs'];
  gpuIds: string[];
  /** It has waited for so long that room is saved for it. */
  isOld: boolean;
  /** The moves made under the present fence: by them a repeated step is known. */
  moves: [from: RunState, to: RunState][];
}

interface ModelRunner {
  alive: boolean;
  capacity: Capacity;
}

const LEVEL = 10_000;

/** `+ 0`: there is no level of minus zero. */
function levelOf({ rank }: Pick<ModelRun, 'rank'>): number {
  return Math.round(rank / LEVEL) + 0;
}

const KINDS = ['cpu', 'memory', 'gpus'] as const;

function isElsewhere({ engine }: ModelRun): boolean {
  return engine === 'slurm' || engine === 'handoff';
}

function totalOf({ cpu, memory, gpuIds }: Capacity): NewRun['needs'] {
  return { cpu, memory, gpus: gpuIds.length };
}

function atMost(needs: NewRun['needs'], room: NewRun['needs']): boolean {
  return KINDS.every((kind) => needs[kind] <= room[kind]);
}

/** What the queue ought to do, written down a second time and as plainly as possible: no database, no concurrency. */
export class QueueModel {
  readonly runs: ModelRun[] = [];
  readonly runners = new Map<string, ModelRunner>();
  private readonly turns = new Map<string, number>();
  private turn = 0;

  constructor(private readonly perOwner: number) {}

  enqueue(id: number, asked: NewRun): void {
    const { ownerId, pipelineId, pipelineLimit, maxStarts, engine, needs, level = 0 } = asked;
    const rank = level * LEVEL;
    const fresh = {
      state: 'queued',
      fence: 0,
      attempt: 0,
      starts: 0,
      startFailures: 0,
      runnerName: null,
      cancel: false,
      stopReason: null,
      isOld: false,
    } as const;
    this.runs.push({ ...fresh, id, ownerId, pipelineId, pipelineLimit, maxStarts, rank, engine, needs, gpuIds: [], moves: [] });
  }

  claim(name: string, places: number): number[] {
    const ids: number[] = [];
    const passed = new Set<ModelRun>();
    let saved: ModelRun | null = null;
    while (ids.length < places) {
      const next = this.nextFor(name, passed);
      if (!next) break;
      if (this.mayStart(next) && this.fits(name, next, saved)) {
        this.turns.set(next.ownerId, (this.turn += 1));
        const gpuIds = isElsewhere(next) ? [] : this.freeGpus(name).slice(0, next.needs.gpus);
        Object.assign(next, { state: 'starting', fence: next.fence + 1, attempt: next.attempt + 1, runnerName: name, gpuIds, moves: [] });
        ids.push(next.id);
        continue;
      }
      if (this.mayStart(next) && next.isOld && !isElsewhere(next) && this.saver(name, next) === name) saved ??= next;
      passed.add(next);
    }
    return ids;
  }

  hold(run: ModelRun): HoldOutcome {
    if (run.state !== 'queued' && run.state !== 'scheduled') return 'not_waiting';
    if (run.state === 'queued') this.move(run, 'scheduled');
    return 'held';
  }

  letGo(run: ModelRun): LetGoOutcome {
    if (run.state !== 'scheduled') return 'not_held';
    this.move(run, 'queued');
    return 'let_go';
  }

  moveBeside(run: ModelRun, other: ModelRun, side: Side): MoveOutcome {
    if (run.state !== 'queued' && run.state !== 'scheduled') return 'not_waiting';
    if (other.state !== 'queued' || run === other) return 'other_not_waiting';
    const line = this.runs.filter(
      (one) => one !== run && one.state === 'queued' && one.ownerId === other.ownerId && one.pipelineId === other.pipelineId,
    );
    if (run.ownerId !== other.ownerId || run.pipelineId !== other.pipelineId)
      run.rank = (levelOf(other) + (side === 'before' ? -1 : 1)) * LEVEL;
    else for (const [id, rank] of ranksBeside(line, run, other.id, side)!) this.runs.find((one) => one.id === id)!.rank = rank;
    return 'moved';
  }

  /** Everything that waits goes behind what is moved so. */
  toEnd(run: ModelRun, end: 'front' | 'back'): FrontOutcome {
    const sign = end === 'front' ? -1 : 1;
    const others = this.runs.filter((one) => one !== run && one.state === 'queued').map(levelOf);
    const waits = run.state === 'queued' || run.state === 'scheduled';
    if (waits && others.length > 0) {
      const rank = (sign * Math.max(...others.map((level) => sign * level)) + sign) * LEVEL;
      if (sign * rank > sign * run.rank) run.rank = rank;
    }
    return waits ? 'moved' : 'not_waiting';
  }

  /** The first run by level, held runs of its owner, the owner's last turn and age, of which none before it in its line was passed over. */
  private nextFor(name: string, passed: Set<ModelRun>): ModelRun | undefined {
    const inReach = this.runs.filter((run) => run.state === 'queued' && this.couldTake(name, run));
    const isSameLine = (one: ModelRun, other: ModelRun) =>
      levelOf(one) === levelOf(other) && one.ownerId === other.ownerId && one.pipelineId === other.pipelineId;
    const turnOf = (run: ModelRun) => this.turns.get(run.ownerId) ?? 0;
    const held = (run: ModelRun) => this.heldBy(run.ownerId, isElsewhere(run));
    return inReach
      .filter((run) => !inReach.some((ahead) => (ahead.rank - run.rank || ahead.id - run.id) < 0 && isSameLine(ahead, run)))
      .filter((run) => !passed.has(run))
      .sort(
        (one, other) => levelOf(one) - levelOf(other) || held(one) - held(other) || turnOf(one) - turnOf(other) || one.id - other.id,
      )[0];
  }

  private couldTake(name: string, run: ModelRun): boolean {
    const { capacity } = this.runners.get(name)!;
    if (!capacity.engines.includes(run.engine)) return false;
    return isElsewhere(run) ? capacity.remoteSlots > 0 : capacity.slots > 0 && atMost(run.needs, totalOf(capacity));
  }

  private fits(name: string, run: ModelRun, saved: ModelRun | null): boolean {
    const { capacity } = this.runners.get(name)!;
    const here = this.runs.filter((other) => isHeld(other.state) && other.runnerName === name);
    if (isElsewhere(run)) return here.filter(isElsewhere).length < capacity.remoteSlots;
    const local = here.filter((other) => !isElsewhere(other));
    const total = totalOf(capacity);
    const free = { cpu: total.cpu, memory: total.memory, gpus: this.freeGpus(name).length };
    for (const other of local) Object.assign(free, { cpu: free.cpu - other.needs.cpu, memory: free.memory - other.needs.memory });
    if (local.length >= capacity.slots || !atMost(run.needs, free)) return false;
    if (!saved) return true;
    const rest = { cpu: free.cpu - saved.needs.cpu, memory: free.memory - saved.needs.memory, gpus: free.gpus - saved.needs.gpus };
    return local.length + 2 <= capacity.slots && KINDS.every((kind) => run.needs[kind] === 0 || run.needs[kind] <= rest[kind]);
  }

  /** All runners of the model are on one machine. */
  private freeGpus(name: string): string[] {
    const given = this.runs.filter((run) => isHeld(run.state)).flatMap((run) => run.gpuIds);
    return this.runners.get(name)!.capacity.gpuIds.filter((id) => !given.includes(id));
  }

  private saver(name: string, run: ModelRun): string {
    const able = [...this.runners].filter(([other, { alive }]) => (alive || other === name) && this.couldTake(other, run));
    const names = able.map(([other]) => other).sort();
    return names[run.id % names.length];
  }

  declareLost(run: ModelRun): DeclareLostOutcome {
    if (run.state === 'lost') return 'lost';
    if (run.state !== 'unknown') return 'not_unknown';
    run.fence += 1;
    run.moves = [];
    this.move(run, 'lost');
    return 'lost';
  }

  requestCancel(run: ModelRun): CancelOutcome {
    if (isFinal(run.state)) return run.state === 'cancelled' ? 'cancelled' : 'already_final';
    run.cancel = true;
    if (run.state === 'queued' || run.state === 'scheduled') {
      this.move(run, 'cancelled');
      return 'cancelled';
    }
    if (run.state !== 'starting') run.stopReason ??= 'cancel';
    if (run.state === 'running') this.move(run, 'stopping');
    return 'stopping';
  }

  takeOver(run: ModelRun, fence: number, runner: string): boolean {
    const owner = run.runnerName === null ? undefined : this.runners.get(run.runnerName);
    const isSeen = run.state !== 'unknown' && run.runnerName !== runner && owner?.alive === true;
    if (run.fence !== fence || !isHeld(run.state) || isSeen) return false;
    Object.assign(run, { fence: fence + 1, runnerName: runner, moves: [] });
    return true;
  }

  /** @returns whether the step is answered with `true`. */
  step(name: TransitionName, run: ModelRun, fence: number, target?: FinalState): boolean {
    if (run.fence !== fence) return false;
    if (!transitionOf(name).from.includes(run.state) || !this.guard(name, run)) return this.wasTaken(name, run, target);
    this.carryOut(name, run, target);
    return true;
  }

  private guard(name: TransitionName, run: ModelRun): boolean {
    if (name === 'authorise') return !run.cancel && run.starts < run.maxStarts;
    if (name === 'cancelStarting') return run.cancel;
    if (name === 'retry') return !run.cancel && run.starts < run.maxStarts;
    return true;
  }

  private wasTaken(name: TransitionName, run: ModelRun, target: FinalState | undefined): boolean {
    // What was permitted and given back is permitted no more.
    if (name === 'authorise' && !isHeld(run.state)) return false;
    const { from } = transitionOf(name);
    const to = target ? [target] : targetsOf(name);
    return run.moves.some((move) => from.includes(move[0]) && to.includes(move[1]));
  }

  private carryOut(name: TransitionName, run: ModelRun, target: FinalState | undefined): void {
    const back = () => Object.assign(run, { runnerName: null, gpuIds: [] });
    if (name === 'unclaim') {
      run.startFailures += 1;
      run.gpuIds = [];
      this.move(run, run.cancel ? 'cancelled' : run.startFailures >= 5 ? 'failed' : 'queued');
      if (run.state === 'queued') back();
    } else if (name === 'failStart') this.move(run, 'failed');
    else if (name === 'cancelStarting') this.move(run, 'cancelled');
    else if (name === 'authorise') {
      run.starts += 1;
      this.move(run, 'running');
    } else if (name === 'discover') {
      run.starts = Math.min(run.maxStarts, run.starts + 1);
      if (run.cancel) run.stopReason ??= 'cancel';
      this.move(run, 'unknown');
    } else if (name === 'unstart') {
      run.starts -= 1;
      if (!run.cancel) run.stopReason = null;
      this.move(run, run.cancel ? 'cancelled' : 'queued');
      back();
    } else if (name === 'stop') {
      run.stopReason = 'time_limit';
      this.move(run, 'stopping');
    } else if (name === 'retry') {
      run.stopReason = null;
      this.move(run, 'queued');
      back();
    } else if (name === 'doubt') this.move(run, 'unknown');
    else if (name === 'disown') {
      this.move(run, 'unknown');
      run.runnerName = null;
    } else if (name === 'regain') this.move(run, run.stopReason === null ? 'running' : 'stopping');
    else if (target) this.move(run, target);
  }

  private move(run: ModelRun, state: RunState): void {
    run.moves.push([run.state, state]);
    run.state = state;
  }

  private mayStart({ ownerId, pipelineId, pipelineLimit }: ModelRun): boolean {
    if (this.runs.filter((run) => isHeld(run.state) && run.ownerId === ownerId).length >= this.perOwner) return false;
    return pipelineLimit === null || this.runs.filter((run) => isHeld(run.state) && run.pipelineId === pipelineId).length < pipelineLimit;
  }

  private heldBy(ownerId: string, elsewhere: boolean): number {
    return this.runs.filter((run) => isHeld(run.state) && run.ownerId === ownerId && isElsewhere(run) === elsewhere).length;
  }
}

function transitionOf(name: TransitionName): Transition {
  const found = TRANSITIONS.find((transition) => transition.name === name);
  if (!found) throw new Error(`there is no transition ${name}`);
  return found;
}

/** Giving back a claim may end the run: at the fifth failure, or because a cancel was asked for. */
function targetsOf(name: TransitionName): readonly RunState[] {
  return name === 'unclaim' ? ['queued', 'failed', 'cancelled'] : transitionOf(name).to;
}
