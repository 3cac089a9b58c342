import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Files of the inbox that projects use without a copy. */
export class InboxLinks1763900000010 implements MigrationInterface {
  readonly name = 'InboxLinks1763900000010';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, long } = columnsFor(queryRunner);
    await queryRunner.createTable(
      new Table({
        name: 'inbox_links',
        columns: [
          word('id', 36, { isPrimary: true }),
          word('project_id', 36),
          word('owner_id', 36),
          word('source', 16),
          long('target'),
          word('inode', 20),
          big('size'),
          word('mtime_ns', 20),
          big('created_ms'),
        ],
        indices: [new TableIndex({ name: 'idx_inbox_links_project', columnNames: ['project_id'] })],
      }),
      true,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('inbox_links', true);
  }
}
