import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** When each person had their last turn in the queue, so that people take turns also where one run at a time finds a place. */
export class Turns1763800000004 implements MigrationInterface {
  readonly name = 'Turns1763800000004';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big } = columnsFor(queryRunner);
    await queryRunner.createTable(new Table({ name: 'turns', columns: [word('owner_id', 36, { isPrimary: true }), big('turn')] }), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('turns', true);
  }
}
