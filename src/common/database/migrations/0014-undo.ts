import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = { shares: 'revoked_ms', presets: 'deleted_ms' };

/** When a link was taken back and a preset deleted: for a while either can be undone. */
export class Undo1764300000014 implements MigrationInterface {
  readonly name = 'Undo1764300000014';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A migration that was interrupted goes on where it stopped.
    for (const [table, column] of Object.entries(COLUMNS)) {
      if (!(await queryRunner.hasColumn(table, column))) await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN ${column} bigint NULL`);
    }
  }

  /** What was taken back or deleted must not come back with the column that says so. */
  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [table, column] of Object.entries(COLUMNS)) {
      await queryRunner.query(`DELETE FROM ${table} WHERE ${column} IS NOT NULL`);
      await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN ${column}`);
    }
  }
}
