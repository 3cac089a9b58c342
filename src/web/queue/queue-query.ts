import { FINAL_STATES, HELD_STATES, RUN_STATES, type RunState } from '../../common/queue/run-state';
import type { Cursor } from '../../common/queue/runs.repository';

/** Groups of states that people can ask for, beside single ones. */
const GROUPS = new Map<string, readonly RunState[]>([
  ['waiting', ['scheduled', 'queued']],
  ['running', HELD_STATES],
  ['finished', FINAL_STATES],
]);

const LONGEST_WORDS = 100;

/** What the address of the queue page asks for. Everything that makes no sense counts as not asked. */
export interface QueueQuery {
  whose: 'all' | 'mine';
  /** As typed, for the field. */
  words: string;
  /** Name of a group or a state, or ''. */
  state: string;
  states: readonly RunState[];
  before: Cursor | null;
}

export function readQueueQuery(query: Record<string, unknown>): QueueQuery {
  const state = one(query['state']);
  const single = RUN_STATES.find((known) => known === state);
  const states = GROUPS.get(state) ?? (single ? [single] : RUN_STATES);
  return {
    whose: one(query['whose']) === 'mine' ? 'mine' : 'all',
    words: one(query['q']).trim().slice(0, LONGEST_WORDS),
    state: states === RUN_STATES ? '' : state,
    states,
    before: readCursor(one(query['before'])),
  };
}

/** @returns the text of a cursor for an address. */
export function writeCursor({ finishedMs, id }: Cursor): string {
  return `${finishedMs}-${id}`;
}

function readCursor(value: string): Cursor | null {
  const match = /^(\d{1,15})-(\d{1,9})$/.exec(value);
  return match ? { finishedMs: Number(match[1]), id: Number(match[2]) } : null;
}

function one(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
