import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Accounts that belong to people of the institute. */
export class Identities1765300000025 implements MigrationInterface {
  readonly name = 'Identities1765300000025';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { big, flag, word } = columnsFor(queryRunner);
    const columns = [
      word('key_hash', 64, { isPrimary: true }),
      word('user_id', 36),
      word('source', 16),
      word('issuer', 500),
      word('subject', 255),
      word('name', 255),
      flag('made_account'),
      flag('made_admin'),
      big('linked_ms'),
      big('seen_ms'),
    ];
    const indices = [new TableIndex({ name: 'idx_identities_user', columnNames: ['user_id'] })];
    await queryRunner.createTable(new Table({ name: 'identities', columns, indices }), true);
  }

  /** Who is an administrator only because of a group there would be one for ever; groups that followed could not be changed. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('UPDATE users SET is_admin = 0 WHERE id IN (SELECT user_id FROM identities WHERE made_admin = 1)');
    await queryRunner.query("UPDATE `groups` SET source = 'local' WHERE source = 'institute'");
    await queryRunner.dropTable('identities', true);
  }
}
