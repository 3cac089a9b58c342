import type { Engine } from '../../../src/common/pipelines/runtime';
import { isFinal, isHeld, TRANSITIONS, type RunState, type TransitionName } from '../../../src/common/queue/run-state';
import { ENGINE_RULES, newAttempt, outsideSteps, restart, type Attempt, type EngineRules, type OutsideFlaw } from './outside';

/**
 * How a protocol may be broken on purpose, to see that the checker notices: no fence in the writes; "go" without permission; "expired, so
 * run it again"; giving back what may still begin, or what has begun; a program without a start-once marker; taking "no such job" for its
 * death; taking whatever has the job's number for the job.
 */
export type Flaw =
  | OutsideFlaw
  | 'noFence'
  | 'goBeforeAuthorise'
  | 'requeueWithoutSealing'
  | 'unstartWithoutSealing'
  | 'givesBackWhatBegan'
  | 'believesAbsence'
  | 'trustsNumbers';

/** The row of the run. */
export interface Row {
  state: RunState;
  fence: number;
  attempt: number;
  starts: number;
  startFailures: number;
  cancel: boolean;
  /** Lost on the word of a person, who may be mistaken. */
  declared: boolean;
}

/** What a runner believes to own, and how far it is. It may be mistaken: that is what the fence is for. */
export interface Belief {
  fence: number;
  attempt: number;
  phase: 'claimed' | 'prepared' | 'authorised' | 'watching' | 'heir' | 'sealed';
}

export interface World {
  row: Row;
  runners: (Belief | null)[];
  attempts: Attempt[];
  /** Beginnings of attempts that are left out here. */
  begunBefore: number;
  crashes: number;
  /** Take-overs from an owner that lives: paused, cut off, replaced by a second one of its name, or silent by a clock that was stepped. */
  hasty: number;
  /** Whether the database lost the permission of an attempt, once: by a backup that was put back, or a commit that did not last. */
  permission: 'kept' | 'lost' | 'settled';
}

export interface Step {
  name: string;
  world: World;
  /** The runner that wrote the row, if one did, and the fence that it knew. */
  wrote?: number;
}

/** With MODEL_DEEP=1 some ten times as many worlds. */
const DEEP = process.env['MODEL_DEEP'] === '1';
export const BOUNDS = { maxStarts: 2, crashes: DEEP ? 2 : 1, hasty: 2, startFailures: DEEP ? 2 : 1 };
const RUNNERS = [0, 1, 2];

/** All that can happen next. Every change of the row's state is one of `TRANSITIONS`; another one throws. */
export class Protocol {
  /** Names of transitions that were made, to see that the model leaves none out. */
  readonly made = new Set<TransitionName>(['enqueue']);

  private readonly rules: EngineRules;

  constructor(
    engine: Engine,
    private readonly flaw: Flaw | null = null,
  ) {
    this.rules = ENGINE_RULES[engine];
  }

  beginnings(): World[] {
    const row = { fence: 0, attempt: 0, starts: 0, startFailures: 0, cancel: false, declared: false };
    return (['queued', 'scheduled'] as const).map((state) => ({
      row: { ...row, state },
      runners: RUNNERS.map(() => null),
      attempts: [],
      begunBefore: 0,
      crashes: 0,
      hasty: 0,
      permission: 'kept' as const,
    }));
  }

  next(world: World): Step[] {
    return [...this.anybody(world), ...this.outside(world), ...RUNNERS.flatMap((runner) => this.byRunner(world, runner))];
  }

  /** People, and what any process may do. */
  private anybody(world: World): Step[] {
    const { state } = world.row;
    const steps: Step[] = [];
    if (state === 'scheduled') steps.push(this.row('release', world, (next) => this.move(next, 'release', 'queued')));
    if (state === 'unknown')
      steps.push(
        this.row('a person declares it lost', world, (next) => {
          this.move(next, 'declareLost', 'lost');
          next.row.fence += 1;
          next.row.declared = true;
        }),
      );
    if (state === 'queued') steps.push(this.row('an administrator holds it', world, (next) => this.move(next, 'hold', 'scheduled')));
    if (isFinal(state) || world.row.cancel) return steps;
    const cancel = (next: World) => {
      next.row.cancel = true;
      if (state === 'queued' || state === 'scheduled') this.move(next, 'cancelWaiting', 'cancelled');
      if (state === 'running') this.move(next, 'stop', 'stopping');
    };
    return [...steps, this.row('cancel', world, cancel)];
  }

