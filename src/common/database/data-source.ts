import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import * as mysql2 from 'mysql2';
import type { DataSourceOptions } from 'typeorm';
import type { AppConfig, DatabaseTarget } from '../config/app-config';
import { StartupError } from '../errors';
import { AuditEntry } from '../audit/audit-entry.entity';
import { ApiOrder } from '../api-orders/api-order.entity';
import { ApiToken } from '../api-tokens/api-token.entity';
import { AccountLink } from '../account-links/account-link.entity';
import { RunLink } from '../chains/run-link.entity';
import { Cleaning } from '../cleaning/cleaning.entity';
import { RemovalWarning } from '../cleaning/removal-warning.entity';
import { ExternalUser } from '../external-users/external-user.entity';
import { Identity } from '../identities/identity.entity';
import { FileDigest } from '../digests/file-digest.entity';
import { FileTask } from '../file-tasks/file-task.entity';
import { Group, GroupMember } from '../groups/group.entity';
import { InboxLink } from '../inbox/inbox-link.entity';
import { Mail } from '../mail/mail.entity';
import { makeFolder } from '../make-folder';
import { ProjectMember } from '../members/project-member.entity';
import { KnownPipeline } from '../pipeline-settings/known-pipeline.entity';
import { PipelineSetting } from '../pipeline-settings/pipeline-setting.entity';
import { Project } from '../projects/project.entity';
import { Quota } from '../quotas/quota.entity';
import { Preset } from '../presets/preset.entity';
import { Run, RunDetails, RunEvent, Runner } from '../queue/run.entity';
import { Schedule, ScheduleTick } from '../schedules/schedule.entity';
import { Share } from '../shares/share.entity';
import { SpaceReservation, SpaceUsage } from '../space/space.entity';
import { Deletion } from '../trash/deletion.entity';
import { Sweep, SweepRun } from '../sweeps/sweep.entity';
import { Upload } from '../uploads/upload.entity';
import { MovedGuest } from '../users/moved-guest.entity';
import { Session } from '../users/session.entity';
import { User } from '../users/user.entity';
import { Webhook, WebhookDelivery } from '../webhooks/webhook.entity';
import { Fact } from './fact.entity';
import { lowerOfAllLetters } from './search-words';
import { FirstTables1763700000001 } from './migrations/0001-first-tables';
import { EnginesAndCapacity1763800000002 } from './migrations/0002-engines-and-capacity';
import { RunnersInView1763800000003 } from './migrations/0003-runners-in-view';
import { Turns1763800000004 } from './migrations/0004-turns';
import { WhoSteered1763800000005 } from './migrations/0005-who-steered';
import { Space1763900000006 } from './migrations/0006-space';
import { Uploads1763900000007 } from './migrations/0007-uploads';
import { Trash1763900000008 } from './migrations/0008-trash';
import { FileTasks1763900000009 } from './migrations/0009-file-tasks';
import { InboxLinks1763900000010 } from './migrations/0010-inbox-links';
import { WideGpuIds1763900000011 } from './migrations/0011-wide-gpu-ids';
import { SweepsAndPresets1764100000012 } from './migrations/0012-sweeps-and-presets';
import { Shares1764200000013 } from './migrations/0013-shares';
import { Undo1764300000014 } from './migrations/0014-undo';
import { People1764400000015 } from './migrations/0015-people';
import { Homes1764500000016 } from './migrations/0016-homes';
import { ExternalUsers1764600000017 } from './migrations/0017-external-users';
import { WhoMay1764700000018 } from './migrations/0018-who-may';
import { Administration1764800000019 } from './migrations/0019-administration';
import { Operations1764900000020 } from './migrations/0020-operations';
import { Removals1765000000021 } from './migrations/0021-removals';
import { WhatIsKept1765100000022 } from './migrations/0022-what-is-kept';
import { ApiTokens1765200000023 } from './migrations/0023-api-tokens';
import { ApiOrders1765300000024 } from './migrations/0024-api-orders';
import { Identities1765300000025 } from './migrations/0025-identities';
import { Schedules1765500000026 } from './migrations/0026-schedules';
import { Webhooks1765500000027 } from './migrations/0027-webhooks';
import { Chains1765500000028 } from './migrations/0028-chains';

