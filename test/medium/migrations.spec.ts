import type { DataSource } from 'typeorm';
import { openTestDatabase, type TestDatabase } from '../database';

describe('migrations', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await openTestDatabase();
    dataSource = await database.connect();
  });
  afterAll(() => database.close());

  it('leave no difference between the tables and the entities', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map((query) => query.query)).toEqual([]);
  });

  it('can be taken back and applied again, and keep what stands in the tables', async () => {
    const names = 'name, incarnation, host, boot_id, slots, gpu_ids, beat_ms, started_ms, stopped';
    await dataSource.query(`INSERT INTO runners (${names}) VALUES ('dgx', 'a', 'h', 'b', 1, 'GPU-1,GPU-2', 1, 1, 0)`);
    await dataSource.undoLastMigration();
    await dataSource.runMigrations();
    expect(await dataSource.query('SELECT name, gpu_ids FROM runners')).toEqual([{ name: 'dgx', gpu_ids: 'GPU-1,GPU-2' }]);
    expect(await dataSource.query('SELECT v FROM gate')).toHaveLength(1);
  });
});
