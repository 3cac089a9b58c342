import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { DatabaseHealth } from '../../../src/common/database/database-health';
import { openTestDatabase, type TestDatabase } from '../../database';
import { compileProduct } from '../../product';

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

  it('of a newer version are refused with a sentence by every program, and nothing is changed', async () => {
    await expect(new DatabaseHealth(dataSource).assertMigrated()).resolves.toBeUndefined();
    await dataSource.query("INSERT INTO migrations (timestamp, name) VALUES (1999999999999, 'Tomorrow1999999999999')");
    const health = new DatabaseHealth(dataSource);
    expect(await health.isMigrated()).toBe(false);
    const message = expect.stringMatching(
      /^This database belongs to a newer version of Showrunner: it has the change Tomorrow19/,
    ) as string;
    await expect(health.assertMigrated()).rejects.toMatchObject({ name: 'StartupError', message, exitStatus: 78 });

    const product = compileProduct();
    const env = { PATH: process.env['PATH'] ?? '', ...database.environment };
    for (const name of ['migrate', 'runner']) {
      const words = [join(product.home, 'dist', `${name}.js`)];
      const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
      expect([name, status, stderr]).toEqual([name, 78, message]);
    }
    product.remove();
    await dataSource.query("DELETE FROM migrations WHERE name = 'Tomorrow1999999999999'");
    expect(await health.isMigrated()).toBe(true);
  }, 60_000);
});
