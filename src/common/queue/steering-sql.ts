import { NOW_MS, type Dialect } from '../database/dialect';
import { NEVER_MS } from '../database/never';
import { useIndex, words } from './queue-sql';
import { HELD_STATES } from './run-state';

/** What people decide about runs that wait. The gate moves with each, so that claims decide anew and open pages hear of it. */
export function steeringSql(dialect: Dialect) {
  const now = NOW_MS[dialect];
  const head = useIndex(dialect, 'idx_queue_head');
  const waits = `state IN ('scheduled', 'queued')`;
  return {
    toFrontRank: `SELECT \`rank\` FROM queue ${head} WHERE state = 'queued' AND id <> :runId ORDER BY \`rank\` LIMIT 1`,
    toFront: `UPDATE queue SET \`rank\` = :rank WHERE id = :runId AND ${waits} AND \`rank\` > :rank`,
    toBackRank: `SELECT \`rank\` FROM queue ${head} WHERE state = 'queued' AND id <> :runId ORDER BY \`rank\` DESC LIMIT 1`,
    toBack: `UPDATE queue SET \`rank\` = :rank WHERE id = :runId AND ${waits} AND \`rank\` < :rank`,
    placeOf: `SELECT id, state, \`rank\`, owner_id, pipeline_id FROM queue WHERE id = :runId`,
    lineOf: `SELECT id, \`rank\` FROM queue WHERE owner_id = :ownerId AND pipeline_id = :pipelineId AND state = 'queued'`,
    // Assigned from left to right on MariaDB: what others depend on is assigned last.
    hold: `
      UPDATE queue SET due_ms = available_ms, available_ms = ${NEVER_MS}, hold_by = :by, note = :note, state = 'scheduled'
      WHERE id = :runId AND ${waits} AND due_ms IS NULL`,
    letGo: `
      UPDATE queue SET state = CASE WHEN due_ms <= ${now} THEN 'queued' ELSE 'scheduled' END, available_ms = due_ms, due_ms = NULL,
        hold_by = NULL, note = NULL
      WHERE id = :runId AND state = 'scheduled' AND due_ms IS NOT NULL`,
    isOnHold: `SELECT 1 FROM queue WHERE id = :runId AND state = 'scheduled' AND due_ms IS NOT NULL`,
    holdQueue: `UPDATE gate SET held_ms = ${now}, held_by = :by, held_note = :note, v = v + 1, moves = moves + 1 WHERE id = 1 AND held_ms IS NULL`,
    letQueueGo: `UPDATE gate SET held_ms = NULL, held_by = NULL, held_note = NULL, v = v + 1, moves = moves + 1 WHERE id = 1 AND held_ms IS NOT NULL`,
    removeRunner: `
      DELETE FROM runners WHERE name = :name AND (stopped = 1 OR ABS(${now} - beat_ms) > :staleSeconds * 1000)
        AND NOT EXISTS (SELECT 1 FROM queue WHERE runner_name = :name AND state IN (${words(HELD_STATES)}))`,
    moveGate: `UPDATE gate SET v = v + 1, moves = moves + 1 WHERE id = 1`,
  };
}

/** Gives ranks to so many waiting runs: `:id0`, `:rank0` … */
export function ranksStatement(count: number): string {
  const numbers = Array.from({ length: count }, (_, index) => index);
  return `UPDATE queue SET \`rank\` = CASE id ${numbers.map((index) => `WHEN :id${index} THEN :rank${index}`).join(' ')} END
    WHERE id IN (${numbers.map((index) => `:id${index}`).join(', ')}) AND state IN ('scheduled', 'queued')`;
}
