import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor, type Columns } from './columns';
import { createQueueTriggers } from './queue-triggers';

const nullable = { isNullable: true } as const;
const primary = { isPrimary: true } as const;

/** Users, sessions, projects, the queue with its events and runners, mails. */
export class FirstTables1763700000001 implements MigrationInterface {
  readonly name = 'FirstTables1763700000001';
  // MariaDB commits each DDL statement by itself, and SQLite's foreign-key handling wants none either.
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const columns = columnsFor(queryRunner);
    for (const table of [...peopleTables(columns), ...queueTables(columns), ...mailTables(columns)]) {
      await queryRunner.createTable(table, true);
    }
    await queryRunner.query('DELETE FROM gate');
    await queryRunner.query('INSERT INTO gate (id, v) VALUES (1, 0)');
    await createQueueTriggers(queryRunner, columns.dialect);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of ['mails', 'run_events', 'run_details', 'queue', 'runners', 'gate', 'projects', 'sessions', 'users', 'facts']) {
      await queryRunner.dropTable(name, true);
    }
  }
}

function peopleTables({ word, flag, big, long }: Columns): Table[] {
  return [
    new Table({ name: 'facts', columns: [word('name', 64, primary), word('value', 1000)] }),
    new Table({
      name: 'users',
      columns: [
        word('id', 36, primary),
        word('kind', 16),
        word('email', 254, nullable),
        word('display_name', 100),
        word('password_hash', 255, nullable),
        word('guest_key_hash', 64, nullable),
        flag('is_admin'),
        big('created_ms'),
        big('last_seen_ms'),
      ],
      indices: [
        { name: 'uq_users_email', columnNames: ['email'], isUnique: true },
        { name: 'uq_users_guest', columnNames: ['guest_key_hash'], isUnique: true },
      ],
    }),
    new Table({
      name: 'sessions',
      columns: [word('id_hash', 64, primary), word('user_id', 36, nullable), long('data'), big('created_ms'), big('expires_ms')],
      indices: [
        { name: 'idx_sessions_expires', columnNames: ['expires_ms'] },
        { name: 'idx_sessions_user', columnNames: ['user_id'] },
      ],
    }),
    new Table({
      name: 'projects',
      columns: [word('id', 36, primary), word('owner_id', 36), word('name', 200), big('created_ms'), big('changed_ms')],
      indices: [
        { name: 'idx_projects_owner', columnNames: ['owner_id', 'changed_ms'] },
        { name: 'uq_projects_name', columnNames: ['owner_id', 'name'], isUnique: true },
      ],
    }),
  ];
}

function queueTables(columns: Columns): Table[] {
  const { word, whole, big, flag, long, counter } = columns;
  return [
    new Table({ name: 'gate', columns: [whole('id', primary), big('v')] }),
    queueTable(columns),
    new Table({ name: 'run_details', columns: [whole('run_id', primary), long('parameters'), long('manifest')] }),
    new Table({
      name: 'run_events',
      columns: [
        counter('id'),
        whole('run_id'),
        big('at_ms'),
        word('from_state', 16, nullable),
        word('to_state', 16),
        whole('fence'),
        whole('attempt'),
        whole('starts'),
        word('runner_name', 100, nullable),
        word('note', 1000, nullable),
        flag('mailed'),
      ],
      indices: [
        { name: 'idx_events_run', columnNames: ['run_id', 'id'] },
        { name: 'idx_events_mailed', columnNames: ['mailed', 'id'] },
      ],
    }),
    new Table({
      name: 'runners',
      columns: [
        word('name', 100, primary),
        word('incarnation', 36),
        word('host', 255),
        word('boot_id', 100),
        whole('slots'),
        word('poke_address', 255, nullable),
        big('beat_ms'),
        big('started_ms'),
        flag('stopped'),
      ],
    }),
  ];
}

function queueTable({ word, whole, big, flag, counter }: Columns): Table {
  return new Table({
    name: 'queue',
    columns: [
      counter('id'),
      word('submission_id', 36),
      word('pipeline_id', 100),
      word('pipeline_title', 200),
      word('project_id', 36),
      word('owner_id', 36),
      word('state', 16),
      whole('rank'),
      whole('fence'),
      whole('attempt'),
      whole('starts'),
      whole('max_starts'),
      whole('start_failures'),
      word('runner_name', 100, nullable),
      word('handle', 1000, nullable),
      whole('time_limit_seconds'),
      whole('pipeline_limit', nullable),
      big('cancel_requested_ms', nullable),
      word('stop_reason', 16, nullable),
      word('note', 1000, nullable),
      whole('exit_code', nullable),
      whole('progress', nullable),
      word('progress_text', 200, nullable),
      big('requested_ms'),
      big('available_ms'),
      big('started_ms', nullable),
      big('finished_ms', nullable),
      flag('keep'),
    ],
    indices: [
      { name: 'uq_queue_submission', columnNames: ['submission_id'], isUnique: true },
      // One equality on state, then ascending only: another shape makes MariaDB sort, and a sort locks the whole queue.
      // The pipeline stands in it so that the oldest run of each owner and pipeline is found without reading the runs behind it.
      { name: 'idx_queue_head', columnNames: ['state', 'rank', 'owner_id', 'pipeline_id', 'id'] },
      { name: 'idx_queue_owner', columnNames: ['owner_id', 'id'] },
      { name: 'idx_queue_project', columnNames: ['project_id', 'id'] },
      { name: 'idx_queue_finished', columnNames: ['finished_ms', 'id'] },
    ],
    checks: [{ name: 'ck_queue_starts', expression: 'starts <= max_starts' }],
  });
}

function mailTables({ word, whole, big, long, counter }: Columns): Table[] {
  return [
    new Table({
      name: 'mails',
      columns: [
        counter('id'),
        whole('run_id', nullable),
        word('kind', 32),
        whole('attempt'),
        word('recipient', 254),
        word('subject', 255),
        long('text_body'),
        long('html_body'),
        big('created_ms'),
        big('next_try_ms'),
        whole('tries'),
        big('sent_ms', nullable),
        word('last_error', 1000, nullable),
      ],
      indices: [
        { name: 'uq_mails_once', columnNames: ['run_id', 'kind', 'attempt'], isUnique: true },
        { name: 'idx_mails_due', columnNames: ['sent_ms', 'next_try_ms'] },
      ],
    }),
  ];
}
