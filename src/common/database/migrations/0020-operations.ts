import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** By table: what administrators decide about the queue, what is kept until when, and who was told that something goes. */
const NEW_COLUMNS: readonly [table: string, column: string][] = [
  ['queue', 'hold_by varchar(100) NULL'],
  ['queue', 'due_ms bigint NULL'],
  ['queue', 'keep_until_ms bigint NULL'],
  ['queue', 'doomed_ms bigint NULL'],
  ['queue', 'warned_ms bigint NULL'],
  ['queue', 'warning_id varchar(36) NULL'],
  ['gate', 'held_ms bigint NULL'],
  ['gate', 'held_by varchar(100) NULL'],
  ['gate', 'held_note varchar(300) NULL'],
  ['gate', 'moves bigint NOT NULL DEFAULT 0'],
  ['projects', 'keep_until_ms bigint NULL'],
  ['users', 'unwarned_ms bigint NULL'],
  ['runners', 'health varchar(500) NULL'],
  ['mails', 'warning_id varchar(36) NULL'],
];
/** Ranks that were told apart by one are levels now, with room for places within them. */
const LEVEL = 10_000;
const MOVED = "state IN ('queued', 'scheduled') AND `rank` <> 0";

/** Runs and the queue on hold, runs and projects that are kept longer, mails before deletions, and what cleanings did. */
export class Operations1764900000020 implements MigrationInterface {
  readonly name = 'Operations1764900000020';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    // A migration that was interrupted goes on where it stopped.
    for (const [table, column] of NEW_COLUMNS) {
      if (!(await queryRunner.hasColumn(table, column.split(' ')[0]))) await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN ${column}`);
    }
    await queryRunner.query(`UPDATE queue SET \`rank\` = \`rank\` * ${LEVEL} WHERE ${MOVED} AND ABS(\`rank\`) < ${LEVEL / 2}`);
    await queryRunner.createTable(cleanings(queryRunner), true);
    await queryRunner.createTable(warnings(queryRunner), true);
    const table = await queryRunner.getTable('mails');
    if (!table?.indices.some(({ name }) => name === 'idx_mails_warning'))
      await queryRunner.createIndex('mails', new TableIndex({ name: 'idx_mails_warning', columnNames: ['warning_id'] }));
  }

  /** A run on hold would wait for ever without the column that says so. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("UPDATE queue SET available_ms = due_ms WHERE state = 'scheduled' AND due_ms IS NOT NULL");
    await queryRunner.query(`UPDATE queue SET \`rank\` = ROUND(\`rank\` / ${LEVEL}.0) WHERE ${MOVED}`);
    await queryRunner.dropIndex('mails', 'idx_mails_warning');
    await queryRunner.dropTable('removal_warnings', true);
    await queryRunner.dropTable('cleanings', true);
    for (const [table, column] of NEW_COLUMNS.toReversed())
      await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN ${column.split(' ')[0]}`);
  }
}

function cleanings(queryRunner: QueryRunner): Table {
  const { big, counter, long, whole } = columnsFor(queryRunner);
  const columns = [counter('id'), big('started_ms'), big('finished_ms', { isNullable: true }), whole('failures'), long('details')];
  return new Table({ name: 'cleanings', columns });
}

function warnings(queryRunner: QueryRunner): Table {
  const { big, word } = columnsFor(queryRunner);
  const columns = [word('id', 36, { isPrimary: true }), word('token_hash', 64), word('owner_id', 36), big('created_ms'), big('expires_ms')];
  const indices = [new TableIndex({ name: 'uq_removal_warnings_token', columnNames: ['token_hash'], isUnique: true })];
  return new Table({ name: 'removal_warnings', columns, indices });
}