  /** What engines and programs do by themselves, and the end of the whole machine with all runners on it. */
  private outside(world: World): Step[] {
    const steps = world.attempts.flatMap((attempt, index) =>
      outsideSteps(attempt, this.rules, this.flaw === 'startWithoutMarker').map(({ name, change }) =>
        this.row(`attempt ${index + 1} ${name}`, world, (next) => change(next.attempts[index])),
      ),
    );
    if (world.row.state === 'running' && world.permission === 'kept') steps.push(this.losePermission(world));
    if (world.crashes === BOUNDS.crashes) return steps;
    const reboot = (next: World) => {
      next.crashes += 1;
      next.runners = RUNNERS.map(() => null);
      for (const attempt of next.attempts) restart(attempt, this.rules);
    };
    return [...steps, this.row('the machine is restarted', world, reboot)];
  }

  /** What has happened outside stays as it is, and who owned the run still does. */
  private losePermission(world: World): Step {
    return this.row('the database loses the permission', world, (next) => {
      next.row.state = 'starting';
      next.row.starts -= 1;
      next.permission = 'lost';
    });
  }

  private byRunner(world: World, runner: number): Step[] {
    const belief = world.runners[runner];
    if (!belief) return [...this.claims(world, runner), ...this.takeOvers(world, runner)];
    return [...this.crash(world, runner), ...this.work(world, runner, belief), ...this.takeOvers(world, runner)];
  }

  private claims(world: World, runner: number): Step[] {
    if (world.row.state !== 'queued') return [];
    return [
      this.row(`${runner} claims`, world, (next) => {
        this.move(next, 'claim', 'starting');
        next.row.fence += 1;
        next.row.attempt += 1;
        next.attempts.push(newAttempt());
        next.runners[runner] = { fence: next.row.fence, attempt: next.row.attempt, phase: 'claimed' };
      }),
    ];
  }

  private crash(world: World, runner: number): Step[] {
    if (world.crashes === BOUNDS.crashes) return [];
    return [
      this.row(`${runner} crashes`, world, (next) => {
        next.crashes += 1;
        next.runners[runner] = null;
        const held = world.runners[runner]?.phase === 'prepared' || world.runners[runner]?.phase === 'authorised';
        const attempt = next.attempts[(world.runners[runner]?.attempt ?? 0) - 1];
        if (this.rules.heldDiesWithRunner && held && attempt.object === 'held') attempt.object = 'gone';
      }),
    ];
  }

  private takeOvers(world: World, runner: number): Step[] {
    const { row } = world;
    const ownerLives = world.runners.some((belief) => belief?.fence === row.fence);
    if (!isHeld(row.state) || world.runners[runner]?.fence === row.fence) return [];
    if (ownerLives && world.hasty === BOUNDS.hasty) return [];
    const steps = [
      this.row(`${runner} takes over`, world, (next) => {
        this.move(next, 'takeOver', row.state);
        if (ownerLives) next.hasty += 1;
        next.row.fence += 1;
        next.runners[runner] = { fence: next.row.fence, attempt: row.attempt, phase: 'heir' };
      }),
    ];
    if (this.flaw === 'requeueWithoutSealing') steps.push(...this.requeue(world, runner));
    return steps;
  }

  /** The usual rule of queues, "expired, so run it again". */
  private requeue(world: World, runner: number): Step[] {
    const { state, starts } = world.row;
    if (state !== 'starting' && (starts === BOUNDS.maxStarts || state === 'stopping')) return [];
    return [
      this.row(`${runner} finds it expired and queues it again`, world, (next) => {
        this.move(next, state === 'starting' ? 'unclaim' : 'retry', 'queued');
        next.row.fence += 1;
        next.hasty = BOUNDS.hasty;
      }),
    ];
  }

