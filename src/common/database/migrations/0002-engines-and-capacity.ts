import type { MigrationInterface, QueryRunner } from 'typeorm';

const QUEUE = [
  "engine varchar(16) NOT NULL DEFAULT 'process'",
  'need_cpu INTEGER NOT NULL DEFAULT 1000',
  'need_memory INTEGER NOT NULL DEFAULT 0',
  'need_gpus INTEGER NOT NULL DEFAULT 0',
  'gpu_ids varchar(255) NULL',
  'engine_note varchar(300) NULL',
  'begun_ms bigint NULL',
];

const RUNNERS = [
  'remote_slots INTEGER NOT NULL DEFAULT 0',
  'cpu INTEGER NOT NULL DEFAULT 0',
  'memory INTEGER NOT NULL DEFAULT 0',
  "gpu_ids varchar(255) NOT NULL DEFAULT ''",
  "engines varchar(100) NOT NULL DEFAULT 'process'",
  "mode varchar(16) NOT NULL DEFAULT 'active'",
];

/** Engines beside local processes, what runs need and what runners have, and the mode of a runner. */
export class EnginesAndCapacity1763800000002 implements MigrationInterface {
  readonly name = 'EnginesAndCapacity1763800000002';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // Not by TypeORM's addColumn, which makes the whole table anew on SQLite and loses its triggers.
    for (const [table, columns] of Object.entries({ queue: QUEUE, runners: RUNNERS })) {
      for (const column of columns) await addColumn(queryRunner, table, column);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [table, columns] of Object.entries({ queue: QUEUE, runners: RUNNERS })) {
      for (const column of columns) await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN ${nameOf(column)}`);
    }
  }
}

/** A migration that was interrupted goes on where it stopped. */
async function addColumn(queryRunner: QueryRunner, table: string, column: string): Promise<void> {
  if (await queryRunner.hasColumn(table, nameOf(column))) return;
  await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN ${column}`);
}

function nameOf(column: string): string {
  return column.split(' ')[0];
}
