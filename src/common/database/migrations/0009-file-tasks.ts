import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Long work on files, with its progress. */
export class FileTasks1763900000009 implements MigrationInterface {
  readonly name = 'FileTasks1763900000009';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, long } = columnsFor(queryRunner);
    const maybe = { isNullable: true };
    await queryRunner.createTable(
      new Table({
        name: 'file_tasks',
        columns: [
          word('id', 36, { isPrimary: true }),
          word('project_id', 36),
          word('owner_id', 36),
          word('kind', 16),
          word('state', 16),
          word('title', 300),
          long('brief'),
          big('done_bytes'),
          big('total_bytes'),
          big('done_files'),
          big('total_files'),
          word('note', 1000, maybe),
          long('result_path', maybe),
          word('worker', 36, maybe),
          big('cancel_ms', maybe),
          big('placing_ms', maybe),
          big('created_ms'),
          big('started_ms', maybe),
          big('finished_ms', maybe),
          big('beat_ms'),
        ],
        indices: [
          new TableIndex({ name: 'idx_file_tasks_project', columnNames: ['project_id', 'created_ms'] }),
          new TableIndex({ name: 'idx_file_tasks_state', columnNames: ['state', 'created_ms'] }),
        ],
      }),
      true,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('file_tasks', true);
  }
}