  private work(world: World, runner: number, belief: Belief): Step[] {
    switch (belief.phase) {
      case 'claimed':
        return [
          ...this.prepare(world, runner, belief),
          this.inspect(world, runner, belief),
          ...this.write('failStart', world, runner, 'failed', (next) => (next.runners[runner] = null)),
        ];
      case 'prepared':
        return [
          ...(this.flaw === 'goBeforeAuthorise' ? [this.go(world, runner, belief, 'prepared')] : []),
          ...this.authorise(world, runner),
          this.inspect(world, runner, belief),
        ];
      case 'authorised':
        return [this.go(world, runner, belief, 'watching')];
      case 'heir':
        return [this.inspect(world, runner, belief)];
      case 'sealed':
        return this.giveBack(world, runner);
      case 'watching':
        return this.watch(world, runner, belief);
    }
  }

  private authorise(world: World, runner: number): Step[] {
    const { cancel, starts } = world.row;
    if (cancel || starts >= BOUNDS.maxStarts) return [];
    return this.write('authorise', world, runner, 'running', (next) => {
      next.row.starts += 1;
      next.runners[runner]!.phase = 'authorised';
    });
  }

  /** Where an answer may be lost the runner looks for what it asked for, so that asking again makes nothing new. */
  private prepare(world: World, runner: number, { attempt }: Belief): Step[] {
    if (world.attempts[attempt - 1].object === 'gone') return [];
    const make = (next: World) => (next.attempts[attempt - 1].object = 'held');
    const known = this.row(`${runner} prepares`, world, (next) => {
      make(next);
      next.runners[runner]!.phase = 'prepared';
    });
    const isNew = world.attempts[attempt - 1].object === 'none';
    return this.rules.losesAnswers && isNew ? [known, this.row(`${runner} prepares and hears nothing of it`, world, make)] : [known];
  }

  private go(world: World, runner: number, belief: Belief, phase: Belief['phase']): Step {
    return this.row(`${runner} says go to attempt ${belief.attempt}`, world, (next) => {
      next.runners[runner]!.phase = phase;
      const attempt = next.attempts[belief.attempt - 1];
      if (attempt.object === 'held') attempt.object = 'released';
    });
  }

  /** Tries to make the marker: either the attempt is sealed by that, or it turns out that it began. */
  private inspect(world: World, runner: number, belief: Belief): Step {
    return this.row(`${runner} seals attempt ${belief.attempt} or sees that it began`, world, (next) => {
      const attempt = next.attempts[belief.attempt - 1];
      const isBegun = attempt.marker === 'begun' && !(this.flaw === 'givesBackWhatBegan' && next.row.state === 'starting');
      next.runners[runner]!.phase = isBegun ? 'watching' : 'sealed';
      if (attempt.marker !== 'none' || this.flaw === 'unstartWithoutSealing') return;
      attempt.marker = 'sealed';
      if (this.rules.givesBack && attempt.object !== 'none') attempt.object = 'gone';
    });
  }

  private giveBack(world: World, runner: number): Step[] {
    const { state, cancel, startFailures } = world.row;
    const done = (next: World) => {
      next.runners[runner] = null;
      // What can never begin needs none.
      if (next.permission === 'lost') next.permission = 'settled';
    };
    if (state === 'starting') {
      if (cancel) return this.write('cancelStarting', world, runner, 'cancelled', done);
      if (startFailures === BOUNDS.startFailures) return this.write('failStart', world, runner, 'failed', done);
      return this.write('unclaim', world, runner, 'queued', (next) => {
        next.row.startFailures += 1;
        done(next);
      });
    }
    if (state === 'unknown') return this.write('regain', world, runner, cancel ? 'stopping' : 'running');
    return this.write('unstart', world, runner, cancel ? 'cancelled' : 'queued', (next) => {
      next.row.starts -= 1;
      done(next);
    });
  }

