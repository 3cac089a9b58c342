import type { CancelOutcome, NewRun } from '../../../src/common/queue/queue-store';
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
  /** The moves made under the present fence: by them a repeated step is known. */
  moves: [from: RunState, to: RunState][];
}

interface ModelRunner {
  alive: boolean;
}

/** What the queue ought to do, written down a second time and as plainly as possible: no database, no concurrency. */
export class QueueModel {
  readonly runs: ModelRun[] = [];
  readonly runners = new Map<string, ModelRunner>();

  enqueue(id: number, asked: NewRun): void {
    const { ownerId, pipelineId, pipelineLimit, maxStarts, rank = 0 } = asked;
    const fresh = {
      state: 'queued',
      fence: 0,
      attempt: 0,
      starts: 0,
      startFailures: 0,
      runnerName: null,
      cancel: false,
      stopReason: null,
    } as const;
    this.runs.push({ ...fresh, id, ownerId, pipelineId, pipelineLimit, maxStarts, rank, moves: [] });
  }

  claim(runner: string, places: number): number[] {
    const ids: number[] = [];
    for (let place = 0; place < places; place += 1) {
      const next = this.runs
        .filter((run) => run.state === 'queued' && this.mayStart(run))
        .sort((one, other) => one.rank - other.rank || this.heldBy(one.ownerId) - this.heldBy(other.ownerId) || one.id - other.id)[0];
      if (!next) break;
      Object.assign(next, { state: 'starting', fence: next.fence + 1, attempt: next.attempt + 1, runnerName: runner, moves: [] });
      ids.push(next.id);
    }
    return ids;
  }

  requestCancel(run: ModelRun): CancelOutcome {
    if (isFinal(run.state)) return run.state === 'cancelled' ? 'cancelled' : 'already_final';
    run.cancel = true;
    if (run.state === 'queued') {
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
    const back = () => Object.assign(run, { runnerName: null });
    if (name === 'unclaim') {
      run.startFailures += 1;
      this.move(run, run.cancel ? 'cancelled' : run.startFailures >= 5 ? 'failed' : 'queued');
      if (run.state === 'queued') back();
    } else if (name === 'failStart') this.move(run, 'failed');
    else if (name === 'cancelStarting') this.move(run, 'cancelled');
    else if (name === 'authorise') {
      run.starts += 1;
      this.move(run, 'running');
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
    else if (name === 'regain') this.move(run, run.stopReason === null ? 'running' : 'stopping');
    else if (target) this.move(run, target);
  }

  private move(run: ModelRun, state: RunState): void {
    run.moves.push([run.state, state]);
    run.state = state;
  }

  private mayStart({ pipelineId, pipelineLimit }: ModelRun): boolean {
    return pipelineLimit === null || this.runs.filter((run) => isHeld(run.state) && run.pipelineId === pipelineId).length < pipelineLimit;
  }

  private heldBy(ownerId: string): number {
    return this.runs.filter((run) => isHeld(run.state) && run.ownerId === ownerId).length;
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
