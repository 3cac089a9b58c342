import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

const primary = { isPrimary: true } as const;

/** What each owner uses, what is promised to work under way, and the checksums of files. */
export class Space1763900000006 implements MigrationInterface {
  readonly name = 'Space1763900000006';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, whole, long } = columnsFor(queryRunner);
    const usage = new Table({
      name: 'space_usage',
      columns: [word('owner_id', 36, primary), big('used_bytes'), big('used_files'), big('version'), big('measured_ms'), long('details')],
    });
    const reservations = new Table({
      name: 'space_reservations',
      columns: [
        word('id', 36, primary),
        word('owner_id', 36),
        word('project_id', 36),
        word('what', 16),
        big('bytes'),
        big('files'),
        whole('renewals'),
        big('created_ms'),
        big('expires_ms'),
      ],
      indices: [
        { name: 'idx_space_reservations_owner', columnNames: ['owner_id', 'expires_ms'] },
        { name: 'idx_space_reservations_expires', columnNames: ['expires_ms'] },
      ],
    });
    const digests = new Table({
      name: 'file_digests',
      columns: [
        word('project_id', 36, primary),
        word('inode', 20, primary),
        big('size', primary),
        word('mtime_ns', 20, primary),
        word('sha256', 64),
        big('crc32'),
        big('noted_ms'),
      ],
    });
    for (const table of [usage, reservations, digests]) await queryRunner.createTable(table, true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of ['file_digests', 'space_reservations', 'space_usage']) await queryRunner.dropTable(name, true);
  }
}
