import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Accounts that mirror people of an external table. */
export class ExternalUsers1764600000017 implements MigrationInterface {
  readonly name = 'ExternalUsers1764600000017';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big } = columnsFor(queryRunner);
    const columns = [
      word('user_id', 36, { isPrimary: true }),
      word('master_key', 255),
      word('name', 255),
      word('fingerprint', 64, { isNullable: true }),
      big('checked_ms'),
      big('ended_ms', { isNullable: true }),
    ];
    const indices = [
      new TableIndex({ name: 'uq_external_users_key', columnNames: ['master_key'], isUnique: true }),
      new TableIndex({ name: 'idx_external_users_name', columnNames: ['name'] }),
    ];
    await queryRunner.createTable(new Table({ name: 'external_users', columns, indices }), true);
  }

  /** Local copies of hashes that the table is the master of mean nothing without the rows that say so. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('UPDATE users SET password_hash = NULL WHERE id IN (SELECT user_id FROM external_users)');
    await queryRunner.dropTable('external_users', true);
  }
}