export const ENTITIES = [
  Fact,
  User,
  Session,
  Project,
  Run,
  RunDetails,
  RunEvent,
  Runner,
  Mail,
  FileTask,
  SpaceUsage,
  SpaceReservation,
  FileDigest,
  InboxLink,
  Upload,
  Deletion,
  Sweep,
  SweepRun,
  Preset,
  Share,
  AccountLink,
  MovedGuest,
  ExternalUser,
  Identity,
  Cleaning,
  RemovalWarning,
  AuditEntry,
  Quota,
  Group,
  GroupMember,
  PipelineSetting,
  KnownPipeline,
  ProjectMember,
  ApiToken,
  ApiOrder,
  Schedule,
  ScheduleTick,
  Webhook,
  WebhookDelivery,
  RunLink,
];
export const MIGRATIONS = [
  FirstTables1763700000001,
  EnginesAndCapacity1763800000002,
  RunnersInView1763800000003,
  Turns1763800000004,
  WhoSteered1763800000005,
  Space1763900000006,
  Uploads1763900000007,
  Trash1763900000008,
  FileTasks1763900000009,
  InboxLinks1763900000010,
  WideGpuIds1763900000011,
  SweepsAndPresets1764100000012,
  Shares1764200000013,
  Undo1764300000014,
  People1764400000015,
  Homes1764500000016,
  ExternalUsers1764600000017,
  WhoMay1764700000018,
  Administration1764800000019,
  Operations1764900000020,
  Removals1765000000021,
  WhatIsKept1765100000022,
  ApiTokens1765200000023,
  ApiOrders1765300000024,
  Identities1765300000025,
  Schedules1765500000026,
  Webhooks1765500000027,
  Chains1765500000028,
];

const SQLITE_BUSY_MS = 200;
const MARIADB_LOCK_WAIT_SECONDS = 5;
/** A statement of the pages or the queue is answered in milliseconds, or after the wait for a lock. Without a byte for so long nobody is there. */
const ANSWER_WITHIN_MS = 15_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

/**
 * What Nest and `node dist/migrate` both connect with, so that the two cannot differ.
 * @param answerWithinMs time in which MariaDB has to say something to a statement; else its connection counts as lost.
 */
export function dataSourceOptions(config: AppConfig, answerWithinMs = ANSWER_WITHIN_MS): DataSourceOptions {
  const shared = {
    entities: ENTITIES,
    migrations: MIGRATIONS,
    synchronize: false,
    migrationsRun: false,
    migrationsTransactionMode: 'each',
  } as const;
  const target = config.database;
  if (target.kind === 'sqlite') return { ...shared, ...sqliteOptions(target.path) };
  return { ...shared, ...mariadbOptions(target, answerWithinMs) };
}

function sqliteOptions(path: string) {
  makeDataFolder(dirname(path));
  return {
    type: 'better-sqlite3' as const,
    database: path,
    enableWAL: true,
    timeout: SQLITE_BUSY_MS,
    prepareDatabase: (database: Database) => {
      database.pragma('synchronous = FULL');
      database.function('lower', { deterministic: true }, lowerOfAllLetters);
    },
  };
}

function mariadbOptions(target: Extract<DatabaseTarget, { kind: 'mariadb' }>, answerWithinMs: number) {
  return {
    type: 'mariadb' as const,
    driver: { ...mysql2, createPool: (options: mysql2.PoolOptions) => createPoolWithSession(options, answerWithinMs) },
    ...(target.socketPath === undefined ? { host: target.host!, port: target.port! } : { socketPath: target.socketPath }),
    username: target.user,
    password: target.password,
    database: target.database,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    poolSize: 10,
    connectTimeout: 10_000,
    extra: { enableKeepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS },
  };
}

/**
 * Each connection of the pool leaves REPEATABLE READ, under which updates get lost (and which MariaDB 11.6 answers with error 1020),
 * and waits five seconds for a lock rather than fifty. mysql2 sends these before anything that the pool's user asks for.
 */
function createPoolWithSession(options: mysql2.PoolOptions, answerWithinMs: number): mysql2.Pool {
  const pool = mysql2.createPool(options);
  pool.on('connection', (connection) => {
    endWhenSilent(connection as unknown as Wire, answerWithinMs);
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    connection.query(`SET SESSION innodb_lock_wait_timeout = ${MARIADB_LOCK_WAIT_SECONDS}`);
  });
  return pool;
}

/** A connection of mysql2: its socket, and the statement that it waits for. */
interface Wire {
  stream: Socket;
  _command?: unknown;
}

/**
 * A server whose machine lost its power, or a network that forgot the connection, never says that it is gone: the system goes on sending
 * for a quarter of an hour. The time limit that mysql2 has for one query would not do, since it gives the connection back to the pool in
 * the middle of it; so the socket goes, and all that waits for it fails as after any other lost connection.
 */
function endWhenSilent(wire: Wire, withinMs: number): void {
  wire.stream.setTimeout(withinMs, () => {
    if (wire._command) wire.stream.destroy(Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT' }));
  });
}

function makeDataFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    throw new StartupError(
      `Cannot write in ${path} (${(error as NodeJS.ErrnoException).code ?? 'error'}). Set DATA_DIR to a folder that this user may write.`,
    );
  }
}
