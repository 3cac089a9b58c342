import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Links by which people without an account look at a run or a project. */
export class Shares1764200000013 implements MigrationInterface {
  readonly name = 'Shares1764200000013';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, whole } = columnsFor(queryRunner);
    const columns = [
      word('id', 36, { isPrimary: true }),
      word('token_hash', 64),
      word('project_id', 36),
      whole('run_id', { isNullable: true }),
      word('note', 200),
      big('created_ms'),
      big('expires_ms'),
      big('opened_ms', { isNullable: true }),
    ];
    const indices = [
      new TableIndex({ name: 'uq_shares_token', columnNames: ['token_hash'], isUnique: true }),
      new TableIndex({ name: 'idx_shares_project', columnNames: ['project_id'] }),
    ];
    await queryRunner.createTable(new Table({ name: 'shares', columns, indices }), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('shares', true);
  }
}