  private watch(world: World, runner: number, belief: Belief): Step[] {
    const { state, cancel, starts } = world.row;
    const attempt = world.attempts[belief.attempt - 1];
    const done = (next: World) => (next.runners[runner] = null);
    const steps: Step[] = [
      ...this.write('discover', world, runner, 'unknown', (next) => {
        next.row.starts += 1;
        next.permission = 'settled';
      }),
      ...this.write('doubt', world, runner, 'unknown'),
      ...this.write('disown', world, runner, 'unknown', done),
      ...this.write('regain', world, runner, cancel ? 'stopping' : 'running'),
      ...this.write('stop', world, runner, 'stopping'),
    ];
    if (this.flaw === 'believesAbsence') steps.push(...this.write('lose', world, runner, 'lost', done));
    if (this.flaw === 'trustsNumbers') steps.push(...this.write('finish', world, runner, 'succeeded', done));
    // It waits in its engine, or was never let go by a runner that died in between: forbidden to begin, it can go back.
    if (attempt.marker !== 'begun') return [...steps, ...this.takeBack(world, runner, belief)];
    if (attempt.alive) {
      const kill = (next: World) => Object.assign(next.attempts[belief.attempt - 1], { alive: false, record: 'bad' });
      return state === 'stopping' ? [...steps, this.row(`${runner} kills attempt ${belief.attempt}`, world, kill)] : steps;
    }
    if (attempt.record === 'none') return [...steps, ...this.write('lose', world, runner, 'lost', done)];
    const end = attempt.record === 'good' ? 'succeeded' : state === 'stopping' ? (cancel ? 'cancelled' : 'timed_out') : 'failed';
    steps.push(...this.write('finish', world, runner, end, done));
    const again = attempt.record === 'bad' && !cancel && starts < BOUNDS.maxStarts;
    return again ? [...steps, ...this.write('retry', world, runner, 'queued', done)] : steps;
  }

  /** Right where it cannot begin any more or is to be stopped; where it could, a matter of patience, of which the model has little. */
  private takeBack(world: World, runner: number, belief: Belief): Step[] {
    const isDue = world.attempts[belief.attempt - 1].object === 'gone' || world.row.state === 'stopping';
    if (!isDue && world.hasty === BOUNDS.hasty) return [];
    const step = this.inspect(world, runner, belief);
    if (!isDue) step.world.hasty += 1;
    return [step];
  }

  /** A write by an owner: where fence or state have moved on, it does nothing, and the runner learns that it owns nothing. */
  private write(
    name: TransitionName,
    world: World,
    runner: number,
    to: RunState,
    more: (next: World) => unknown = () => undefined,
  ): Step[] {
    const belief = world.runners[runner]!;
    const refused = this.flaw !== 'noFence' && belief.fence !== world.row.fence;
    if (refused) return [this.row(`${runner} is refused: ${name}`, world, (next) => (next.runners[runner] = null))];
    if (!transition(name).from.includes(world.row.state)) return [];
    const step = this.row(`${runner} writes: ${name} → ${to}`, world, (next) => {
      this.move(next, name, to);
      more(next);
    });
    return [{ ...step, wrote: runner }];
  }

  private row(name: string, world: World, change: (next: World) => unknown): Step {
    const next = copy(world);
    change(next);
    if (this.flaw !== 'startWithoutMarker') forget(next);
    return { name, world: next };
  }

  private move(world: World, name: TransitionName, to: RunState): void {
    const { from, to: targets } = transition(name);
    const { state } = world.row;
    const allowed = from.includes(state) && targets.includes(to) && (name !== 'takeOver' || state === to);
    if (!allowed) throw new Error(`${name} does not lead from ${state} to ${to}`);
    this.made.add(name);
    world.row.state = to;
  }
}

/**
 * Leaves out what can matter no more, which makes one world of very many: of fences only whether they are the present one, and attempts
 * that are over and in nobody's mind. Only where programs respect their marker is an attempt ever over.
 */
function forget(world: World): void {
  for (const belief of world.runners) if (belief) belief.fence = belief.fence === world.row.fence ? 0 : -1;
  world.row.fence = 0;
  for (const attempt of world.attempts) if (attempt.marker !== 'none') attempt.object = 'gone';
  for (let number = world.row.attempt - 1; number >= 1; number -= 1) {
    const attempt = world.attempts[number - 1];
    if (attempt.alive || attempt.marker === 'none' || world.runners.some((belief) => belief?.attempt === number)) continue;
    world.attempts.splice(number - 1, 1);
    world.begunBefore += attempt.begun;
    world.row.attempt -= 1;
    for (const belief of world.runners) if (belief && belief.attempt > number) belief.attempt -= 1;
  }
}

/** structuredClone costs ten times as much, and a million worlds are copied. */
function copy({ row, runners, attempts, ...rest }: World): World {
  return {
    row: { ...row },
    runners: runners.map((belief) => belief && { ...belief }),
    attempts: attempts.map((attempt) => ({ ...attempt })),
    ...rest,
  };
}

function transition(name: TransitionName) {
  const found = TRANSITIONS.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`there is no transition ${name}`);
  return found;
}
