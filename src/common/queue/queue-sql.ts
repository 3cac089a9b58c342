import { NOW_MS, type Dialect } from '../database/dialect';
import { isAnyLinkDecided } from './link-sql';
import type { Glance } from './queue-store';
import { RUNNER_MODES, type RunnerMode } from './runner-mode';
import { FINAL_STATES, HELD_STATES, type RunState } from './run-state';
import { RUN_COLUMNS } from './run-row';

/** Claims given back without a start, after which a run ends `failed`. */
export const MOST_START_FAILURES = 5;

/** What each bit of a look means; the bits from `mode` on are the number of the runner's mode. */
const GLANCE = { waiting: 1, due: 2, stopping: 4, held: 8, mail: 16, mode: 32 } as const;

/**
 * The statements that are the same on both databases but for the clock and the way to insist on an index. `:name` stands for a value.
 * MariaDB assigns from left to right and lets later expressions see earlier assignments: what others depend on is assigned last.
 */
export function queueSql(dialect: Dialect) {
  const now = NOW_MS[dialect];
  const head = useIndex(dialect, 'idx_queue_head');
  return { ...runStatements(now), ...runnerStatements(now), ...looks(dialect, now, head), beat: beatStatement(dialect, now, head) };
}

function runStatements(now: string) {
  return {
    now: `SELECT ${now} AS now`,

    enqueue: `
      INSERT INTO queue (submission_id, pipeline_id, pipeline_title, project_id, owner_id, state, \`rank\`, fence, attempt, starts,
        max_starts, start_failures, time_limit_seconds, pipeline_limit, engine, need_cpu, need_memory, need_gpus, requested_ms, available_ms,
        keep)
      VALUES (:submissionId, :pipelineId, :pipelineTitle, :projectId, :ownerId,
        CASE WHEN :availableMs > ${now} THEN 'scheduled' ELSE 'queued' END, :rank, 0, 0, 0,
        :maxStarts, 0, :timeLimitSeconds, :pipelineLimit, :engine, :needCpu, :needMemory, :needGpus, ${now}, COALESCE(:availableMs, ${now}), 0)`,
    enqueueDetails: `INSERT INTO run_details (run_id, parameters, manifest) VALUES (:runId, :parameters, :manifest)`,
    findSubmission: `SELECT id FROM queue WHERE submission_id = :submissionId`,

    releaseDue: `UPDATE queue SET state = 'queued' WHERE state = 'scheduled' AND available_ms <= ${now}`,

    requestCancel: `
      UPDATE queue SET
        note = CASE WHEN state = 'unknown' OR cancel_requested_ms IS NOT NULL THEN note ELSE :note END,
        stop_reason = CASE WHEN state IN ('scheduled', 'queued', 'starting') THEN stop_reason ELSE COALESCE(stop_reason, 'cancel') END,
        cancel_requested_ms = COALESCE(cancel_requested_ms, ${now}),
        finished_ms = CASE WHEN state IN ('scheduled', 'queued') THEN ${now} END,
        state = CASE WHEN state IN ('scheduled', 'queued') THEN 'cancelled' WHEN state = 'running' THEN 'stopping' ELSE state END
      WHERE id = :runId AND state NOT IN (${words(FINAL_STATES)})`,
    declareLost: `
      UPDATE queue SET state = 'lost', fence = fence + 1, finished_ms = ${now}, note = :note WHERE id = :runId AND state = 'unknown'`,
    stateOf: `SELECT state FROM queue WHERE id = :runId`,

    takeOver: `
      UPDATE queue SET fence = fence + 1, runner_name = :runner
      WHERE id = :runId AND fence = :fence AND state IN (${words(HELD_STATES)})
        AND EXISTS (SELECT 1 FROM runners WHERE name = :runner AND incarnation = :incarnation)
        AND (runner_name = :runner OR state = 'unknown' OR NOT EXISTS (
          SELECT 1 FROM runners WHERE name = runner_name AND stopped = 0 AND ABS(${now} - beat_ms) <= :staleSeconds * 1000))`,
    runOfTakeOver: `
      SELECT ${RUN_COLUMNS} FROM queue q
      WHERE q.id = :runId AND q.fence = :fence + 1 AND q.runner_name = :runner AND q.state IN (${words(HELD_STATES)})
        AND EXISTS (SELECT 1 FROM runners WHERE name = :runner AND incarnation = :incarnation)`,

    reportProgress: `
      UPDATE queue SET progress = :progress, progress_text = :progressText
      WHERE id = :runId AND fence = :fence AND state IN ('running', 'stopping')`,

    reportEngine: `
      UPDATE queue SET engine_note = :note, begun_ms = COALESCE(:begunMs, begun_ms)
      WHERE id = :runId AND fence = :fence AND state IN ('running', 'stopping', 'unknown')`,
  };
}

