import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
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
  await (await database.connect()).runMigrations();
  return database;
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

async function administer(socketPath: string, statement: string): Promise<void> {
  const connection = await createConnection({ socketPath, user: 'root' });
  await connection.query(statement);
  await connection.end();
}
