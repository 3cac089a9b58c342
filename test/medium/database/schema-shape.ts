import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { tablesOf } from './old-rows';

/** A digest of all tables of SQLite with their columns, keys and triggers, whatever words made them. */
export async function shapeOfTables(dataSource: DataSource): Promise<string> {
  const lines: string[] = [];
  for (const table of await tablesOf(dataSource)) {
    if (table === 'migrations' || table.startsWith('sqlite_')) continue;
    for (const column of await dataSource.query<object[]>(`PRAGMA table_info(${table})`)) lines.push(`${table} ${JSON.stringify(column)}`);
    for (const index of await dataSource.query<{ name: string; unique: number }[]>(`PRAGMA index_list(${table})`)) {
      const columns = await dataSource.query<{ name: string }[]>(`PRAGMA index_info(${index.name})`);
      lines.push(`${table} ${index.unique} ${columns.map(({ name }) => name).join(',')}`);
    }
  }
  const triggers = await dataSource.query<{ sql: string }[]>("SELECT sql FROM sqlite_master WHERE type = 'trigger'");
  lines.push(...triggers.map(({ sql }) => sql.replaceAll(/\s+/g, ' ')));
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16);
}
