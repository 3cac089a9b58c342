import { isIP } from 'node:net';
import { StartupError } from '../../common/errors';
import { EXIT_USAGE } from '../../common/exit-status';

/** What was typed behind `take-over`. */
export interface TakeOverOptions {
  mode: 'look' | 'go' | 'undo';
  /** Files of settings of the older system, or folders that hold them. */
  places: string[];
  /** `mysql://user:password@host:3306/name`; null: as its settings say. */
  database: string | null;
  /** Folder of projects, as this machine sees it; null: as its settings say. */
  projects: string | null;
  /** Pipeline here that the older system ran; null: its queue says so, or nobody does. */
  pipeline: string | null;
  /** Names directly in a project that its last run has left. */
  results: string[];
  tables: { users: string; queue: string };
  /** Names of columns where they are not found, by `users.email` and the like. */
  columns: Record<string, string>;
  /** Makes addresses of names that are none; null: people without one are left out. */
  domain: string | null;
  /** Address of the account that gets the projects of guests; null: they stay where they are. */
  guestsTo: string | null;
  /** Whether people get accounts that were made here under their address and that nobody has confirmed. */
  join: boolean;
  /** Whether the report names everything, however long it gets. */
  all: boolean;
}

const FLAGS = ['--go', '--undo', '--join', '--all'] as const;
const VALUES = [
  '--database',
  '--projects',
  '--pipeline',
  '--results',
  '--users',
  '--queue',
  '--column',
  '--domain',
  '--guests-to',
] as const;
const NAME = /^[\p{L}\p{N}_$]{1,64}$/u;
const COLUMN = /^((?:users|queue)\.[a-z]+)=(.+)$/;

/** @param words as typed, without the name of the command. @throws StartupError that says what is wrong with them. */
export function parseOptions(words: readonly string[]): TakeOverOptions {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const places: string[] = [];
  for (const word of words) {
    const [, name = '', value] = /^(--[a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (!word.startsWith('-')) places.push(word);
    else if (is(FLAGS, name) && value === undefined) flags.add(name);
    else if (is(VALUES, name) && value !== undefined && value !== '') values.set(name, [...(values.get(name) ?? []), value]);
    else if (is(VALUES, name)) throw misuse(`Write ${name}=… with its value.`);
    else throw misuse(`There is no option ${word.split('=', 1)[0] ?? word}.`);
  }
  if (flags.has('--go') && flags.has('--undo')) throw misuse('Write --go or --undo, not both.');
  const last = (name: (typeof VALUES)[number]) => values.get(name)?.at(-1) ?? null;
  return {
    mode: flags.has('--go') ? 'go' : flags.has('--undo') ? 'undo' : 'look',
    places,
    database: last('--database'),
    projects: last('--projects'),
    pipeline: last('--pipeline'),
    results: namesIn(last('--results')),
    tables: { users: tableOf('--users', last('--users') ?? 'users'), queue: tableOf('--queue', last('--queue') ?? 'queue') },
    columns: Object.fromEntries((values.get('--column') ?? []).map(columnIn)),
    domain: domainIn(last('--domain')),
    guestsTo: last('--guests-to'),
    join: flags.has('--join'),
    all: flags.has('--all'),
  };
}

function is<Name extends string>(names: readonly Name[], name: string): name is Name {
  return (names as readonly string[]).includes(name);
}

function namesIn(list: string | null): string[] {
  const names = (list ?? '').split(',').map((name) => name.trim().replace(/\/$/, ''));
  const wrong = names.find((name) => name.includes('/') || name === '.' || name === '..');
  if (wrong !== undefined) throw misuse(`--results names what lies directly in a project, without slashes: ${wrong} does not.`);
  return names.filter((name) => name !== '');
}

function tableOf(option: string, name: string): string {
  if (!NAME.test(name)) throw misuse(`${option} needs the name of a table.`);
  return name;
}

function columnIn(entry: string): [string, string] {
  const [, meaning, column] = COLUMN.exec(entry) ?? [];
  if (meaning === undefined || column === undefined || !NAME.test(column)) {
    throw misuse(`Write --column=users.email=mail, with the meaning first and then the name of the column: ${entry} is not that.`);
  }
  return [meaning, column];
}

function domainIn(entered: string | null): string | null {
  if (entered === null) return null;
  const domain = entered.toLowerCase().replace(/^@/, '');
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(domain) && isIP(domain) === 0) return domain;
  throw misuse('--domain needs the part of addresses behind the @, such as lab.example.org.');
}

export function misuse(sentence: string): StartupError {
  return new StartupError(`${sentence} "node dist/admin --help" explains the options.`, EXIT_USAGE);
}
