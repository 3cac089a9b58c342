import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

const nullable = { isNullable: true } as const;

/** Resumable uploads: what is on its way into a project, and for a while what has arrived. */
export class Uploads1763900000007 implements MigrationInterface {
  readonly name = 'Uploads1763900000007';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, long } = columnsFor(queryRunner);
    const table = new Table({
      name: 'uploads',
      columns: [
        word('id', 36, { isPrimary: true }),
        word('project_id', 36),
        word('owner_id', 36),
        word('request_key', 64, nullable),
        long('path'),
        big('size'),
        big('received'),
        big('modified_ms', nullable),
        word('sha256', 64, nullable),
        word('on_conflict', 16),
        word('state', 16),
        word('inode', 20),
        { ...long('stored_as'), isNullable: true },
        word('lock_holder', 36, nullable),
        big('lock_until_ms'),
        big('wanted_ms'),
        big('created_ms'),
        big('reserved_ms'),
        big('expires_ms'),
      ],
      indices: [
        { name: 'idx_uploads_project', columnNames: ['project_id', 'state', 'created_ms'] },
        { name: 'idx_uploads_key', columnNames: ['project_id', 'request_key'] },
        { name: 'idx_uploads_expires', columnNames: ['expires_ms'] },
      ],
    });
    await queryRunner.createTable(table, true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('uploads', true);
  }
}
