import type { QueryRunner } from 'typeorm';
import { FINAL_STATES } from '../../queue/run-state';
import { NOW_MS, type Dialect } from '../dialect';

const FINAL = FINAL_STATES.map((state) => `'${state}'`).join(', ');
const EVENT_COLUMNS = '(run_id, at_ms, from_state, to_state, fence, attempt, starts, runner_name, note, mailed)';

/** A new state, owner or attempt: what counts as a transition. */
const CHANGED = 'OLD.state <> NEW.state OR OLD.fence <> NEW.fence';

/** A final row may only be kept or released from keeping, nothing else that people rely on. */
const FINAL_ROW_TOUCHED = `OLD.state IN (${FINAL}) AND (${CHANGED} OR OLD.starts <> NEW.starts OR OLD.finished_ms <> NEW.finished_ms)`;
const FINISH_WITHOUT_TIME = `(NEW.state IN (${FINAL})) <> (NEW.finished_ms IS NOT NULL)`;

/**
 * The database itself writes one event for each transition, in the statement that makes it (a BEGIN … COMMIT around two statements
 * halves the rate), and refuses the two things that no code may ever do: change a final row, and end without a time.
 */
export async function createQueueTriggers(queryRunner: QueryRunner, dialect: Dialect): Promise<void> {
  for (const statement of dialect === 'sqlite' ? sqliteTriggers() : mariadbTriggers()) await queryRunner.query(statement);
}

function eventValues(dialect: Dialect, fromState: string): string {
  return `(NEW.id, ${NOW_MS[dialect]}, ${fromState}, NEW.state, NEW.fence, NEW.attempt, NEW.starts, NEW.runner_name, NEW.note, 0)`;
}

function sqliteTriggers(): string[] {
  return [
    `CREATE TRIGGER IF NOT EXISTS queue_enqueued AFTER INSERT ON queue BEGIN
       INSERT INTO run_events ${EVENT_COLUMNS} VALUES ${eventValues('sqlite', 'NULL')};
     END`,
    `CREATE TRIGGER IF NOT EXISTS queue_guard BEFORE UPDATE ON queue WHEN ${FINAL_ROW_TOUCHED} OR ${FINISH_WITHOUT_TIME} BEGIN
       SELECT RAISE(ABORT, 'queue: a final row never changes, and only a final row has an end');
     END`,
    `CREATE TRIGGER IF NOT EXISTS queue_moved AFTER UPDATE ON queue WHEN ${CHANGED} BEGIN
       INSERT INTO run_events ${EVENT_COLUMNS} VALUES ${eventValues('sqlite', 'OLD.state')};
     END`,
  ];
}

function mariadbTriggers(): string[] {
  return [
    `CREATE TRIGGER IF NOT EXISTS queue_enqueued AFTER INSERT ON queue FOR EACH ROW
       INSERT INTO run_events ${EVENT_COLUMNS} VALUES ${eventValues('mariadb', 'NULL')}`,
    `CREATE TRIGGER IF NOT EXISTS queue_guard BEFORE UPDATE ON queue FOR EACH ROW
       IF ${FINAL_ROW_TOUCHED} OR ${FINISH_WITHOUT_TIME} THEN
         SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'queue: a final row never changes, and only a final row has an end';
       END IF`,
    `CREATE TRIGGER IF NOT EXISTS queue_moved AFTER UPDATE ON queue FOR EACH ROW
       IF ${CHANGED} THEN
         INSERT INTO run_events ${EVENT_COLUMNS} VALUES ${eventValues('mariadb', 'OLD.state')};
       END IF`,
  ];
}
