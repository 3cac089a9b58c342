import { NOW_MS, type Dialect } from '../database/dialect';
import { FINAL_STATES } from './run-state';

const FINAL = FINAL_STATES.map((state) => `'${state}'`).join(', ');
/** Links that are told at once. */
export const MOST_DECIDED = 100;

/** A run on hold goes on waiting, unless what it waits for has come to nothing. */
const IS_DECIDED = `(p.id IS NULL OR (p.state IN (${FINAL}) AND (q.due_ms IS NULL OR p.state <> 'succeeded')))`;

/**
 * What waits for something that is over. In this order by whatever statistics say: of the few links that are open each is looked at, by
 * the numbers of its two runs.
 */
function waiting(dialect: Dialect): string {
  const join = dialect === 'sqlite' ? 'CROSS JOIN' : 'STRAIGHT_JOIN';
  const open = dialect === 'sqlite' ? 'INDEXED BY idx_run_links_open' : 'FORCE INDEX (idx_run_links_open)';
  return `run_links l ${open} ${join} queue q ON q.id = l.run_id AND q.state = 'scheduled' LEFT JOIN queue p ON p.id = l.after_run
    WHERE l.is_open = 1 AND ${IS_DECIDED}`;
}

/** A condition for the look at the queue. */
export function isAnyLinkDecided(dialect: Dialect): string {
  return `EXISTS (SELECT 1 FROM ${waiting(dialect)})`;
}

/**
 * The links between runs: a run that waits for another one is `scheduled` for no time. That what it waits for is over never changes
 * again, so whoever has seen it may act on it at any time later; the state of the run itself stands in each WHERE.
 */
export function linkSql(dialect: Dialect) {
  const now = NOW_MS[dialect];
  const isStill = `id = :runId AND state = 'scheduled' AND EXISTS (SELECT 1 FROM run_links WHERE run_id = :runId AND is_open = 1)`;
  return {
    decided: `SELECT l.run_id AS runId, l.after_run AS afterRun, p.state AS afterState FROM ${waiting(dialect)} AND l.run_id > :above
      ORDER BY l.run_id LIMIT ${MOST_DECIDED}`,
    link: `
      INSERT INTO run_links (run_id, after_run, root_run, is_open)
      SELECT :runId, :afterRun, COALESCE((SELECT before_it.root_run FROM run_links before_it WHERE before_it.run_id = :afterRun), :afterRun), 1
      FROM gate WHERE gate.id = 1`,
    start: `UPDATE queue SET state = 'queued', available_ms = ${now} WHERE ${isStill} AND due_ms IS NULL`,
    stop: `UPDATE queue SET finished_ms = ${now}, note = :note, state = 'cancelled' WHERE ${isStill}`,
    parameters: 'UPDATE run_details SET parameters = :parameters WHERE run_id = :runId',
    close: 'UPDATE run_links SET is_open = 0 WHERE run_id = :runId',
    /**
     * Those that somebody cancelled. By what never changes again once it is seen: of a run that is asked for in this moment MariaDB may see
     * the link and not yet the run.
     */
    closeOthers: `UPDATE run_links SET is_open = 0 WHERE is_open = 1
      AND (SELECT queue.state FROM queue WHERE queue.id = run_links.run_id) IN (${FINAL})`,
  };
}
