import type { ObjectLiteral, Repository } from 'typeorm';
import { repeatWhileBusy } from './repeat-while-busy';

/** Whether a unique index refused: both databases' words for it. */
export function isTaken(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'ER_DUP_ENTRY';
}

/** @returns false when a unique index refused what the write would have made: the index decides, not an earlier look. */
export async function unlessTaken(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await repeatWhileBusy(write);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** Inserts one row. @param values a function stands for SQL. @returns as `unlessTaken`. */
export function insertUnlessTaken<Row extends ObjectLiteral>(rows: Repository<Row>, values: object): Promise<boolean> {
  return unlessTaken(() => rows.createQueryBuilder().insert().values(values).execute());
}
