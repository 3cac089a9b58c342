import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createPool, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import { AppConfig } from '../config/app-config';
import { UnavailableError } from '../errors';
import { parseEmail } from '../users/email-address';

/** Somebody as the external table has them. The hash stays in memory, and only for as long as it is compared. */
export interface MasterPerson {
  key: string;
  name: string;
  /** One plain address in lower case; null when there is none, or something else. */
  email: string | null;
  /** SHA-256 of the password, hexadecimal digits in lower case. */
  sha256: string;
  isActive: boolean;
}

/** For a connection and the answer together: whoever logs in waits for it. */
const ANSWER_WITHIN_S = 3;
const MOST_ROWS = 10;
const MOST_CONNECTIONS = 4;
/** Questions that wait for a connection; a class that logs in at once is far below. */
const MOST_WAITING = 100;
const MOST_KEY = 255;

/** The table of people in another database, which is only read. */
@Injectable()
export class MasterTable implements OnApplicationShutdown {
  private readonly logger = new Logger(MasterTable.name);
  private pool: Pool | undefined;

  constructor(private readonly config: AppConfig) {}

  get isConfigured(): boolean {
    return this.config.externalUsers !== null;
  }

  /** How long people get in by what is known of them while the table cannot be asked. */
  get graceMs(): number {
    return this.config.settings.EXTERNAL_USERS_GRACE * 1000;
  }

  async onApplicationShutdown(): Promise<void> {
    const ended = this.pool?.end().catch(() => undefined);
    this.pool = undefined;
    // A database that hangs does not answer a farewell either.
    await Promise.race([ended, sleep(ANSWER_WITHIN_S * 1000, undefined, { ref: false })]);
  }

  /**
   * Who logs in by this name or address; null when nobody does, or several do.
   * @throws UnavailableError when the database cannot be reached or does not have such a table.
   */
  async find(entered: string): Promise<MasterPerson | null> {
    const { EXTERNAL_USERS_NAME: name, EXTERNAL_USERS_EMAIL: email } = this.config.settings;
    const columns = email === undefined ? [name] : [name, email];
    const where = columns.map((column) => `${quoted(column)} = ?`).join(' OR ');
    const people = await this.select(
      where,
      columns.map(() => entered),
    );
    // The database may hold more to be equal than we do: blanks at the end, accents.
    const same = people.filter((person) => person.name.toLowerCase() === entered.toLowerCase() || person.email === entered.toLowerCase());
    const [only] = same.length > 1 ? same.filter((person) => person.name === entered) : same;
    return only ?? null;
  }

  /** Those of some keys who are in the table. @throws UnavailableError. */
  async findByKeys(keys: readonly string[]): Promise<Map<string, MasterPerson>> {
    const { EXTERNAL_USERS_ID: id, EXTERNAL_USERS_NAME: name } = this.config.settings;
    if (keys.length === 0) return new Map();
    const people = await this.select(`${quoted(id ?? name)} IN (${keys.map(() => '?').join(', ')})`, [...keys], keys.length + MOST_ROWS);
    return new Map(people.map((person) => [person.key, person]));
  }

  private async select(where: string, values: string[], most = MOST_ROWS): Promise<MasterPerson[]> {
    const { EXTERNAL_USERS_TABLE: table } = this.config.settings;
    const statement = `SELECT ${this.columns()} FROM ${table.split('.').map(quoted).join('.')} WHERE ${where} LIMIT ${most}`;
    try {
      const rows = await this.rowsInTime(statement, values);
      const keyless = rows.filter((row) => keyOf(row['id']) === '').length;
      if (keyless > 0) this.logger.warn(`${keyless} rows of the external table of people have no id that can be kept; they let nobody in`);
      return rows.flatMap((row) => toPerson(row) ?? []);
    } catch (error) {
      this.logger.warn(`The external table of people cannot be read: ${(error as Error).message}`);
      throw new UnavailableError('external.away');
    }
  }

