import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, format } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { readConfig, type AppConfig } from '../src/common/config/app-config';
import { dataSourceOptions } from '../src/common/database/data-source';

export interface TestDatabase {
  kind: 'sqlite' | 'mariadb';
  /** A configuration on this database, with its own empty DATA_DIR. */
  config: AppConfig;
  /** The settings behind it, to hand to child processes. */
  environment: Record<string, string>;
  folder: string;
  /** A further connection of its own; closed with the database. */
  connect(): Promise<DataSource>;
  close(): Promise<void>;
}

/**
 * A fresh migrated database: a SQLite file, or a database of the private MariaDB whose socket the suite runner passes in
 * TEST_MARIADB_SOCKET. The same test files run on both.
 */
export async function openTestDatabase(settings: Record<string, string> = {}): Promise<TestDatabase> {
  const database = await openEmptyDatabase(settings);
  const target = database.config.database;
  if (target.kind === 'sqlite') await (sqlite ? writeFile(target.path, sqlite) : keepSqlite(target.path, database));
  else await (mariadb === undefined ? keepMariadb(database) : administer(target.socketPath!, mariadb, target.database));
  return database;
}

/**
 * What the migrations make, kept for the next databases of the same test file, as a file and as statements: to go through twenty migrations
 * costs more than all else of an application.
 */
let sqlite: Buffer | undefined;
let mariadb: string | undefined;

async function keepSqlite(path: string, database: TestDatabase): Promise<void> {
  const dataSource = await database.connect();
  await dataSource.runMigrations();
  const copy = `${path}-migrated`;
  await dataSource.query('VACUUM INTO ?', [copy]);
  sqlite = await readFile(copy);
  await rm(copy);
}

async function keepMariadb(database: TestDatabase): Promise<void> {
  const dataSource = await database.connect();
  await dataSource.runMigrations();
  const statements = ['SET foreign_key_checks = 0'];
  for (const table of (await dataSource.query('SHOW TABLES')).flatMap(Object.values<string>)) {
    statements.push((await dataSource.query(`SHOW CREATE TABLE \`${table}\``))[0]['Create Table']);
    for (const row of await dataSource.query(`SELECT * FROM \`${table}\``)) statements.push(format('INSERT INTO ?? SET ?', [table, row]));
  }
  for (const { Trigger } of await dataSource.query('SHOW TRIGGERS')) {
    statements.push((await dataSource.query(`SHOW CREATE TRIGGER \`${Trigger}\``))[0]['SQL Original Statement']);
  }
  mariadb = statements.join(';\n');
}

/** The same without any table. */
export async function openEmptyDatabase(settings: Record<string, string> = {}): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-test-'));
  const socket = process.env['TEST_MARIADB_SOCKET'];
  const name = `t_${randomBytes(6).toString('hex')}`;
  if (socket) await administer(socket, `CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  const place: Record<string, string> = socket ? { DB_SOCKET: socket, DB_USER: 'root', DB_NAME: name } : {};
  const environment = { DATA_DIR: folder, SAMPLE_PROJECT: 'off', ...place, ...settings };
  const config = readConfig(environment);
  const connections: DataSource[] = [];
  const connect = async () => {
    const dataSource = await new DataSource(dataSourceOptions(config)).initialize();
    connections.push(dataSource);
    return dataSource;
  };
  return {
    kind: socket ? 'mariadb' : 'sqlite',
    config,
    environment,
    folder,
    connect,
    close: async () => {
      for (const connection of connections) if (connection.isInitialized) await connection.destroy();
      if (socket) await administer(socket, `DROP DATABASE IF EXISTS ${name}`);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function administer(socketPath: string, statements: string, database?: string): Promise<void> {
  const connection = await createConnection({ socketPath, user: 'root', database, charset: 'utf8mb4_bin', multipleStatements: true });
  await connection.query(statements);
  await connection.end();
}
