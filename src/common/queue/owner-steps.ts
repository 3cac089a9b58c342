import { NOW_MS, type Dialect } from '../database/dialect';
import { MOST_START_FAILURES, words } from './queue-sql';
import { FINAL_STATES, type RunState } from './run-state';

/** A step that only the holder of the current fence may take, as SQL. */
export interface OwnerStep {
  from: readonly RunState[];
  to: readonly RunState[];
  /** One statement; `:runId`, `:fence` and the values of the step are its parameters. */
  update: string;
  /** The same for several runs, each with its own fence and values: `:runId0`, `:fence0` … */
  updateAll: (count: number) => string;
  /**
   * Whether this very step was taken before under the same fence, which the run's events know: so a repetition after a lost
   * connection answers as the first call did, and a step that was never taken does not.
   */
  taken: string;
}

export type OwnerStepName =
  | 'unclaim'
  | 'failStart'
  | 'cancelStarting'
  | 'authorise'
  | 'discover'
  | 'unstart'
  | 'stop'
  | 'finish'
  | 'retry'
  | 'doubt'
  | 'disown'
  | 'regain';

interface Sketch {
  from: readonly RunState[];
  to: readonly RunState[];
  /** Assigned from left to right on MariaDB: what later expressions read is assigned last. */
  set: string;
  when?: string;
  /** The one state that a repetition must have led to; any of `to` when unset. */
  endsIn?: string;
  /** What must still hold for a repetition to be answered with `true`. */
  still?: string;
}

const PAYLOAD_STATES = ['running', 'stopping', 'unknown'] as const satisfies readonly RunState[];
const NOTHING_RUNS = `handle = NULL, runner_name = NULL, started_ms = NULL, progress = NULL, progress_text = NULL, exit_code = NULL,
  engine_note = NULL, begun_ms = NULL, gpu_ids = NULL`;
const CANCELLED = 'cancel_requested_ms IS NOT NULL';
const TOO_OFTEN = `start_failures + 1 >= ${MOST_START_FAILURES}`;

/** All steps of an owner. Their guards stand in the WHERE, so that the database decides and not an earlier look at the row. */
export function ownerSteps(dialect: Dialect): Record<OwnerStepName, OwnerStep> {
  const sketches = { ...startSketches(NOW_MS[dialect]), ...payloadSketches(NOW_MS[dialect]) };
  return Object.fromEntries(Object.entries(sketches).map(([name, sketch]) => [name, toStep(sketch)])) as Record<OwnerStepName, OwnerStep>;
}

function startSketches(now: string) {
  return {
    unclaim: {
      from: ['starting'],
      to: ['queued', 'failed', 'cancelled'],
      set: `finished_ms = CASE WHEN ${CANCELLED} OR ${TOO_OFTEN} THEN ${now} END,
        note = CASE WHEN ${CANCELLED} THEN note ELSE :note END,
        runner_name = CASE WHEN ${CANCELLED} OR ${TOO_OFTEN} THEN runner_name END,
        state = CASE WHEN ${CANCELLED} THEN 'cancelled' WHEN ${TOO_OFTEN} THEN 'failed' ELSE 'queued' END,
        gpu_ids = NULL, start_failures = start_failures + 1`,
    },
    failStart: { from: ['starting'], to: ['failed'], set: `state = 'failed', finished_ms = ${now}, note = :note` },
    cancelStarting: { from: ['starting'], to: ['cancelled'], when: CANCELLED, set: `state = 'cancelled', finished_ms = ${now}` },
    authorise: {
      from: ['starting'],
      to: ['running'],
      when: 'cancel_requested_ms IS NULL AND starts < max_starts',
      set: `state = 'running', starts = starts + 1, handle = :handle, started_ms = ${now}, note = NULL`,
      // A permission to start that was given back is none any more.
      still: `q.state IN (${words(PAYLOAD_STATES)})`,
    },
    discover: {
      from: ['starting'],
      to: ['unknown'],
      set: `state = 'unknown', note = :note, handle = :handle, started_ms = ${now},
        starts = CASE WHEN starts < max_starts THEN starts + 1 ELSE starts END,
        stop_reason = CASE WHEN ${CANCELLED} THEN 'cancel' END`,
    },
    unstart: {
      from: ['running', 'stopping'],
      to: ['queued', 'cancelled'],
      set: `finished_ms = CASE WHEN ${CANCELLED} THEN ${now} END,
        stop_reason = CASE WHEN ${CANCELLED} THEN stop_reason END,
        state = CASE WHEN ${CANCELLED} THEN 'cancelled' ELSE 'queued' END,
        starts = starts - 1, ${NOTHING_RUNS}`,
    },
  } satisfies Record<string, Sketch>;
}

function payloadSketches(now: string) {
  return {
    stop: {
      from: ['running'],
      to: ['stopping'],
      set: `state = 'stopping', stop_reason = :reason, note = :note,
        cancel_requested_ms = CASE WHEN :reason = 'cancel' THEN COALESCE(cancel_requested_ms, ${now}) ELSE cancel_requested_ms END`,
    },
    finish: {
      from: PAYLOAD_STATES,
      to: FINAL_STATES,
      set: `state = :state, finished_ms = ${now}, exit_code = :exitCode,
        note = COALESCE(:note, CASE WHEN :state IN ('cancelled', 'timed_out') THEN note END)`,
      endsIn: ':state',
    },
    retry: {
      from: PAYLOAD_STATES,
      to: ['queued'],
      when: 'starts < max_starts AND cancel_requested_ms IS NULL',
      set: `state = 'queued', note = :note, stop_reason = NULL, ${NOTHING_RUNS}`,
    },
    doubt: { from: ['running', 'stopping'], to: ['unknown'], set: `state = 'unknown', note = :note` },
    disown: { from: PAYLOAD_STATES, to: ['unknown'], set: `state = 'unknown', note = :note, runner_name = NULL` },
    regain: {
      from: ['unknown'],
      to: ['running', 'stopping'],
      set: `state = CASE WHEN stop_reason IS NULL THEN 'running' ELSE 'stopping' END, note = NULL`,
    },
  } satisfies Record<string, Sketch>;
}

function toStep(sketch: Sketch): OwnerStep {
  const from = words(sketch.from);
  const when = sketch.when === undefined ? '' : ` AND ${sketch.when}`;
  return {
    from: sketch.from,
    to: sketch.to,
    update: `UPDATE queue SET ${sketch.set} WHERE id = :runId AND fence = :fence AND state IN (${from})${when}`,
    updateAll: (count) => {
      const numbers = Array.from({ length: count }, (_, index) => index);
      const valueOf = (value: string) => `CASE id ${numbers.map((index) => `WHEN :runId${index} THEN ${value}${index}`).join(' ')} END`;
      return `UPDATE queue SET ${sketch.set.replace(/:[a-zA-Z]+/g, valueOf)}
        WHERE id IN (${numbers.map((index) => `:runId${index}`).join(', ')})
          AND (id, fence) IN (${numbers.map((index) => `(:runId${index}, :fence${index})`).join(', ')}) AND state IN (${from})${when}`;
    },
    taken: `
      SELECT 1 AS taken FROM run_events e JOIN queue q ON q.id = e.run_id
      WHERE e.run_id = :runId AND q.fence = :fence AND e.fence = :fence AND e.from_state IN (${from})
        AND e.to_state IN (${sketch.endsIn ?? words(sketch.to)}) AND ${sketch.still ?? '1 = 1'}
      LIMIT 1`,
  };
}
