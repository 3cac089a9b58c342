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

  it('can be taken back and applied again', async () => {
    await dataSource.undoLastMigration();
    await dataSource.runMigrations();
    expect(await dataSource.query('SELECT v FROM gate')).toHaveLength(1);
  });
});
