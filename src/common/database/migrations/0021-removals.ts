import type { MigrationInterface, QueryRunner } from 'typeorm';

const NEW_COLUMNS = ['removing_ms', 'inbox_ms'];

/** Accounts that the cleaner deletes have a mark of their own, and so have those whose folder in the inbox was made for them. */
export class Removals1765000000021 implements MigrationInterface {
  readonly name = 'Removals1765000000021';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A migration that was interrupted goes on where it stopped.
    for (const column of NEW_COLUMNS) {
      if (!(await queryRunner.hasColumn('users', column))) await queryRunner.query(`ALTER TABLE users ADD COLUMN ${column} bigint NULL`);
    }
    // Until now an empty password was the mark. People of an external table lose theirs for other reasons.
    await queryRunner.query(`UPDATE users SET removing_ms = leaving_ms WHERE leaving_ms IS NOT NULL AND password_hash IS NULL
      AND removing_ms IS NULL AND NOT EXISTS (SELECT 1 FROM external_users WHERE external_users.user_id = users.id)`);
    // Whose folder is whose is not known of earlier accounts: they keep what they have.
    await queryRunner.query(`UPDATE users SET inbox_ms = created_ms WHERE kind = 'account' AND email IS NOT NULL AND inbox_ms IS NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const column of NEW_COLUMNS.toReversed()) await queryRunner.query(`ALTER TABLE users DROP COLUMN ${column}`);
  }
}
