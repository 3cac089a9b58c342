import type { QueryRunner } from 'typeorm';
import { FINAL_STATES } from '../../queue/run-state';
import { NOW_MS, type Dialect } from '../dialect';

const FINAL = FINAL_STATES.map((state) => `'${state}'`).join(', ');
const EVENT_COLUMNS = '(run_id, at_ms, from_state, to_state, fence, attempt, starts, runner_name, note, mailed)';

/** A new state, owner or attempt: what counts as a transition. */
const CHANGED = 'OLD.state <> NEW.state OR OLD.fence <> NEW.fence';

/** What of a final row people rely on; only whether it is kept may still change. */
const RECORD = [
  'state',
  'fence',
  'attempt',
  'starts',
  'owner_id',
  'project_id',
  'pipeline_id',
  'runner_name',
  'handle',
  'stop_reason',
  'note',
  'exit_code',
  'requested_ms',
  'started_ms',
  'finished_ms',
];
const FINISH_WITHOUT_TIME = `(NEW.state IN (${FINAL})) <> (NEW.finished_ms IS NOT NULL)`;
const CHANGE_REFUSED = 'queue: a final row never changes, only a final row has an end, and no fence goes back';
const DELETE_REFUSED = 'queue: a run that is not over is never deleted';
const BACKWARDS = 'NEW.fence < OLD.fence OR NEW.attempt < OLD.attempt';

/**
 * The database itself writes one event for each transition, in the statement that makes it (a BEGIN … COMMIT around two statements
 * halves the rate), and refuses what no code may ever do: change a final row, end without a time, take back a fence, delete a run that
 * is not over (a REPLACE deletes too), start more often than allowed.
 */
export async function createQueueTriggers(queryRunner: QueryRunner, dialect: Dialect): Promise<void> {
  for (const statement of dialect === 'sqlite' ? sqliteTriggers() : mariadbTriggers()) await queryRunner.query(statement);
}

/** Whether the owner of a final row may change: never, or with a guest who moves into an account. */
export type OwnerChange = 'never' | 'movesWithGuests';

/** Puts another guard in the place of the one that is there. */
export async function renewQueueGuard(queryRunner: QueryRunner, dialect: Dialect, ownerChange: OwnerChange): Promise<void> {
  await queryRunner.query('DROP TRIGGER IF EXISTS queue_guard');
  await queryRunner.query(dialect === 'sqlite' ? sqliteGuard(ownerChange) : mariadbGuard(ownerChange));
}

const WITHOUT_A_MOVE =
  'NOT EXISTS (SELECT 1 FROM moved_guests WHERE moved_guests.guest_id = OLD.owner_id AND moved_guests.account_id = NEW.owner_id)';

function refused(dialect: Dialect, ownerChange: OwnerChange): string {
  const differs = (column: string) => {
    const words = dialect === 'sqlite' ? `OLD.${column} IS NOT NEW.${column}` : `NOT (OLD.${column} <=> NEW.${column})`;
    return column === 'owner_id' && ownerChange === 'movesWithGuests' ? `(${words} AND ${WITHOUT_A_MOVE})` : words;
  };
  return `(OLD.state IN (${FINAL}) AND (${RECORD.map(differs).join(' OR ')})) OR ${FINISH_WITHOUT_TIME} OR ${BACKWARDS}`;
}

function sqliteGuard(ownerChange: OwnerChange): string {
  return `CREATE TRIGGER IF NOT EXISTS queue_guard BEFORE UPDATE ON queue WHEN ${refused('sqlite', ownerChange)} BEGIN
       SELECT RAISE(ABORT, '${CHANGE_REFUSED}');
     END`;
}

function mariadbGuard(ownerChange: OwnerChange): string {
  return `CREATE TRIGGER IF NOT EXISTS queue_guard BEFORE UPDATE ON queue FOR EACH ROW
       IF ${refused('mariadb', ownerChange)} THEN
         SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${CHANGE_REFUSED}';
       END IF`;
}

function eventValues(dialect: Dialect, fromState: string): string {
  return `(NEW.id, ${NOW_MS[dialect]}, ${fromState}, NEW.state, NEW.fence, NEW.attempt, NEW.starts, NEW.runner_name, NEW.note, 0)`;
}

function sqliteTriggers(): string[] {
  return [
    `CREATE TRIGGER IF NOT EXISTS queue_enqueued AFTER INSERT ON queue BEGIN
       INSERT INTO run_events ${EVENT_COLUMNS} VALUES ${eventValues('sqlite', 'NULL')};
     END`,
    sqliteGuard('never'),
    `CREATE TRIGGER IF NOT EXISTS queue_kept BEFORE DELETE ON queue WHEN OLD.state NOT IN (${FINAL}) BEGIN
       SELECT RAISE(ABORT, '${DELETE_REFUSED}');
     END`,
    `CREATE TRIGGER IF NOT EXISTS queue_moved AFTER UPDATE ON queue WHEN ${CHANGED} BEGIN
       INSERT INTO run_events ${EVENT_COLUMNS} VALUES ${eventValues('sqlite', 'OLD.state')};
     END`,
  ];
}

function mariadbTriggers(): string[] {
  return [
    // TypeORM creates checks on SQLite only.
    'ALTER TABLE queue ADD CONSTRAINT IF NOT EXISTS ck_queue_starts CHECK (starts <= max_starts)',
    `CREATE TRIGGER IF NOT EXISTS queue_enqueued AFTER INSERT ON queue FOR EACH ROW
       INSERT INTO run_events ${EVENT_COLUMNS} VALUES ${eventValues('mariadb', 'NULL')}`,
    mariadbGuard('never'),
    `CREATE TRIGGER IF NOT EXISTS queue_kept BEFORE DELETE ON queue FOR EACH ROW
       IF OLD.state NOT IN (${FINAL}) THEN
         SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${DELETE_REFUSED}';
       END IF`,
    `CREATE TRIGGER IF NOT EXISTS queue_moved AFTER UPDATE ON queue FOR EACH ROW
       IF ${CHANGED} THEN
         INSERT INTO run_events ${EVENT_COLUMNS} VALUES ${eventValues('mariadb', 'OLD.state')};
       END IF`,
  ];
}
