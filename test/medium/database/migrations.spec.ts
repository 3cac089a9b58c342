import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions, MIGRATIONS } from '../../../src/common/database/data-source';
import { DatabaseHealth } from '../../../src/common/database/database-health';
import { Removals1765000000021 } from '../../../src/common/database/migrations/0021-removals';
import { Chains1765500000028 } from '../../../src/common/database/migrations/0028-chains';
import { NEVER_MS } from '../../../src/common/database/never';
import { Run } from '../../../src/common/queue/run.entity';
import { openEmptyDatabase, openTestDatabase, type TestDatabase } from '../../database';
import { aRun } from '../../factories';
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

  it('end runs now that wait for another one, where nothing says any more for which', async () => {
    const { id: _, ...row } = aRun({ submissionId: randomUUID(), state: 'scheduled', availableMs: NEVER_MS });
    const [{ id }] = (await dataSource.getRepository(Run).insert(row)).identifiers as { id: number }[];
    await dataSource.query('INSERT INTO run_links (run_id, after_run, root_run, is_open) VALUES (?, 1, 1, 1)', [id]);
    const queryRunner = dataSource.createQueryRunner();
    await new Chains1765500000028().down(queryRunner);
    await new Chains1765500000028().up(queryRunner);
    await queryRunner.release();
    const { state, finishedMs } = await dataSource.getRepository(Run).findOneByOrFail({ id });
    expect([state, Math.abs(finishedMs! - Date.now()) < 60_000]).toEqual(['cancelled', true]);
  });

  it('know from the rows of before which accounts are being deleted, and whose inbox has the name of the address', async () => {
    const earlier = await openEmptyDatabase();
    try {
      const before = MIGRATIONS.slice(0, MIGRATIONS.indexOf(Removals1765000000021));
      const old = await new DataSource({ ...dataSourceOptions(earlier.config), migrations: before }).initialize();
      await old.runMigrations();
      const add = (id: string, kind: string, hash: string | null, leavingMs: number | null) =>
        old.query(
          `INSERT INTO users (id, kind, email, display_name, password_hash, is_admin, leaving_ms, created_ms, last_seen_ms)
             VALUES (?, ?, ?, ?, ?, 0, ?, 5, 5)`,
          [id, kind, kind === 'guest' ? null : `${id}@x.org`, id, hash, leavingMs],
        );
      await add('half gone', 'account', null, 7);
      await add('leaves', 'account', 'hash', 7);
      await add('mirrored', 'account', null, 7);
      await add('guest', 'guest', null, null);
      await old.query("INSERT INTO external_users (user_id, master_key, name, checked_ms) VALUES ('mirrored', 'k', 'n', 1)");
      await old.destroy();
      const now = await earlier.connect();
      await now.runMigrations();
      const rows = await now.query<Record<string, string | number | null>[]>('SELECT id, removing_ms, inbox_ms FROM users ORDER BY id');
      expect(rows.map((row) => Object.values(row).map((value) => (value === null ? null : String(value))))).toEqual([
        ['guest', null, null],
        ['half gone', '7', '5'],
        ['leaves', null, '5'],
        ['mirrored', null, '5'],
      ]);
    } finally {
      await earlier.close();
    }
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
