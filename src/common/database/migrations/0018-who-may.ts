import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Groups of people, what administrators say of pipelines, and whom projects are shared with. */
export class WhoMay1764700000018 implements MigrationInterface {
  readonly name = 'WhoMay1764700000018';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, flag, long } = columnsFor(queryRunner);
    const groups = [
      word('id', 36, { isPrimary: true }),
      word('name', 100),
      word('name_key', 100),
      word('description', 200),
      word('source', 16),
      big('created_ms'),
    ];
    const ofName = new TableIndex({ name: 'uq_groups_name', columnNames: ['name_key'], isUnique: true });
    await queryRunner.createTable(new Table({ name: 'groups', columns: groups, indices: [ofName] }), true);

    const members = [word('group_id', 36, { isPrimary: true }), word('user_id', 36, { isPrimary: true }), big('added_ms')];
    const ofUser = new TableIndex({ name: 'idx_group_members_user', columnNames: ['user_id'] });
    await queryRunner.createTable(new Table({ name: 'group_members', columns: members, indices: [ofUser] }), true);

    const settings = [
      word('pipeline_id', 100, { isPrimary: true }),
      flag('is_off'),
      word('note', 300),
      long('access', { isNullable: true }),
      word('changed_by', 100),
      big('changed_ms'),
    ];
    await queryRunner.createTable(new Table({ name: 'pipeline_settings', columns: settings }), true);

    const shared = [
      word('id', 36, { isPrimary: true }),
      word('project_id', 36),
      word('kind', 8),
      word('subject', 254),
      word('label', 254),
      word('role', 8),
      big('created_ms'),
    ];
    const indices = [
      new TableIndex({ name: 'uq_project_members_subject', columnNames: ['project_id', 'kind', 'subject'], isUnique: true }),
      new TableIndex({ name: 'idx_project_members_subject', columnNames: ['kind', 'subject'] }),
    ];
    await queryRunner.createTable(new Table({ name: 'project_members', columns: shared, indices }), true);

    if (!(await queryRunner.hasColumn('uploads', 'asker_id')))
      await queryRunner.query('ALTER TABLE uploads ADD COLUMN asker_id varchar(36) NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE uploads DROP COLUMN asker_id');
    for (const table of ['project_members', 'pipeline_settings', 'group_members', 'groups']) await queryRunner.dropTable(table, true);
  }
}
