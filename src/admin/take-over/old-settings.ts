import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { readPythonSettings, type PythonValue } from './python-settings';

/** What the settings of an installation of PyShowwwcase say, as far as they say it. */
export interface OldSettings {
  /** The files that were read. */
  files: string[];
  database: { host: string; port: number; user: string; password: string; name: string } | null;
  /** Where projects may lie on this machine, the likeliest first. */
  projectFolders: string[];
  demoUsers: string[];
  allowGuests: boolean | null;
  /** Name of the folder in a project that the page of results shows. */
  showFolder: string | null;
  /** Limits and the rest, by name, to be said with what they are called here. */
  values: ReadonlyMap<string, PythonValue>;
}

const ENV_PLACES = ['.env', 'setup/.env', 'template/setup/.env'];
const APP = 'pyshowwwcasesite';
const PYTHON_PLACES = [
  'settings.py',
  `pyshowwwcase/settings.py`,
  `${APP}/settings.py`,
  `${APP}/${APP}/settings.py`,
  `${APP}/pyshowwwcase/settings.py`,
];
const MOST_BYTES = 1024 * 1024;
const OF_DATABASE = '(?:MYSQL|MARIADB|MARIA_DB|DB|DATABASE)';

/** @param places files `.env` and `settings.py`, or folders that hold them. @throws StartupError where there is nothing of the kind. */
export function readOldSettings(places: readonly string[]): OldSettings {
  const files = places.flatMap(filesAt);
  const environment: Record<string, string> = {};
  for (const file of files.filter((one) => !one.endsWith('.py'))) Object.assign(environment, parseEnv(contentOf(file)));
  const values = new Map<string, PythonValue>();
  for (const file of files.filter((one) => one.endsWith('.py'))) {
    for (const [name, value] of readPythonSettings(contentOf(file), environment)) values.set(name, value);
  }
  const show = textAt(values, 'SHOW_DIRECTORY')?.replace(/^\.?\/|\/$/g, '') ?? null;
  const guests = values.get('ALLOW_GUESTS');
  return {
    files,
    database: databaseIn(environment),
    projectFolders: projectFoldersOf(values, environment),
    demoUsers: namesOf(values.get('DEMO_USERLIST')),
    allowGuests: typeof guests === 'boolean' ? guests : null,
    showFolder: show !== null && /^[^/]+$/.test(show) ? show : null,
    values,
  };
}

function filesAt(place: string): string[] {
  const path = resolve(place);
  if (!existsSync(path)) throw new StartupError(`There is no ${path}.`, EXIT_DATA);
  if (!statSync(path).isDirectory()) return [path];
  const found = [...ENV_PLACES, ...PYTHON_PLACES].map((name) => join(path, name)).filter((file) => existsSync(file));
  if (found.length > 0) return found;
  throw new StartupError(
    `In ${path} there is neither .env nor settings.py. Name the files themselves, or say --database=… and --projects=….`,
    EXIT_DATA,
  );
}

function contentOf(file: string): string {
  try {
    if (statSync(file).size > MOST_BYTES) throw new StartupError(`${file} is too large for a file of settings.`, EXIT_DATA);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`, EXIT_DATA);
  }
}

/** Installations call these by the names of the image of MariaDB, or by their own with the name of a pipeline before them. */
function databaseIn(environment: Readonly<Record<string, string>>): OldSettings['database'] {
  const find = (ending: string) => {
    const pattern = new RegExp(`(?:^|_)${OF_DATABASE}_${ending}$`);
    const name = Object.keys(environment).find((one) => pattern.test(one) && !/ROOT|FILE$/.test(one));
    return name === undefined ? undefined : environment[name];
  };
  const [user, name] = [find('USER(?:NAME)?'), find('(?:DATABASE|NAME|DB)')];
  if (user === undefined || name === undefined) return null;
  return { host: find('HOST') ?? '127.0.0.1', port: Number(find('PORT') ?? 3306), user, password: find('PASS(?:WORD|WD)?') ?? '', name };
}

/** In its container the folder has another name than on this machine, where `…_FILES_ROOT` says what is mounted there. */
function projectFoldersOf(values: ReadonlyMap<string, PythonValue>, environment: Readonly<Record<string, string>>): string[] {
  const [base, inside] = [textAt(values, 'BASE_DIRECTORY'), textAt(values, 'FILES_ROOT')];
  const roots = Object.entries(environment).flatMap(([name, value]) => (/(^|_)FILES_ROOT$/.test(name) && value !== '' ? [value] : []));
  if (base === null) return roots;
  const mounted = inside !== null && `${base}/`.startsWith(`${inside.replace(/\/$/, '')}/`);
  const below = mounted ? base.slice(inside.replace(/\/$/, '').length).replace(/^\//, '') : '';
  return [...(mounted ? roots.map((root) => join(root, below)) : []), base, ...roots];
}

function textAt(values: ReadonlyMap<string, PythonValue>, name: string): string | null {
  const value = values.get(name);
  return typeof value === 'string' && value !== '' ? value : null;
}

function namesOf(value: PythonValue | undefined): string[] {
  if (typeof value === 'string') return value.split(/[\s,]+/).filter(Boolean);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
