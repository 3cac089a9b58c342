import { DataSource } from 'typeorm';
import { AppConfig } from '../common/config/app-config';
import { dataSourceOptions, MIGRATIONS } from '../common/database/data-source';
import { dialectOf, type Dialect } from '../common/database/dialect';
import { refuseNewerDatabase } from '../common/database/newer-database';
import { StartupError } from '../common/errors';
import { LIVE_STATES } from '../common/queue/run-state';
import { copyTables, inSnapshot } from './table-copy.repository';
import { EXIT_DATA } from '../common/exit-status';

/** A large table takes its time. */
const ANSWER_WITHIN_MS = 24 * 3_600_000;

/** Views count as well: what somebody else keeps there is in the way. */
const TABLES: Record<Dialect, string> = {
  sqlite: 'SELECT name FROM sqlite_master',
  mariadb: 'SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()',
};

export interface DatabaseSummary {
  rows: Record<string, number>;
  underWay: number[];
}

/** Writes the rows of the configured database, as they were at one moment, into a new SQLite database of the same tables. */
export async function saveDatabase(config: AppConfig, path: string): Promise<DatabaseSummary> {
  const source = await open(config);
  const copy = await openSqlite(config, path);
  try {
    await copy.runMigrations();
    const target = copy.createQueryRunner();
    const rows = await inSnapshot(source, async (from) => {
      await target.startTransaction();
      const counts = await copyTables(from, target, target);
      await target.commitTransaction();
      return counts;
    });
    const states = LIVE_STATES.map((state) => `'${state}'`).join(', ');
    const live = await copy.query<{ id: number }[]>(`SELECT id FROM queue WHERE state IN (${states}) ORDER BY id`);
    await copy.query('PRAGMA journal_mode = DELETE');
    return { rows, underWay: live.map(({ id }) => id) };
  } finally {
    await copy.destroy();
    await source.destroy();
  }
}

/**
 * Makes the tables as they were when the backup was made, fills them, and brings them to this version.
 * @param path of `database.sqlite`.
 * @returns rows by table.
 */
export async function loadDatabase(config: AppConfig, path: string): Promise<Record<string, number>> {
  const saved = await openSaved(path);
  const target = await open(config);
  try {
    const names = await migrationsIn(saved);
    await applyFirst(config, names.length);
    const from = saved.createQueryRunner();
    const to = target.createQueryRunner();
    const counts = await copyTables(from, to, from);
    await to.release();
    await target.runMigrations();
    return counts;
  } finally {
    await target.destroy();
    await saved.destroy();
  }
}

/** @throws StartupError when the database has tables, or the backup is of a newer version. */
export async function assertRestorable(config: AppConfig, path: string): Promise<void> {
  const saved = await openSaved(path);
  try {
    await migrationsIn(saved);
  } finally {
    await saved.destroy();
  }
  const target = await open(config);
  try {
    const tables = await target.query<unknown[]>(TABLES[dialectOf(target.options)]);
    if (tables.length > 0)
      throw new StartupError(`The database has tables already (${tables.length}). Restore into an empty one.`, EXIT_DATA);
  } finally {
    await target.destroy();
  }
}

/** Those that this version knows, in its order. @throws StartupError for others. */
async function migrationsIn(saved: DataSource): Promise<string[]> {
  await refuseNewerDatabase(saved);
  const rows = await saved.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id');
  return rows.map(({ name }) => name);
}

async function applyFirst(config: AppConfig, count: number): Promise<void> {
  const options = { ...dataSourceOptions(config, ANSWER_WITHIN_MS), migrations: MIGRATIONS.slice(0, count) };
  const first = await new DataSource(options).initialize();
  await first.runMigrations().finally(() => first.destroy());
}

function open(config: AppConfig): Promise<DataSource> {
  return new DataSource(dataSourceOptions(config, ANSWER_WITHIN_MS)).initialize();
}

/** Changes nothing of it, so that its checksum stays. */
function openSaved(path: string): Promise<DataSource> {
  return new DataSource({
    type: 'better-sqlite3',
    database: path,
    readonly: true,
    fileMustExist: true,
    migrations: MIGRATIONS,
  }).initialize();
}

function openSqlite({ settings }: AppConfig, path: string): Promise<DataSource> {
  return open(new AppConfig(settings, { kind: 'sqlite', path }));
}
