import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { databaseFromUrl } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { OldDatabase, type OldTable, type Target } from './old-database';
import { readOldSettings, type OldSettings } from './old-settings';
import { misuse, type TakeOverOptions } from './options';

/** All that an installation of PyShowwwcase has outside of its projects. */
export interface OldSystem {
  settings: OldSettings;
  /** What keys of its rows are unique in. */
  source: string;
  users: OldTable<'users'>;
  /** Null: it has none. */
  queue: OldTable<'queue'> | null;
  /** Folder of all owners, as this machine sees it. */
  projectFolder: string;
  /** Names in a project that its last run has left. */
  results: string[];
}

/** @throws StartupError that says what is missing, and how to say it. */
export async function readOldSystem(options: TakeOverOptions): Promise<OldSystem> {
  const settings = readOldSettings(options.places);
  const target = targetOf(options, settings);
  const projectFolder = folderOf(options, settings);
  const database = await OldDatabase.open(target);
  try {
    const users = await database.read('users', options.tables.users, options.columns);
    if (!users)
      throw new StartupError(
        `The database ${target.database} has no table ${options.tables.users}. Say --users=… if it has another name.`,
        EXIT_DATA,
      );
    const queue = await database.read('queue', options.tables.queue, options.columns);
    const place = target.socketPath ?? `${target.host}:${target.port}`;
    const results = options.results.length > 0 ? options.results : settings.showFolder === null ? [] : [settings.showFolder];
    return { settings, source: `${place}/${target.database}.${options.tables.users}`, users, queue, projectFolder, results };
  } finally {
    await database.close();
  }
}

function targetOf({ database, places }: TakeOverOptions, settings: OldSettings): Target {
  if (database !== null) {
    const target = databaseFromUrl(database);
    if (target?.kind !== 'mariadb') throw misuse('Write --database=mysql://user:password@host:3306/name.');
    // What is typed is seen by everybody on the machine: its settings may say the password.
    const known = settings.database?.user === target.user ? settings.database.password : '';
    return target.password === '' ? { ...target, password: known } : target;
  }
  if (!settings.database) {
    const read =
      settings.files.length === 0
        ? 'Name the folder of its settings'
        : `${settings.files.join(', ')} ${settings.files.length === 1 ? 'does' : 'do'} not say it`;
    throw new StartupError(
      `Where is the database of the older system? ${read}${places.length === 0 ? ', or say' : ': say'} --database=mysql://user:password@host:3306/name.`,
      EXIT_DATA,
    );
  }
  const { name, ...place } = settings.database;
  return { kind: 'mariadb', ...place, database: name };
}

function folderOf({ projects }: TakeOverOptions, { projectFolders }: OldSettings): string {
  const candidates = projects === null ? projectFolders : [projects];
  const found = candidates.find((path) => existsSync(path) && statSync(path).isDirectory());
  if (found !== undefined) return resolve(found);
  const tried = candidates.length === 0 ? 'Its settings do not say it' : `There is no ${candidates.join(', and no ')} on this machine`;
  throw new StartupError(
    `Where are the projects of the older system? ${tried}: say --projects=… with the folder that holds one folder for each person.`,
    EXIT_DATA,
  );
}
