import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Forms that start by themselves, and what became of each of their times. */
export class Schedules1765500000026 implements MigrationInterface {
  readonly name = 'Schedules1765500000026';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(schedules(queryRunner), true);
    await queryRunner.createTable(ticks(queryRunner), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['schedule_ticks', 'schedules']) await queryRunner.dropTable(table, true);
  }
}

function schedules(queryRunner: QueryRunner): Table {
  const { big, flag, long, word } = columnsFor(queryRunner);
  const columns = [
    word('id', 36, { isPrimary: true }),
    word('project_id', 36),
    word('owner_id', 36),
    word('pipeline_id', 100),
    word('pipeline_title', 200),
    word('name', 100),
    long('entries'),
    word('cron', 100),
    word('time_zone', 64),
    flag('skips_running'),
    big('next_ms', { isNullable: true }),
    big('paused_ms', { isNullable: true }),
    big('told_ms', { isNullable: true }),
    big('created_ms'),
    big('deleted_ms', { isNullable: true }),
  ];
  const indices = [
    new TableIndex({ name: 'idx_schedules_next', columnNames: ['next_ms'] }),
    new TableIndex({ name: 'idx_schedules_project', columnNames: ['project_id'] }),
    new TableIndex({ name: 'idx_schedules_owner', columnNames: ['owner_id'] }),
  ];
  return new Table({ name: 'schedules', columns, indices });
}

/** The primary key is what lets a time be taken once, however many processes see that it has come. */
function ticks(queryRunner: QueryRunner): Table {
  const { big, whole, word } = columnsFor(queryRunner);
  const columns = [
    word('schedule_id', 36, { isPrimary: true }),
    big('tick_ms', { isPrimary: true }),
    word('claim', 36),
    word('outcome', 16),
    big('at_ms'),
    whole('run_id', { isNullable: true }),
    whole('missed'),
    word('why', 1000),
  ];
  const indices = [
    new TableIndex({ name: 'idx_schedule_ticks_at', columnNames: ['outcome', 'at_ms'] }),
    new TableIndex({ name: 'idx_schedule_ticks_run', columnNames: ['run_id'] }),
  ];
  return new Table({ name: 'schedule_ticks', columns, indices });
}