function looks(dialect: Dialect, now: string, head: string) {
  return {
    held: `
      SELECT ${RUN_COLUMNS}, r.host AS r_host, r.boot_id AS r_boot_id, r.incarnation AS r_incarnation, r.stopped AS r_stopped,
        ABS(${now} - r.beat_ms) AS r_silent_ms
      FROM queue q ${head} LEFT JOIN runners r ON r.name = q.runner_name
      WHERE q.state IN (${words(HELD_STATES)})`,

    // All that a runner has to know once a second, each part one step into an index.
    glance: `SELECT ${glanceBits(dialect, now, head)} AS bits, (SELECT mode FROM runners WHERE name = :runner) AS mode`,
    waitingOf: `SELECT COUNT(*) AS count FROM queue ${head} WHERE state IN ('scheduled', 'queued') AND owner_id = :ownerId`,
  };
}

/** The condition that the whole queue is not on hold. */
export const IS_OPEN = 'EXISTS (SELECT 1 FROM gate WHERE id = 1 AND held_ms IS NULL)';

/** The answers of a look as bits of one number, so that a beat can tell them as well (see `GLANCE`). */
function glanceBits(dialect: Dialect, now: string, head: string): string {
  return `(
      ${GLANCE.waiting} * (EXISTS (SELECT 1 FROM queue ${head} WHERE state = 'queued') AND ${IS_OPEN})
      + ${GLANCE.due} * (EXISTS (SELECT 1 FROM queue ${head} WHERE state = 'scheduled' AND available_ms <= ${now})
        OR ${isAnyLinkDecided(dialect)})
      + ${GLANCE.stopping} * (EXISTS (SELECT 1 FROM queue ${head} WHERE state = 'stopping' AND runner_name = :runner)
        OR EXISTS (SELECT 1 FROM queue ${head} WHERE state = 'starting' AND runner_name = :runner AND cancel_requested_ms IS NOT NULL))
      + ${GLANCE.held} * (${HELD_STATES.map((state) => `EXISTS (SELECT 1 FROM queue ${head} WHERE state = '${state}')`).join(' OR ')})
      + ${GLANCE.mail} * (EXISTS (SELECT 1 FROM run_events WHERE mailed = 0)
        OR EXISTS (SELECT 1 FROM mails WHERE sent_ms IS NULL AND next_try_ms <= ${now})))`;
}

function runnerStatements(now: string) {
  return {
    modeOf: `SELECT mode FROM runners WHERE name = :name`,
    // A row that has the mode already counts as changed on neither database, so whether it exists is asked apart.
    // MariaDB assigns from left to right, so the time and the name come before the mode that they are compared with.
    setMode: `UPDATE runners SET mode_ms = CASE WHEN mode = :mode THEN mode_ms ELSE ${now} END,
      mode_by = CASE WHEN mode = :mode THEN mode_by ELSE :by END, mode = :mode WHERE name = :name`,
    retire: `UPDATE runners SET stopped = 1 WHERE name = :name AND incarnation = :incarnation`,
    register: `
      INSERT INTO runners (name, incarnation, host, boot_id, slots, remote_slots, cpu, memory, gpu_ids, engines, poke_address, beat_ms,
        started_ms, stopped)
      VALUES (:name, :incarnation, :host, :bootId, :slots, :remoteSlots, :cpu, :memory, :gpuIds, :engines, :pokeAddress, ${now}, ${now}, 0)`,
  };
}

/**
 * A beat tells what a look would have told, in the same statement: on MariaDB, which returns nothing from an UPDATE, in the one number
 * that travels back with it.
 */
function beatStatement(dialect: Dialect, now: string, head: string): string {
  const bits = `${glanceBits(dialect, now, head)} + ${RUNNER_MODES.map((mode, index) => `${index * GLANCE.mode} * (mode = '${mode}')`).join(' + ')}`;
  const health = 'health = COALESCE(:health, health)';
  const where = 'WHERE name = :runner AND incarnation = :incarnation';
  if (dialect === 'sqlite') return `UPDATE runners SET beat_ms = ${now}, trouble = :trouble, ${health} ${where} RETURNING ${bits} AS bits`;
  return `UPDATE runners SET beat_ms = ${now} + 0 * LAST_INSERT_ID(${bits}), trouble = :trouble, ${health} ${where}`;
}

/** The look that the number of a beat stands for. */
export function toGlance(bits: number, mode: RunnerMode | null | undefined = RUNNER_MODES[Math.floor(bits / GLANCE.mode)]): Glance {
  const has = (bit: number) => Math.floor(bits / bit) % 2 === 1;
  return {
    waiting: has(GLANCE.waiting),
    due: has(GLANCE.due),
    stopping: has(GLANCE.stopping),
    held: has(GLANCE.held),
    mail: has(GLANCE.mail),
    mode: mode ?? null,
  };
}

export type QueueSql = ReturnType<typeof queueSql>;

/** Both planners guess from statistics, which are worthless on a table whose states change all day; hot statements name their index. */
export function useIndex(dialect: Dialect, index: string): string {
  return dialect === 'sqlite' ? `INDEXED BY ${index}` : `FORCE INDEX (${index})`;
}

/** States as an SQL list. */
export function words(states: readonly RunState[]): string {
  return states.map((state) => `'${state}'`).join(', ');
}
