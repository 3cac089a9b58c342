import type { DataSource, QueryRunner } from 'typeorm';
import { dialectOf } from '../common/database/dialect';

type Row = Record<string, unknown>;

/** Tables that are not carried along: what log-ins and links in mails open, and what is computed again. */
const LEFT_OUT = new Set(['migrations', 'sqlite_sequence', 'sessions', 'one_time_links', 'file_digests']);
/** Of these, the rows that are: the signing key stays, and mails that are not about runs may hold links that open something. */
const CARRIED: Record<string, string> = { facts: "name <> 'signing_key'", mails: 'run_id IS NOT NULL' };
/** Written by a trigger when the rows of the queue are put in; so it comes after them, and they are replaced. */
const AFTER_OTHERS = 'run_events';
const AT_ONCE = 200;

interface Shape {
  table: string;
  columns: string[];
  /** In order. */
  key: string[];
}

/**
 * Copies all rows from one database into another one with the same tables, whatever kind the two are.
 * @param shapes the one of the two that is SQLite.
 * @returns rows by table.
 */
export async function copyTables(from: QueryRunner, to: QueryRunner, shapes: QueryRunner): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const shape of await shapesOf(shapes)) {
    await to.query(`DELETE FROM \`${shape.table}\``);
    counts[shape.table] = await copyRows(from, to, shape);
  }
  for (const [table, number] of await countersOf(from)) if (Object.hasOwn(counts, table)) await setCounter(to, table, number);
  return counts;
}

async function shapesOf(sqlite: QueryRunner): Promise<Shape[]> {
  const tables: { name: string }[] = await sqlite.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  const shapes: Shape[] = [];
  for (const { name: table } of tables) {
    if (LEFT_OUT.has(table)) continue;
    const columns: { name: string; pk: number }[] = await sqlite.query(`PRAGMA table_info(\`${table}\`)`);
    const key = columns.filter(({ pk }) => pk > 0).sort((one, other) => one.pk - other.pk);
    shapes.push({ table, columns: columns.map(({ name }) => name), key: key.map(({ name }) => name) });
  }
  return shapes.sort((one, other) => Number(one.table === AFTER_OTHERS) - Number(other.table === AFTER_OTHERS));
}

/** By the key, from one part to the next, so that the size of a table costs no memory. */
async function copyRows(from: QueryRunner, to: QueryRunner, shape: Shape): Promise<number> {
  const names = shape.columns.map(quoted).join(', ');
  const order = shape.key.map(quoted).join(', ');
  const carried = CARRIED[shape.table] ?? '1 = 1';
  let count = 0;
  for (let last: Row | undefined, isFirst = true; isFirst || last; isFirst = false) {
    const [after, values] = last ? behind(shape.key, last) : ['1 = 1', []];
    const statement = `SELECT ${names} FROM ${quoted(shape.table)} WHERE (${carried}) AND (${after}) ORDER BY ${order} LIMIT ${AT_ONCE}`;
    const rows: Row[] = await from.query(statement, values);
    if (rows.length > 0) await insert(to, shape, rows);
    count += rows.length;
    last = rows.length === AT_ONCE ? rows.at(-1) : undefined;
  }
  return count;
}

/** `(a, b) > (1, 2)` in words that MariaDB answers from the index. */
function behind(key: readonly string[], last: Row): [string, unknown[]] {
  const alternatives = key.map((name, index) => {
    const same = key.slice(0, index).map((earlier) => `${quoted(earlier)} = ?`);
    return `(${[...same, `${quoted(name)} > ?`].join(' AND ')})`;
  });
  return [alternatives.join(' OR '), key.flatMap((_, index) => key.slice(0, index + 1).map((name) => last[name]))];
}

async function insert(to: QueryRunner, { table, columns }: Shape, rows: readonly Row[]): Promise<void> {
  const places = `(${columns.map(() => '?').join(', ')})`;
  const statement = `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')}) VALUES ${rows.map(() => places).join(', ')}`;
  await to.query(
    statement,
    rows.flatMap((row) => columns.map((name) => row[name])),
  );
}

/** The largest number that each table has given out, so that none is given twice, deleted rows or not. */
async function countersOf(from: QueryRunner): Promise<Map<string, number>> {
  const statement = isSqlite(from)
    ? 'SELECT name, seq AS number FROM sqlite_sequence'
    : 'SELECT table_name AS name, auto_increment - 1 AS number FROM information_schema.tables WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL';
  const rows: { name: string; number: number | string }[] = await from.query(statement);
  return new Map(rows.map(({ name, number }) => [name, Number(number)]));
}

async function setCounter(to: QueryRunner, table: string, number: number): Promise<void> {
  if (!isSqlite(to)) return void (await to.query(`ALTER TABLE ${quoted(table)} AUTO_INCREMENT = ${number + 1}`));
  await to.query('DELETE FROM sqlite_sequence WHERE name = ?', [table]);
  await to.query('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [table, number]);
}

/** One moment of a database, while others go on writing to it. */
export async function inSnapshot<Result>(dataSource: DataSource, work: (from: QueryRunner) => Promise<Result>): Promise<Result> {
  const runner = dataSource.createQueryRunner();
  try {
    if (isSqlite(runner)) {
      await runner.query('BEGIN');
    } else {
      await runner.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      await runner.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    }
    return await work(runner);
  } finally {
    await runner.query('ROLLBACK');
    await runner.release();
  }
}

function isSqlite(runner: QueryRunner): boolean {
  return dialectOf(runner.connection.options) === 'sqlite';
}

function quoted(name: string): string {
  return `\`${name}\``;
}
