import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { dialectOf, NOW_MS } from '../dialect';
import { columnsFor } from './columns';

/** Which runs wait for another one. */
export class Chains1765500000028 implements MigrationInterface {
  readonly name = 'Chains1765500000028';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { flag, whole } = columnsFor(queryRunner);
    const columns = [whole('run_id', { isPrimary: true }), whole('after_run'), whole('root_run'), flag('is_open')];
    const indices = [
      new TableIndex({ name: 'idx_run_links_open', columnNames: ['is_open', 'run_id'] }),
      new TableIndex({ name: 'idx_run_links_root', columnNames: ['root_run', 'run_id'] }),
      new TableIndex({ name: 'idx_run_links_after', columnNames: ['after_run'] }),
    ];
    await queryRunner.createTable(new Table({ name: 'run_links', columns, indices }), true);
  }

  /** A run that waits for another one would wait for ever without the table that says so. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const now = NOW_MS[dialectOf(queryRunner.connection.options)];
    await queryRunner.query(
      `UPDATE queue SET state = 'cancelled', finished_ms = ${now} WHERE state = 'scheduled'
       AND id IN (SELECT run_id FROM run_links WHERE is_open = 1)`,
    );
    await queryRunner.dropTable('run_links', true);
  }
}
