import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { AppConfig } from '../config/app-config';
import { UnavailableError } from '../errors';

/** Somebody as the external table has them. The hash stays in memory, and only for as long as it is compared. */
export interface MasterPerson {
  key: string;
  name: string;
  /** Lower case; null when there is none. */
  email: string | null;
  /** SHA-256 of the password, hexadecimal digits in lower case. */
  sha256: string;
  isActive: boolean;
}

const CONNECT_WITHIN_MS = 3000;
const ANSWER_WITHIN_MS = 3000;
const MOST_ROWS = 10;

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
    await this.pool?.end().catch(() => undefined);
    this.pool = undefined;
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
      this.pool ??= this.connect();
      const [rows] = await this.pool.query<RowDataPacket[]>({ sql: statement, values, timeout: ANSWER_WITHIN_MS });
      return rows.flatMap((row) => toPerson(row) ?? []);
    } catch (error) {
      this.logger.warn(`The external table of people cannot be read: ${(error as Error).message}`);
      throw new UnavailableError('external.away');
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
    const pool = createPool({ ...place, user, password, database, connectionLimit: 4, connectTimeout: CONNECT_WITHIN_MS });
    // Nothing of ours is ever written there, whatever the user of the database may do.
    pool.pool.on('connection', (connection) => void connection.query('SET SESSION TRANSACTION READ ONLY'));
    return pool;
  }
}

function quoted(name: string): string {
  return `\`${name}\``;
}

/** @returns null for a row without a name, or without what can be a SHA-256. */
function toPerson(row: RowDataPacket): MasterPerson | null {
  const name = textOf(row['name']);
  const sha256 = textOf(row['hash']).toLowerCase();
  if (name === '' || name.length > 255 || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  const given = textOf(row['email']).trim().toLowerCase();
  const email = given === '' && name.includes('@') ? name.toLowerCase() : given;
  return {
    key: textOf(row['id']).slice(0, 255),
    name,
    email: email === '' ? null : email.slice(0, 254),
    sha256,
    isActive: isOn(row['active']),
  };
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
