import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = ['mode_ms bigint NULL', 'trouble varchar(300) NULL'];

/** Since when a runner has its mode, and why it takes nothing although it might: what pages tell of a run that waits. */
export class RunnersInView1763800000003 implements MigrationInterface {
  readonly name = 'RunnersInView1763800000003';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A migration that was interrupted goes on where it stopped.
    for (const column of COLUMNS) {
      if (await queryRunner.hasColumn('runners', nameOf(column))) continue;
      await queryRunner.query(`ALTER TABLE runners ADD COLUMN ${column}`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) await queryRunner.query(`ALTER TABLE runners DROP COLUMN ${nameOf(column)}`);
  }
}

function nameOf(column: string): string {
  return column.split(' ')[0];
}
