import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { dataSourceOptions, ENTITIES, MIGRATIONS } from '../../../src/common/database/data-source';
import { openQueueStore } from '../../../src/common/queue/queue.module';
import { openEmptyDatabase, type TestDatabase } from '../../database';
import { aRunner } from '../queue/queue-stage';
import { fillTables, only, readTables, type Row } from './old-rows';
import { shapeOfTables } from './schema-shape';

/** Each migration that installations have, with the digest of the tables after it. `RECORD_SCHEMAS=1` writes it anew, for a release. */
const RECORD = join(__dirname, 'released-schemas.json');

/** An installation may come from any earlier state of the tables. */
describe('an update of the tables', () => {
  let database: TestDatabase;
  const shapes: Record<string, string> = {};

  beforeAll(async () => (database = await openEmptyDatabase()));
  afterAll(() => database.close());

  /** Brings the tables to the state after so many migrations, and tells all that is in them before and afterwards. */
  async function bringTo(state: number): Promise<Map<string, Row[]>> {
    const dataSource = new DataSource({ ...dataSourceOptions(database.config), migrations: MIGRATIONS.slice(0, state) });
    await dataSource.initialize();
    const before = await readTables(dataSource);
    await dataSource.runMigrations();
    const after = await readTables(dataSource);
    expectKept(before, after, MIGRATIONS[state - 1].name);
    if (database.kind === 'sqlite') shapes[MIGRATIONS[state - 1].name] = await shapeOfTables(dataSource);
    await fillTables(dataSource, state);
    const filled = await readTables(dataSource);
    await dataSource.destroy();
    return filled;
  }

  function expectKept(before: Map<string, Row[]>, after: Map<string, Row[]>, migration: string): void {
    for (const [table, rows] of before) {
      const columns = Object.keys(rows[0] ?? {});
      expect([migration, table, only(after.get(table) ?? [], columns)]).toEqual([migration, table, only(rows, columns)]);
    }
  }

  it('keeps the rows of every earlier state: two of each table were written in each', async () => {
    const counts = new Map<string, number>();
    for (let state = 1; state <= MIGRATIONS.length; state += 1) {
      for (const [table, rows] of await bringTo(state)) {
        if (counts.has(table)) expect([table, rows.length]).toEqual([table, Math.max(1, counts.get(table)! + (table === 'gate' ? 0 : 2))]);
        counts.set(table, rows.length);
      }
    }
    expect(counts.get('queue')).toBe(2 * MIGRATIONS.length);
  }, 90_000);

  it('never changes what was released: an installation that has a migration does not run it again', () => {
    if (process.env['RECORD_SCHEMAS'] && database.kind === 'sqlite') writeFileSync(RECORD, `${JSON.stringify(shapes, null, 2)}\n`);
    const released = Object.entries(JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, string>);
    expect(MIGRATIONS.slice(0, released.length).map(({ name }) => name)).toEqual(released.map(([name]) => name));
    if (database.kind === 'sqlite') expect(Object.entries(shapes).slice(0, released.length)).toEqual(released);
  });

  it('leaves them readable: all entities are found, and runs that waited are claimed', async () => {
    const dataSource = await database.connect();
    for (const entity of ENTITIES) await dataSource.getRepository<object>(entity).find();
    const store = openQueueStore(database.config, dataSource, new DatabaseMutex());
    const runner = aRunner('after the update');
    await store.registerRunner(runner);
    const claimed = await store.claim(runner, 100);
    await store.close();
    expect(claimed).toHaveLength(MIGRATIONS.length);
    for (const run of claimed) expect(run).toMatchObject({ pipelineLimit: 5, state: 'starting', handle: null });
  });
});
