import type { DataSourceOptions, ValueTransformer } from 'typeorm';

export type Dialect = 'sqlite' | 'mariadb';

/** Which of our two databases a TypeORM connection speaks to. */
export function dialectOf(options: Pick<DataSourceOptions, 'type'>): Dialect {
  return options.type === 'better-sqlite3' ? 'sqlite' : 'mariadb';
}

/** The database's own clock as milliseconds since 1970: the only clock that is ever compared. */
export const NOW_MS: Record<Dialect, string> = {
  sqlite: `CAST(unixepoch('subsec') * 1000 AS INTEGER)`,
  // Signed: a difference to a time that lies ahead, since the clock was put back, is negative and no error.
  mariadb: `CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)`,
};

/** MariaDB gives BIGINT as text, SQLite as a number; milliseconds and byte counts fit a double either way. */
export const asNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null || value === undefined ? value : Number(value)),
};

/** Both databases store small documents as text. */
export const asJson: ValueTransformer = {
  to: (value: unknown) => (value === null || value === undefined ? value : JSON.stringify(value)),
  from: (value: unknown) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value),
};
