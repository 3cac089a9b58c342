import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { columnsFor } from './columns';

/** Runs that were asked for together, and values of forms that people keep. */
export class SweepsAndPresets1764100000012 implements MigrationInterface {
  readonly name = 'SweepsAndPresets1764100000012';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    const { word, big, long, whole } = columnsFor(queryRunner);
    const sweeps = [
      word('id', 36, { isPrimary: true }),
      word('project_id', 36),
      word('owner_id', 36),
      word('pipeline_id', 100),
      word('pipeline_title', 200),
      long('axes'),
      word('mode', 16),
      whole('run_count'),
      big('created_ms'),
    ];
    const ofProject = new TableIndex({ name: 'idx_sweeps_project', columnNames: ['project_id', 'created_ms'] });
    await queryRunner.createTable(new Table({ name: 'sweeps', columns: sweeps, indices: [ofProject] }), true);
    const members = [word('sweep_id', 36, { isPrimary: true }), whole('position', { isPrimary: true }), whole('run_id')];
    const ofRun = new TableIndex({ name: 'uq_sweep_runs_run', columnNames: ['run_id'], isUnique: true });
    await queryRunner.createTable(new Table({ name: 'sweep_runs', columns: members, indices: [ofRun] }), true);
    const presets = [
      word('id', 36, { isPrimary: true }),
      word('owner_id', 36),
      word('pipeline_id', 100),
      word('name', 100),
      long('entries'),
      big('changed_ms'),
    ];
    const named = new TableIndex({ name: 'uq_presets_name', columnNames: ['owner_id', 'pipeline_id', 'name'], isUnique: true });
    await queryRunner.createTable(new Table({ name: 'presets', columns: presets, indices: [named] }), true);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['presets', 'sweep_runs', 'sweeps']) await queryRunner.dropTable(table, true);
  }
}
