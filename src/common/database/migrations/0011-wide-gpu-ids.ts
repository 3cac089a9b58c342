import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dialectOf } from '../dialect';

const COLUMNS = { queue: 'NULL', runners: "NOT NULL DEFAULT ''" };
const WIDE = 'gpu_ids_wide';

/** Room for GPUs that are named by their UUIDs, 40 characters each. */
export class WideGpuIds1763900000011 implements MigrationInterface {
  readonly name = 'WideGpuIds1763900000011';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [table, rest] of Object.entries(COLUMNS)) await setLength(queryRunner, table, `varchar(2000) ${rest}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [table, rest] of Object.entries(COLUMNS)) await setLength(queryRunner, table, `varchar(255) ${rest}`);
  }
}

/** On SQLite, which cannot change a column, by another one: to make the table anew would lose its triggers. Goes on where it was interrupted. */
async function setLength(queryRunner: QueryRunner, table: string, type: string): Promise<void> {
  if (dialectOf(queryRunner.connection.options) === 'mariadb') {
    await queryRunner.query(`ALTER TABLE ${table} MODIFY gpu_ids ${type}`);
    return;
  }
  if (await queryRunner.hasColumn(table, 'gpu_ids')) {
    if (!(await queryRunner.hasColumn(table, WIDE))) await queryRunner.query(`ALTER TABLE ${table} ADD COLUMN ${WIDE} ${type}`);
    await queryRunner.query(`UPDATE ${table} SET ${WIDE} = gpu_ids`);
    await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN gpu_ids`);
  }
  await queryRunner.query(`ALTER TABLE ${table} RENAME COLUMN ${WIDE} TO gpu_ids`);
}
