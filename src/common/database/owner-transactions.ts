import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Database } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { positional } from '../queue/named-values';
import { DatabaseMutex } from './database-mutex';
import { dialectOf } from './dialect';
import { repeatWhileBusy } from './repeat-while-busy';

type Values = Record<string, string | number | null>;

const NEW_ROW =
  "INSERT INTO space_usage (owner_id, used_bytes, used_files, version, measured_ms, details) VALUES (:ownerId, 0, 0, 0, 0, '')";
/** In MariaDB: the row by which steps of one owner wait for each other until the transaction ends. */
export const LOCK_OWNER = `${NEW_ROW} ON DUPLICATE KEY UPDATE owner_id = VALUES(owner_id)`;

/**
 * Some statements about one owner as one step: all or nothing, and never between the statements of another step of the same owner, in
 * whatever process. What is counted in one statement is therefore still true in the next. The owner's row in `space_usage` is the lock; it
 * is held for one round trip and no longer.
 */
@Injectable()
export class OwnerTransactions {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly mutex: DatabaseMutex,
  ) {}

  /** @param values by the names that the statements have as `:name`. @returns how many rows each statement changed. */
  run(ownerId: string, statements: readonly string[], values: Values): Promise<number[]> {
    const all = { ...values, ownerId };
    const isSqlite = dialectOf(this.dataSource.options) === 'sqlite';
    return repeatWhileBusy(() => (isSqlite ? this.inSqlite(statements, all) : this.inMariadb(statements, all)));
  }

  /** Synchronous, so that nothing of this process comes between; the right to write from the beginning keeps other processes out. */
  private inSqlite(statements: readonly string[], values: Values): Promise<number[]> {
    const { databaseConnection } = this.dataSource.driver as unknown as { databaseConnection: Database };
    return this.mutex.run(() =>
      databaseConnection
        .transaction(() => {
          databaseConnection.prepare(`${NEW_ROW} ON CONFLICT (owner_id) DO NOTHING`).run(values);
          return statements.map((statement) => databaseConnection.prepare(statement).run(values).changes);
        })
        .immediate(),
    );
  }

  private async inMariadb(statements: readonly string[], values: Values): Promise<number[]> {
    const steps = statements.map((statement, index) => `${statement}; SET @changed${index} = ROW_COUNT();`);
    const counts = statements.map((_, index) => `@changed${index} AS n${index}`);
    const whole = `
      BEGIN NOT ATOMIC
        DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
        START TRANSACTION;
        ${LOCK_OWNER};
        ${steps.join('\n')}
        COMMIT;
        SELECT ${counts.join(', ')};
      END`;
    const [rows] = await this.dataSource.query<[Record<string, number | string>[], unknown]>(...positional(whole, values));
    return statements.map((_, index) => Number(rows[0]?.[`n${index}`] ?? 0));
  }
}
