import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who told a runner its mode, so that whoever finds it paused or gone knows whom to ask. */
export class WhoSteered1763800000005 implements MigrationInterface {
  readonly name = 'WhoSteered1763800000005';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A migration that was interrupted goes on where it stopped.
    if (await queryRunner.hasColumn('runners', 'mode_by')) return;
    await queryRunner.query('ALTER TABLE runners ADD COLUMN mode_by varchar(100) NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE runners DROP COLUMN mode_by');
  }
}
