import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** By table: when an address proved to be its person's, when somebody asked for the end of their account, and when a session was seen. */
const NEW_COLUMNS: [table: string, column: string][] = [
  ['users', 'confirmed_ms'],
  ['users', 'leaving_ms'],
  ['sessions', 'seen_ms'],
];

/** Links of mails that work once, and what accounts and their log-ins tell of themselves. */
export class People1764400000015 implements MigrationInterface {
  readonly name = 'People1764400000015';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A migration that was interrupted goes on where it stopped.
    for (const [table, column] of NEW_COLUMNS) {
      if (!(await queryRunner.hasColumn(table, column))) await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN ${column} bigint NULL`);
    }
    const { word, big } = columnsFor(queryRunner);
    const columns = [
      word('id', 36, { isPrimary: true }),
      word('token_hash', 64),
      word('purpose', 16),
      word('user_id', 36, { isNullable: true }),
      word('email', 254, { isNullable: true }),
      big('created_ms'),
      big('expires_ms'),
      big('used_ms', { isNullable: true }),
      big('replaced_ms', { isNullable: true }),
    ];
    const indices = [
      new TableIndex({ name: 'uq_account_links_token', columnNames: ['token_hash'], isUnique: true }),
      new TableIndex({ name: 'idx_account_links_user', columnNames: ['user_id'] }),
    ];
    await queryRunner.createTable(new Table({ name: 'account_links', columns, indices }), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('account_links', true);
    for (const [table, column] of NEW_COLUMNS.toReversed()) await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN ${column}`);
  }
}
