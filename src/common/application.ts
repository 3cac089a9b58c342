import type { INestApplicationContext, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AppConfig, DatabaseTarget } from './config/app-config';
import { loadConfig } from './config/config.module';
import { ProcessLogger } from './process-logger';
import { StartupError } from './errors';

const LEVELS = ['debug', 'log', 'warn', 'error', 'fatal'] as const;
const LEAST = { debug: 0, info: 1, warn: 2, error: 3 } as const;

/** The logger of every process: readable lines, or JSON for a log collector. */
export function createLogger(settings: Pick<AppConfig['settings'], 'LOG_FORMAT' | 'LOG_LEVEL'>, context: string): LoggerService {
  const levels = LEVELS.slice(LEAST[settings.LOG_LEVEL]);
  return new ProcessLogger({
    prefix: context,
    json: settings.LOG_FORMAT === 'json',
    colors: process.stdout.hasColors?.() ?? false,
    logLevels: [...levels],
  });
}

/**
 * Boots a root module without HTTP: the runner, the cleaner and the commands. Signals close it through the shutdown hooks.
 * @param least quiets commands whose output is for people; daemons leave it to LOG_LEVEL.
 */
export async function createContext(module: Type, name: string, least?: 'warn'): Promise<INestApplicationContext> {
  const config = loadConfig();
  const logger = createLogger({ ...config.settings, ...(least ? { LOG_LEVEL: least } : {}) }, name);
  try {
    const context = await NestFactory.createApplicationContext(module, { abortOnError: false, logger });
    context.enableShutdownHooks();
    return context;
  } catch (error) {
    throw explainStartFailure(error, config);
  }
}

/** An unreachable database is the operator's to mend and gets one line; any other failed start is given back as it is. */
export function explainStartFailure(error: unknown, config: Pick<AppConfig, 'database'>): unknown {
  // A host with several addresses gives one error for each.
  const first = (error as AggregateError | null)?.errors?.[0] ?? error;
  const { code = '', syscall = '' } = (first ?? {}) as { code?: string; syscall?: string };
  const isOfDatabase = /^(ER_|SQLITE_)/.test(code) || syscall === 'connect' || syscall === 'getaddrinfo';
  const sentence = isOfDatabase ? DATABASE_FAILURES[code] : undefined;
  return sentence === undefined ? error : new StartupError(`${sentence} ${describeTarget(config.database)} (${code}).`);
}

const DATABASE_FAILURES: Partial<Record<string, string>> = {
  ECONNREFUSED: 'No database answers at',
  ENOENT: 'No database answers at',
  ENOTFOUND: 'There is no host of that name:',
  ETIMEDOUT: 'No database answers at',
  EACCES: 'This user may not open',
  ER_ACCESS_DENIED_ERROR: 'User or password is wrong for',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'User or password is wrong for',
  ER_DBACCESS_DENIED_ERROR: 'The user may not use',
  ER_BAD_DB_ERROR: 'There is no such database:',
  SQLITE_CANTOPEN: 'Cannot open',
  SQLITE_READONLY: 'Cannot write in',
  SQLITE_NOTADB: 'This is no SQLite database:',
};

function describeTarget(target: DatabaseTarget): string {
  if (target.kind === 'sqlite') return target.path;
  return `${target.database} on ${target.socketPath ?? `${target.host}:${target.port}`}`;
}