  /** A database that hangs keeps nobody waiting for longer, and no connection: the pool has few of them. */
  private async rowsInTime(statement: string, values: string[]): Promise<RowDataPacket[]> {
    this.pool ??= this.connect();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${ANSWER_WITHIN_S} s`)), ANSWER_WITHIN_S * 1000);
    const missed = new Promise<never>((_resolve, reject) => {
      late.signal.addEventListener('abort', () => reject(late.signal.reason as Error));
    });
    try {
      return await Promise.race([rowsFrom(this.pool, { statement, values }, late.signal), missed]);
    } finally {
      clearTimeout(timer);
    }
  }

  private columns(): string {
    const { EXTERNAL_USERS_ID, EXTERNAL_USERS_NAME, EXTERNAL_USERS_EMAIL, EXTERNAL_USERS_HASH, EXTERNAL_USERS_ACTIVE } =
      this.config.settings;
    return [
      `${quoted(EXTERNAL_USERS_ID ?? EXTERNAL_USERS_NAME)} AS id`,
      `${quoted(EXTERNAL_USERS_NAME)} AS name`,
      EXTERNAL_USERS_EMAIL === undefined ? 'NULL AS email' : `${quoted(EXTERNAL_USERS_EMAIL)} AS email`,
      `${quoted(EXTERNAL_USERS_HASH)} AS hash`,
      EXTERNAL_USERS_ACTIVE === undefined ? '1 AS active' : `${quoted(EXTERNAL_USERS_ACTIVE)} AS active`,
    ].join(', ');
  }

  private connect(): Pool {
    const target = this.config.externalUsers;
    if (!target) throw new Error('EXTERNAL_USERS_URL is not set');
    const place = target.socketPath === undefined ? { host: target.host!, port: target.port! } : { socketPath: target.socketPath };
    const { user, password, database } = target;
    const limits = { connectionLimit: MOST_CONNECTIONS, queueLimit: MOST_WAITING, connectTimeout: ANSWER_WITHIN_S * 1000 };
    // As a number an id above 2^53 would be rounded to that of somebody else.
    const exact = { supportBigNumbers: true, bigNumberStrings: true };
    const pool = createPool({ ...place, user, password, database, ...limits, ...exact });
    pool.pool.on('connection', (connection) => {
      // Nothing of ours is ever written there, whatever the user of the database may do.
      connection.query('SET SESSION TRANSACTION READ ONLY');
      // What we gave up, the database gives up too. MySQL takes the second half for a comment.
      connection.query(`SET SESSION lock_wait_timeout = ${ANSWER_WITHIN_S} /*M! , max_statement_time = ${ANSWER_WITHIN_S} */`);
    });
    return pool;
  }
}

/** @param late destroys the connection, which may never answer again. */
async function rowsFrom(pool: Pool, asked: { statement: string; values: string[] }, late: AbortSignal): Promise<RowDataPacket[]> {
  const connection: PoolConnection = await pool.getConnection();
  const destroy = () => connection.destroy();
  late.addEventListener('abort', destroy);
  try {
    late.throwIfAborted();
    const [rows] = await connection.query<RowDataPacket[]>(asked.statement, asked.values);
    return rows;
  } finally {
    late.removeEventListener('abort', destroy);
    connection.release();
  }
}

function quoted(name: string): string {
  return `\`${name}\``;
}

/** @returns null for a row without an id, a name, or what can be a SHA-256. */
function toPerson(row: RowDataPacket): MasterPerson | null {
  const key = keyOf(row['id']);
  const name = textOf(row['name']);
  const sha256 = textOf(row['hash']).toLowerCase();
  if (key === '' || name === '' || name.length > 255 || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  const given = textOf(row['email']).trim();
  return {
    key,
    name,
    email: addressIn(given === '' ? name : given),
    sha256,
    isActive: isOn(row['active']),
  };
}

/** What the table has for an address counts as confirmed, so it has to be one: no list, no name before it. */
function addressIn(text: string): string | null {
  try {
    return parseEmail(text);
  } catch {
    return null;
  }
}

/** @returns '' for what tells nobody from others: nothing, more than can be kept, or bytes that are no text. */
function keyOf(value: unknown): string {
  const key = textOf(value);
  const isWhole = !Buffer.isBuffer(value) || Buffer.from(key, 'utf8').equals(value);
  return isWhole && key.length <= MOST_KEY ? key : '';
}

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

/** 1, true, "yes", or a bit. */
function isOn(value: unknown): boolean {
  if (Buffer.isBuffer(value)) return value.some((byte) => byte !== 0 && byte !== 0x30);
  return value === true || /^(1|y|yes|t|true|on|active)$/i.test(textOf(value));
}
