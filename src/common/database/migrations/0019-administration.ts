import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

const USER_INDICES: [name: string, column: string][] = [
  ['idx_users_created', 'created_ms'],
  ['idx_users_seen', 'last_seen_ms'],
  ['idx_users_name', 'display_name'],
];

/** Suspended people, limits of single people and of groups, and the audit log. */
export class Administration1764800000019 implements MigrationInterface {
  readonly name = 'Administration1764800000019';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A migration that was interrupted goes on where it stopped.
    if (!(await queryRunner.hasColumn('users', 'suspended_ms')))
      await queryRunner.query('ALTER TABLE users ADD COLUMN suspended_ms bigint NULL');
    if (!(await queryRunner.hasColumn('users', 'suspended_why')))
      await queryRunner.query('ALTER TABLE users ADD COLUMN suspended_why varchar(300) NULL');
    for (const [name, column] of USER_INDICES) await queryRunner.query(`CREATE INDEX IF NOT EXISTS ${name} ON users (${column})`);
    await this.createQuotas(queryRunner);
    await this.createAudit(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('audit', true);
    await queryRunner.dropTable('quotas', true);
    for (const [name] of USER_INDICES.toReversed()) await queryRunner.dropIndex('users', name);
    await queryRunner.query('ALTER TABLE users DROP COLUMN suspended_why');
    await queryRunner.query('ALTER TABLE users DROP COLUMN suspended_ms');
  }

  private async createQuotas(queryRunner: QueryRunner): Promise<void> {
    const { word, big, whole } = columnsFor(queryRunner);
    const open = { isNullable: true };
    const columns = [
      word('subject', 8, { isPrimary: true }),
      word('subject_id', 36, { isPrimary: true }),
      big('bytes', open),
      big('files', open),
      big('upload_bytes', open),
      whole('projects', open),
      whole('runs_at_once', open),
      whole('waiting', open),
      big('changed_ms'),
    ];
    await queryRunner.createTable(new Table({ name: 'quotas', columns }), true);
  }

  private async createAudit(queryRunner: QueryRunner): Promise<void> {
    const { word, big, counter } = columnsFor(queryRunner);
    const open = { isNullable: true };
    const columns = [
      counter('id'),
      big('at_ms'),
      word('actor_id', 36, open),
      word('actor_name', 254),
      word('action', 64),
      word('object_kind', 16, open),
      word('object_id', 64, open),
      word('object_name', 254),
      word('address', 64),
      word('details', 2000),
      word('outcome', 16),
    ];
    // A row's own number ends each index of both databases: pages go on from it.
    const indices = [
      new TableIndex({ name: 'idx_audit_at', columnNames: ['at_ms'] }),
      new TableIndex({ name: 'idx_audit_actor', columnNames: ['actor_id'] }),
      new TableIndex({ name: 'idx_audit_actor_name', columnNames: ['actor_name'] }),
      new TableIndex({ name: 'idx_audit_action', columnNames: ['action'] }),
      new TableIndex({ name: 'idx_audit_object', columnNames: ['object_kind', 'object_id'] }),
    ];
    await queryRunner.createTable(new Table({ name: 'audit', columns, indices }), true);
  }
}
