/** The states of a run and the moves between them: the one table that the stores, the pages, the tests and the model checker read. */

export const RUN_STATES = [
  'scheduled',
  'queued',
  'starting',
  'running',
  'stopping',
  'unknown',
  'succeeded',
  'partial',
  'failed',
  'timed_out',
  'cancelled',
  'lost',
] as const;

export type RunState = (typeof RUN_STATES)[number];

export const FINAL_STATES = ['succeeded', 'partial', 'failed', 'timed_out', 'cancelled', 'lost'] as const satisfies readonly RunState[];
export type FinalState = (typeof FINAL_STATES)[number];

/** States in which a runner holds the run: it takes a place, and something of it may exist outside. */
export const HELD_STATES = ['starting', 'running', 'stopping', 'unknown'] as const satisfies readonly RunState[];
export type HeldState = (typeof HELD_STATES)[number];

/** States in which a run is not over. */
export const LIVE_STATES = ['scheduled', 'queued', ...HELD_STATES] as const satisfies readonly RunState[];
export type LiveState = (typeof LIVE_STATES)[number];

export function isFinal(state: RunState): state is FinalState {
  return (FINAL_STATES as readonly RunState[]).includes(state);
}

export function isHeld(state: RunState): state is HeldState {
  return (HELD_STATES as readonly RunState[]).includes(state);
}

/** How a move is named in the code and in the events. `takeOver` changes the owner and not the state. */
export type TransitionName =
  | 'enqueue'
  | 'release'
  | 'hold'
  | 'cancelWaiting'
  | 'claim'
  | 'unclaim'
  | 'failStart'
  | 'cancelStarting'
  | 'authorise'
  | 'discover'
  | 'unstart'
  | 'stop'
  | 'finish'
  | 'retry'
  | 'lose'
  | 'declareLost'
  | 'doubt'
  | 'disown'
  | 'regain'
  | 'takeOver';

export interface Transition {
  name: TransitionName;
  from: readonly RunState[];
  to: readonly RunState[];
  /** Who may do it: `anyone` by the state alone; `owner` must hold the run's current fence. */
  by: 'anyone' | 'owner';
  /** What must be true outside the database before the move is made. */
  needs: string;
}

const ENDED = FINAL_STATES.filter((state) => state !== 'lost');

export const TRANSITIONS: readonly Transition[] = [
  { name: 'enqueue', from: [], to: ['queued', 'scheduled'], by: 'anyone', needs: 'a submission id that is not in the table yet' },
  {
    name: 'release',
    from: ['scheduled'],
    to: ['queued'],
    by: 'anyone',
    needs: 'its time has come, by the clock of the database, or it was let go, or the run that it waited for has succeeded',
  },
  { name: 'hold', from: ['queued'], to: ['scheduled'], by: 'anyone', needs: 'the wish of an administrator: nothing of it was begun' },
  { name: 'cancelWaiting', from: ['scheduled', 'queued'], to: ['cancelled'], by: 'anyone', needs: 'nothing: it never ran' },
  { name: 'claim', from: ['queued'], to: ['starting'], by: 'anyone', needs: 'the gate unchanged since the limits were read' },
  { name: 'unclaim', from: ['starting'], to: ['queued'], by: 'owner', needs: 'the attempt is sealed: it can never start' },
  { name: 'failStart', from: ['starting'], to: ['failed'], by: 'owner', needs: 'the attempt is sealed, or nothing was prepared' },
  { name: 'cancelStarting', from: ['starting'], to: ['cancelled'], by: 'owner', needs: 'the attempt is sealed' },
  { name: 'authorise', from: ['starting'], to: ['running'], by: 'owner', needs: 'a held handle; no cancel asked for; starts < maxStarts' },
  {
    name: 'discover',
    from: ['starting'],
    to: ['unknown'],
    by: 'owner',
    needs: 'the attempt was let go: there was a permission that the table knows nothing of',
  },
  {
    name: 'unstart',
    from: ['running', 'stopping'],
    to: ['queued', 'cancelled'],
    by: 'owner',
    needs: 'the attempt is sealed and had never begun',
  },
  { name: 'stop', from: ['running'], to: ['stopping'], by: 'anyone', needs: 'a reason: cancelled by somebody, or the time limit' },
  {
    name: 'finish',
    from: ['running', 'stopping', 'unknown'],
    to: ENDED,
    by: 'owner',
    needs: 'the exit record of this attempt, or its proven death',
  },
  {
    name: 'retry',
    from: ['running', 'stopping', 'unknown'],
    to: ['queued'],
    by: 'owner',
    needs: 'as finish, and a pipeline that asks for retries',
  },
  { name: 'lose', from: ['running', 'stopping', 'unknown'], to: ['lost'], by: 'owner', needs: 'proof of death without an exit record' },
  {
    name: 'declareLost',
    from: ['unknown'],
    to: ['lost'],
    by: 'anyone',
    needs: 'the word of an administrator: no runner ever learns of its death, as when a machine is gone for good',
  },
  { name: 'doubt', from: ['running', 'stopping'], to: ['unknown'], by: 'owner', needs: 'the payload cannot be observed' },
  {
    name: 'disown',
    from: ['running', 'stopping', 'unknown'],
    to: ['unknown'],
    by: 'owner',
    needs: 'the payload can never be observed from here: it is on another machine, or its engine is not served',
  },
  { name: 'regain', from: ['unknown'], to: ['running', 'stopping'], by: 'owner', needs: 'the payload is observed again' },
  {
    name: 'takeOver',
    from: HELD_STATES,
    to: HELD_STATES,
    by: 'anyone',
    needs: 'an owner that is gone, silent for longer than RUNNER_STALE, or blind',
  },
];

/** Whether some transition leads from one state to the other; staying in a held state is a take-over. */
export function isAllowedMove(from: RunState, to: RunState): boolean {
  return TRANSITIONS.some((transition) =>
    transition.name === 'takeOver' ? from === to && isHeld(from) : transition.from.includes(from) && transition.to.includes(to),
  );
}
