import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Keys by which programs are let in for somebody. */
export class ApiTokens1765200000023 implements MigrationInterface {
  readonly name = 'ApiTokens1765200000023';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big } = columnsFor(queryRunner);
    const columns = [
      word('id', 36, { isPrimary: true }),
      word('user_id', 36),
      word('token_hash', 64),
      word('prefix', 16),
      word('name', 100),
      word('scopes', 64),
      big('created_ms'),
      big('expires_ms'),
      big('used_ms', { isNullable: true }),
      word('used_address', 64, { isNullable: true }),
      big('revoked_ms', { isNullable: true }),
    ];
    const indices = [
      new TableIndex({ name: 'uq_api_tokens_hash', columnNames: ['token_hash'], isUnique: true }),
      new TableIndex({ name: 'idx_api_tokens_user', columnNames: ['user_id'] }),
    ];
    await queryRunner.createTable(new Table({ name: 'api_tokens', columns, indices }), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('api_tokens', true);
  }
}
