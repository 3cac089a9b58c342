import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { DatabaseTarget } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { findColumns, type Column, type Meaning, type TableName } from './old-columns';

export type Target = Extract<DatabaseTarget, { kind: 'mariadb' }>;

/** Texts by meaning; null where the row has none, or the table no such column. Times are milliseconds since 1970. */
export type OldRow<Table extends TableName> = Record<Meaning<Table>, string | null>;

export interface OldTable<Table extends TableName> {
  rows: OldRow<Table>[];
  /** Names of columns by what they were taken for. */
  columns: Partial<Record<Meaning<Table>, Column>>;
  /** Names of columns that mean nothing here. */
  others: string[];
}

const CONNECT_WITHIN_MS = 5000;
const NEEDED = { users: ['name', 'hash'], queue: ['person', 'project', 'status'] } as const;
const TIMES = new Set<string>(['requested', 'started', 'ended', 'registered']);
/** Seconds since 1970 have ten digits for three hundred years. */
const LEAST_MS = 100_000_000_000;

/** The database of the older system, which is only read. */
export class OldDatabase {
  private constructor(
    private readonly connection: Connection,
    private readonly name: string,
  ) {}

  /** @throws StartupError that says why it cannot be read. */
  static async open(target: Target): Promise<OldDatabase> {
    const { user, password, database, socketPath, host, port } = target;
    const place = socketPath === undefined ? { host: host!, port: port! } : { socketPath };
    // As a number an id above 2^53 would be rounded to that of somebody else.
    const exact = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true };
    try {
      const connection = await createConnection({ ...place, user, password, database, ...exact, connectTimeout: CONNECT_WITHIN_MS });
      await connection.query('SET SESSION TRANSACTION READ ONLY');
      return new OldDatabase(connection, database);
    } catch (error) {
      const { code = 'error', message } = error as NodeJS.ErrnoException;
      const where = socketPath ?? `${host}:${port}`;
      throw new StartupError(
        `The database ${database} of the older system cannot be read at ${where} (${code}: ${message}). In its settings it may have a name that only its containers know; say --database=mysql://user:password@host:3306/name then.`,
        EXIT_DATA,
      );
    }
  }

  close(): Promise<void> {
    return this.connection.end();
  }

  /**
   * All rows of a table in the order of their ids, each read as text.
   * @param chosen names of columns by `<table>.<meaning>`.
   * @returns null where there is no such table.
   * @throws StartupError that names the columns there are, where needed ones are not found.
   */
  async read<Table extends TableName>(
    kind: Table,
    table: string,
    chosen: Readonly<Record<string, string>>,
  ): Promise<OldTable<Table> | null> {
    const all = await this.columnsOf(table);
    if (all.length === 0) return null;
    const { found, faults } = findColumns(kind, all, chosen);
    const missing = NEEDED[kind].filter((meaning) => !(meaning in found));
    for (const meaning of missing) faults.push(`No column of it is known to be the ${WORDS[meaning]}: say --column=${kind}.${meaning}=….`);
    if (faults.length > 0) {
      const names = all.map(({ name }) => name).join(', ');
      throw new StartupError(
        `The table ${this.name}.${table} has the columns ${names}.\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
        EXIT_DATA,
      );
    }
    const chosenColumns = Object.entries(found) as [Meaning<Table>, Column][];
    const selected = chosenColumns.map(([meaning, column]) => `${read(meaning, column)} AS ${quoted(meaning)}`);
    const order = 'id' in found ? ` ORDER BY ${quoted((found as { id: Column }).id.name)}` : '';
    const [rows] = await this.connection.query<RowDataPacket[]>(`SELECT ${selected.join(', ')} FROM ${quoted(table)}${order}`);
    const used = new Set(chosenColumns.map(([, { name }]) => name));
    return {
      rows: rows.map((row) =>
        asRow(
          row,
          chosenColumns.map(([meaning]) => meaning),
        ),
      ) as OldRow<Table>[],
      columns: found,
      others: all.map(({ name }) => name).filter((name) => !used.has(name)),
    };
  }

  private async columnsOf(table: string): Promise<Column[]> {
    const [rows] = await this.connection.query<RowDataPacket[]>(
      'SELECT column_name AS name, LOWER(data_type) AS type FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position',
      [this.name, table],
    );
    return rows.map((row) => ({ name: String(row['name']), type: String(row['type']) }));
  }
}

const WORDS: Record<string, string> = {
  name: 'name to log in with',
  hash: 'SHA-256 of the password',
  person: 'person who asked for a run',
  project: 'project of a run',
  status: 'state of a run',
};

/** A moment without a zone is one by the clock of that database. */
function read(meaning: string, { name, type }: Column): string {
  const column = quoted(name);
  if (type === 'bit') return `CAST(${column} AS UNSIGNED)`;
  const isMoment = type === 'datetime' || type === 'timestamp' || type === 'date';
  return TIMES.has(meaning) && isMoment ? `UNIX_TIMESTAMP(${column})` : column;
}

function asRow(row: RowDataPacket, meanings: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(meanings.map((meaning) => [meaning, TIMES.has(meaning) ? timeOf(row[meaning]) : textOf(row[meaning])]));
}

/** @returns null for nothing, and for bytes that are no text. */
function textOf(value: unknown): string | null {
  if (Buffer.isBuffer(value)) return Buffer.from(value.toString('utf8')).equals(value) ? value.toString('utf8') : null;
  // Of a column that holds JSON.
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

function timeOf(value: unknown): string | null {
  const text = textOf(value);
  if (text === null || text.trim() === '') return null;
  const number = Number(text);
  if (!Number.isNaN(number)) return number <= 0 ? null : String(Math.round(number < LEAST_MS ? number * 1000 : number));
  const moment = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
  return Number.isNaN(moment) ? null : String(moment);
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
