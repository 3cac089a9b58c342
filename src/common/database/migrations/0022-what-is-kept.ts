import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/**
 * What is kept longer, and what was refused, is found by an index. In SQLite those of what is kept hold nothing else: it would take an index
 * in which nearly all rows are alike for a good one.
 */
const INDICES = [
  { name: 'idx_queue_kept', table: 'queue', columns: 'keep, keep_until_ms', only: 'keep = 1 OR keep_until_ms IS NOT NULL' },
  { name: 'idx_projects_kept', table: 'projects', columns: 'keep_until_ms', only: 'keep_until_ms IS NOT NULL' },
  { name: 'idx_audit_outcome', table: 'audit', columns: 'outcome', only: null },
] as const;

/** Which pipelines were here already, and of which words it is known that their pipeline is gone. */
export class WhatIsKept1765100000022 implements MigrationInterface {
  readonly name = 'WhatIsKept1765100000022';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { dialect, word, big } = columnsFor(queryRunner);
    for (const { name, table, columns, only } of INDICES) {
      const where = dialect === 'sqlite' && only !== null ? ` WHERE ${only}` : '';
      await queryRunner.query(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${columns})${where}`);
    }
    const known = [word('pipeline_id', 100, { isPrimary: true }), big('first_ms')];
    await queryRunner.createTable(new Table({ name: 'known_pipelines', columns: known }), true);
    if (!(await queryRunner.hasColumn('pipeline_settings', 'gone_ms')))
      await queryRunner.query('ALTER TABLE pipeline_settings ADD COLUMN gone_ms bigint NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE pipeline_settings DROP COLUMN gone_ms');
    await queryRunner.dropTable('known_pipelines', true);
    const { dialect } = columnsFor(queryRunner);
    for (const { name, table } of INDICES.toReversed())
      await queryRunner.query(dialect === 'sqlite' ? `DROP INDEX IF EXISTS ${name}` : `DROP INDEX IF EXISTS ${name} ON ${table}`);
  }
}
