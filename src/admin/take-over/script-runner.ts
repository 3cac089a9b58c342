import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { sha256Of } from '../../common/users/passwords';
import type { OldRow, OldTable } from './old-database';

/** A row of `jobs`, with its parameters taken apart. Times are milliseconds since 1970. */
export interface ScriptJob {
  id: string;
  script: string;
  params: [name: string, value: string][];
  requester: string;
  status: string;
  requestedMs: number | null;
  startedMs: number | null;
  endedMs: number | null;
}

/** An installation of ScriptRunner. */
export interface ScriptRunner {
  conf: string;
  database: string;
  users: OldTable<'users'>;
  jobs: ScriptJob[];
  /** Null where its configuration does not say it, or it is gone. */
  outbox: string | null;
  outputPrefix: string;
}

const NAME = 'ScriptRunner.conf';

/** Its file of settings, if that is what one of the places is, or holds; null: they are of something else. */
export function scriptRunnerAt(places: readonly string[]): string | null {
  const candidates = places.flatMap((place) => [place, join(place, NAME), join(place, 'etc', NAME)]).map((path) => resolve(path));
  return candidates.find((path) => path.endsWith(`/${NAME}`) && existsSync(path) && statSync(path).isFile()) ?? null;
}

/** @throws StartupError that says what cannot be read. */
export function readScriptRunner(conf: string): ScriptRunner {
  const settings = settingsIn(readFileSync(conf, 'utf8'));
  // Its paths count from the folder in which it was started.
  const home = dirname(dirname(conf));
  const path = resolve(home, settings.get('path_to_db') ?? 'data/ScriptRunner.db');
  if (!existsSync(path)) throw new StartupError(`There is no ${path}, which ${conf} says to be the database of ScriptRunner.`, EXIT_DATA);
  const outbox = resolve(home, settings.get('outbox_dir') ?? 'data/outputs');
  const database = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const users = database.prepare('SELECT login, password FROM users').all() as { login: unknown; password: unknown }[];
    const jobs = database.prepare('SELECT * FROM jobs ORDER BY id').all() as Record<string, unknown>[];
    return {
      conf,
      database: path,
      users: { rows: users.map(asPerson), columns: {}, others: [] },
      jobs: jobs.map(asJob),
      outbox: existsSync(outbox) ? outbox : null,
      outputPrefix: settings.get('output_param_prefix') ?? 'output',
    };
  } catch (error) {
    throw new StartupError(`${path} cannot be read as the database of ScriptRunner (${(error as Error).message}).`, EXIT_DATA);
  } finally {
    database.close();
  }
}

function settingsIn(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^\s*([^#=\s]+)\s*=(.*)$/.exec(line) ?? [];
    if (name !== '') settings.set(name, value.trim());
  }
  return settings;
}

/** Passwords stood there as they were typed; from here on they are known by no more than a hash. */
function asPerson({ login, password }: { login: unknown; password: unknown }): OldRow<'users'> {
  const nothing = { id: null, email: null, active: null, disabled: null, admin: null, registered: null, shown: null };
  const hash = typeof password === 'string' && password !== '' ? sha256Of(password) : null;
  return { ...nothing, name: typeof login === 'string' ? login : null, hash };
}

function asJob(row: Record<string, unknown>): ScriptJob {
  const time = (value: unknown) => (typeof value === 'number' && value > 0 ? Math.round(value * 1000) : null);
  return {
    id: String(row['id']),
    script: String(row['script_name']),
    params: paramsIn(typeof row['params'] === 'string' ? row['params'] : ''),
    requester: String(row['requester']),
    status: String(row['status']),
    requestedMs: time(row['requestDttm']),
    startedMs: time(row['startDttm']),
    endedMs: time(row['stopDttm']),
  };
}

/** `a=1,b=2,`: a comma that no name follows belongs to the value before it. */
export function paramsIn(text: string): [name: string, value: string][] {
  return text
    .replace(/,$/, '')
    .split(/,(?=[A-Za-z_][\w-]*=)/)
    .filter((pair) => pair.includes('='))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
}
