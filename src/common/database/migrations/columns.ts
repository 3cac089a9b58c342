import type { QueryRunner, TableColumnOptions } from 'typeorm';
import { dialectOf, type Dialect } from '../dialect';

/** Short names for the column types that mean the same on both databases. */
export interface Columns {
  dialect: Dialect;
  word(name: string, length: number, more?: Partial<TableColumnOptions>): TableColumnOptions;
  whole(name: string, more?: Partial<TableColumnOptions>): TableColumnOptions;
  big(name: string, more?: Partial<TableColumnOptions>): TableColumnOptions;
  flag(name: string): TableColumnOptions;
  long(name: string, more?: Partial<TableColumnOptions>): TableColumnOptions;
  /** An INTEGER that the database counts up. */
  counter(name: string): TableColumnOptions;
}

export function columnsFor(queryRunner: QueryRunner): Columns {
  const dialect = dialectOf(queryRunner.connection.options);
  const sqlite = dialect === 'sqlite';
  return {
    dialect,
    word: (name, length, more = {}) => ({ name, type: 'varchar', length: String(length), ...more }),
    whole: (name, more = {}) => ({ name, type: sqlite ? 'integer' : 'int', ...more }),
    big: (name, more = {}) => ({ name, type: 'bigint', ...more }),
    flag: (name) => ({ name, type: sqlite ? 'boolean' : 'tinyint' }),
    long: (name, more = {}) => ({ name, type: 'text', ...more }),
    counter: (name) => ({
      name,
      type: sqlite ? 'integer' : 'int',
      isPrimary: true,
      isGenerated: true,
      generationStrategy: 'increment',
    }),
  };
}
