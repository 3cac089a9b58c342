import type { DataSource, QueryRunner } from 'typeorm';
import { dialectOf } from '../src/common/database/dialect';

/** A statement as it went to the database. */
interface Sent {
  sql: string;
  values: unknown[];
}

/** What `work` asks the database, in order. */
export async function statementsOf(dataSource: DataSource, work: () => Promise<unknown>): Promise<Sent[]> {
  const anyRunner = Object.getPrototypeOf(dataSource.createQueryRunner()) as QueryRunner;
  const query = jest.spyOn(anyRunner, 'query').mockName('query');
  try {
    await work();
    return query.mock.calls.map(([sql, values = []]) => ({ sql, values: values as unknown[] }));
  } finally {
    query.mockRestore();
  }
}

/** The lines of its plan: what SQLite calls `detail`, or `<key> <Extra>` of MariaDB. */
export async function planOf(dataSource: DataSource, { sql, values }: Sent): Promise<string[]> {
  const isSqlite = dialectOf(dataSource.options) === 'sqlite';
  const plan = await dataSource.query<Record<string, string | null>[]>(`EXPLAIN ${isSqlite ? 'QUERY PLAN ' : ''}${sql}`, values);
  return plan.map((row) => (isSqlite ? (row['detail'] ?? '') : `${row['key']} ${row['Extra'] ?? ''}`));
}
