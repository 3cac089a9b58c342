import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Requests of programs that are carried out once. */
export class ApiOrders1765300000024 implements MigrationInterface {
  readonly name = 'ApiOrders1765300000024';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, whole } = columnsFor(queryRunner);
    const columns = [
      word('user_id', 36, { isPrimary: true }),
      word('key_hash', 64, { isPrimary: true }),
      word('digest', 64),
      big('created_ms'),
      whole('run_id', { isNullable: true }),
      word('sweep_id', 36, { isNullable: true }),
    ];
    const indices = [new TableIndex({ name: 'idx_api_orders_created', columnNames: ['created_ms'] })];
    await queryRunner.createTable(new Table({ name: 'api_orders', columns, indices }), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('api_orders', true);
  }
}
