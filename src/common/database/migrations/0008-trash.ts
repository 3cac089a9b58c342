import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** What was deleted from projects and can still be brought back: one row for each time that somebody deleted something. */
export class Trash1763900000008 implements MigrationInterface {
  readonly name = 'Trash1763900000008';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, whole, big, flag, long } = columnsFor(queryRunner);
    await queryRunner.createTable(
      new Table({
        name: 'trash',
        columns: [
          word('id', 36, { isPrimary: true }),
          word('project_id', 36),
          word('owner_id', 36),
          long('folder'),
          long('names'),
          whole('entries'),
          whole('files'),
          big('bytes'),
          flag('complete'),
          word('by_name', 100),
          big('deleted_ms'),
        ],
        indices: [
          { name: 'idx_trash_project', columnNames: ['project_id', 'deleted_ms'] },
          { name: 'idx_trash_age', columnNames: ['deleted_ms'] },
        ],
      }),
      true,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('trash', true);
  }
}
