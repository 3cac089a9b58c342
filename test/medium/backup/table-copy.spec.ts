import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { assertRestorable, loadDatabase, saveDatabase } from '../../../src/backup/database-backup.repository';
import { AppConfig } from '../../../src/common/config/app-config';
import { dataSourceOptions, MIGRATIONS } from '../../../src/common/database/data-source';
import { openEmptyDatabase, openTestDatabase, type TestDatabase } from '../../database';
import { fillTables, only, readTables, type Row } from '../database/old-rows';

const LEFT_OUT = ['sessions', 'file_digests'];

describe('the database in a backup', () => {
  const open: TestDatabase[] = [];
  let saved: string;
  let rows: Map<string, Row[]>;

  const opened = async (database: Promise<TestDatabase>) => {
    open.push(await database);
    return open.at(-1)!;
  };

  beforeAll(async () => {
    const database = await opened(openTestDatabase());
    const source = await database.connect();
    await fillTables(source, ...Array.from({ length: 150 }, (_, index) => index + 1));
    await source.query("INSERT INTO facts (name, value) VALUES ('signing_key', 'planted-signing-key')");
    await source.query("UPDATE sessions SET data = 'planted-session'");
    await source.query("UPDATE mails SET run_id = NULL, text_body = 'planted-mail' WHERE id = 301");
    await source.query("UPDATE queue SET state = 'cancelled', finished_ms = 5 WHERE id = 301");
    await source.query('DELETE FROM queue WHERE id = 301');
    rows = expected(await readTables(source));
    saved = join(database.folder, 'saved.sqlite');
    const summary = await saveDatabase(database.config, saved);
    expect(summary.underWay).toHaveLength(149);
    expect(summary.rows).toMatchObject({ queue: 299, users: 300, run_events: 301, facts: 300, mails: 299, gate: 1 });
  }, 60_000);
  afterAll(async () => {
    for (const database of open) await database.close();
  });

  /** All but what opens something, and what is computed again. */
  function expected(tables: Map<string, Row[]>): Map<string, Row[]> {
    for (const name of LEFT_OUT) tables.set(name, []);
    tables.set(
      'facts',
      tables.get('facts')!.filter(({ name }) => name !== 'signing_key'),
    );
    tables.set(
      'mails',
      tables.get('mails')!.filter((mail) => mail['run_id'] !== null),
    );
    return tables;
  }

  async function expectAllIn(database: TestDatabase, config: AppConfig): Promise<void> {
    await assertRestorable(config, saved);
    await loadDatabase(config, saved);
    const target = await database.connect();
    expect(await readTables(target)).toEqual(rows);
    // The number of the last run was given out, though its row is gone.
    await fillTables(target, 1000);
    const [{ id }] = await target.query<{ id: number }[]>('SELECT MAX(id) AS id FROM run_events');
    expect(id).toBeGreaterThan(302);
  }

  it('comes back into a database of the same kind, with all rows and numbers', async () => {
    const database = await opened(openEmptyDatabase());
    await expectAllIn(database, database.config);
  }, 60_000);

  it('comes back into SQLite, whatever it was', async () => {
    const database = await opened(openEmptyDatabase());
    const path = join(database.folder, 'other.sqlite');
    const config = new AppConfig(database.config.settings, { kind: 'sqlite', path });
    await loadDatabase(config, saved);
    const again = join(database.folder, 'again.sqlite');
    expect((await saveDatabase(config, again)).rows).toMatchObject({ queue: 299, run_events: 301 });
    if (database.kind === 'mariadb') {
      saved = again;
      await expectAllIn(database, database.config);
    }
  }, 60_000);

  it('of an earlier version is brought to the tables of this one', async () => {
    const database = await opened(openEmptyDatabase());
    const path = join(database.folder, 'old.sqlite');
    const options = dataSourceOptions(new AppConfig(database.config.settings, { kind: 'sqlite', path }));
    const old = await new DataSource({ ...options, migrations: MIGRATIONS.slice(0, 3) }).initialize();
    await old.runMigrations();
    await fillTables(old, 1, 2, 3);
    const before = await readTables(old);
    await old.destroy();
    await loadDatabase(database.config, path);
    const target = await database.connect();
    expect(await target.showMigrations()).toBe(false);
    const after = await readTables(target);
    for (const table of ['queue', 'users', 'run_events', 'runners']) {
      const columns = Object.keys(before.get(table)![0]);
      expect(only(after.get(table)!, columns)).toEqual(only(before.get(table)!, columns));
    }
  }, 60_000);

  it('of a newer version is refused, and so is a database with tables', async () => {
    const database = await opened(openTestDatabase());
    await expect(assertRestorable(database.config, saved)).rejects.toMatchObject({
      message: expect.stringMatching(/^The database has tables already \(\d+\)\. Restore into an empty one\.$/) as string,
      exitStatus: 65,
    });
    const path = join(database.folder, 'newer.sqlite');
    cpSync(saved, path);
    const newer = await new DataSource({ type: 'better-sqlite3', database: path }).initialize();
    await newer.query("INSERT INTO migrations (timestamp, name) VALUES (1999999999999, 'Tomorrow1999999999999')");
    await newer.destroy();
    await expect(assertRestorable(database.config, path)).rejects.toThrow(/newer version of Showrunner/);
  });

  it('holds nothing that opens anything', () => {
    const bytes = readFileSync(saved);
    expect(bytes.includes('größe')).toBe(true);
    for (const secret of ['planted-signing-key', 'planted-session', 'planted-mail'])
      expect([secret, bytes.includes(secret)]).toEqual([secret, false]);
  });
});
