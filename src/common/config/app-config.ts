import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { StartupError } from '../errors';
import { instituteFaults } from './institute-faults';
import { SETTINGS, type Setting, type SettingName, type SettingValues } from './settings';
import { EXIT_CONFIG } from '../exit-status';

export type DatabaseTarget =
  | { kind: 'sqlite'; path: string }
  | { kind: 'mariadb'; host?: string; port?: number; socketPath?: string; user: string; password: string; database: string };

/** Everything that can be set, typed and checked once at the start. Built by `readConfig`; the rest of the code never sees the environment. */
export class AppConfig {
  constructor(
    readonly settings: Readonly<SettingValues>,
    readonly database: DatabaseTarget,
    /** What programs inherit from this process; all else of its environment, secrets above all, stays here. */
    readonly programEnvironment: Readonly<Record<string, string>> = inheritedBy({}),
    /** Point of the protocol at which a runner under test kills or pauses itself, as `point`, `point:3` for the third time, `point:1:pause`; null in earnest. */
    readonly crashAt: string | null = null,
    /** Stands for the boot id of this machine in a test of its restart; null in earnest. */
    readonly testBootId: string | null = null,
    /** What manifests may ask for by name: all of the environment that is no setting of ours. */
    readonly pipelineVariables: Readonly<Record<string, string>> = {},
  ) {}

  get filesRoot(): string {
    return this.settings.FILES_ROOT ?? join(this.settings.DATA_DIR, 'files');
  }
  get runsRoot(): string {
    return this.settings.RUNS_ROOT ?? join(this.settings.DATA_DIR, 'runs');
  }
  get mailDir(): string {
    return this.settings.MAIL_DIR ?? join(this.settings.DATA_DIR, 'mail');
  }
  /** What can be made again: it may be emptied at any time. */
  get cacheRoot(): string {
    return join(this.settings.DATA_DIR, 'cache');
  }
  /** Root of the installation: where `views`, `config` and `node_modules` lie. */
  get home(): string {
    return resolve(__dirname, '..', '..', '..');
  }
  /** Path below which all routes live, without trailing slash: '' or '/showrunner'. */
  get basePath(): string {
    return this.settings.PUBLIC_URL ? new URL(this.settings.PUBLIC_URL).pathname.replace(/\/+$/, '') : '';
  }
  /** Where people of an external table are looked up; null: nowhere. */
  get externalUsers(): Extract<DatabaseTarget, { kind: 'mariadb' }> | null {
    const target = this.settings.EXTERNAL_USERS_URL === undefined ? undefined : databaseFromUrl(this.settings.EXTERNAL_USERS_URL);
    return target?.kind === 'mariadb' ? target : null;
  }
  /** Whose X-Forwarded headers are believed; empty for nobody's. */
  get trustedProxies(): readonly string[] {
    return this.settings.TRUST_PROXY.filter((entry) => entry !== NO_PROXY);
  }
  /** Address for links in mails; never taken from a request. */
  get publicUrl(): string {
    return this.settings.PUBLIC_URL ?? `http://${hostname()}:${this.settings.PORT}`;
  }
}

/** Says on purpose what an empty TRUST_PROXY means. */
const NO_PROXY = 'none';

type Environment = Record<string, unknown>;

/**
 * Reads and checks all settings.
 * @throws StartupError that lists every bad setting at once (exit status 78).
 */
export function readConfig(environment: Environment): AppConfig {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS) as SettingName[]) values[name] = readSetting(name, environment, faults);
  const settings = Object.freeze(values as SettingValues);
  const database = faults.length === 0 ? chooseDatabase(settings, faults) : undefined;
  if (!database) throw wrongSettings(faults);
  const hook = (name: string) => (environment['NODE_ENV'] === 'test' && typeof environment[name] === 'string' ? environment[name] : null);
  const hooks = [hook('TEST_CRASH_AT'), hook('TEST_BOOT_ID')] as const;
  const config = new AppConfig(settings, database, inheritedBy(environment), ...hooks, foreignIn(environment));
  faults.push(...contradictions(settings), ...overlaps(config));
  if (faults.length > 0) throw wrongSettings(faults);
  return config;
}

function wrongSettings(faults: readonly string[]): StartupError {
  const noun = faults.length === 1 ? 'One setting is wrong' : `${faults.length} settings are wrong`;
  return new StartupError(`${noun}; .env.example explains each:\n${faults.map((fault) => `  ${fault}`).join('\n')}`, EXIT_CONFIG);
}

/** By name and never by exception: a setting that comes later cannot leak. */
const INHERITED = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR)$/;

function inheritedBy(environment: Environment): Readonly<Record<string, string>> {
  const inherited = Object.entries(environment).filter(([name, value]) => INHERITED.test(name) && typeof value === 'string');
  return Object.freeze({ PATH: '/usr/local/bin:/usr/bin:/bin', ...Object.fromEntries(inherited) });
}

/** Without our settings, and without the files from which secrets among them are read. */
function foreignIn(environment: Environment): Readonly<Record<string, string>> {
  const isOurs = (name: string) => Object.hasOwn(SETTINGS, name) || Object.hasOwn(SETTINGS, name.replace(/_FILE$/, ''));
  const foreign = Object.entries(environment).filter(([name, value]) => typeof value === 'string' && !isOurs(name));
  return Object.freeze(Object.fromEntries(foreign) as Record<string, string>);
}

function readSetting(name: SettingName, environment: Environment, faults: string[]): unknown {
  const { schema, fallback }: Setting = SETTINGS[name];
  const raw = rawValue(name, environment, faults) ?? fallback;
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  faults.push(`${name}: ${result.error.issues.map((issue) => issue.message).join('; ')}`);
  return undefined;
}

function rawValue(name: string, environment: Environment, faults: string[]): string | undefined {
  const direct = environment[name];
  if (typeof direct === 'string' && direct !== '') return direct;
  const file = environment[`${name}_FILE`];
  if (typeof file !== 'string' || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    faults.push(`${name}_FILE: cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
    return undefined;
  }
}

function chooseDatabase(settings: SettingValues, faults: string[]): DatabaseTarget | undefined {
  const url = settings.DATABASE_URL;
  if (url === undefined) {
    if (settings.DB_HOST === undefined && settings.DB_SOCKET === undefined) {
      return { kind: 'sqlite', path: join(settings.DATA_DIR, 'showrunner.sqlite') };
    }
    const place =
      settings.DB_SOCKET === undefined ? { host: settings.DB_HOST!, port: settings.DB_PORT } : { socketPath: settings.DB_SOCKET };
    return { kind: 'mariadb', ...place, user: settings.DB_USER, password: settings.DB_PASSWORD, database: settings.DB_NAME };
  }
  const target = databaseFromUrl(url);
  if (!target) faults.push('DATABASE_URL: write mysql://user:password@host:3306/name, mariadb://…, or sqlite:/path/to/file');
  return target;
}

/** Undefined for what is no address of a database that is known. */
export function databaseFromUrl(address: string): DatabaseTarget | undefined {
  // A percent sign in a password that is not written as %25.
  if (!URL.canParse(address) || /%(?![\da-f]{2})/i.test(address)) return undefined;
  const url = new URL(address);
  if (url.protocol === 'sqlite:')
    return url.pathname === '' ? undefined : { kind: 'sqlite', path: resolve(decodeURIComponent(url.pathname)) };
  if (url.protocol !== 'mysql:' && url.protocol !== 'mariadb:') return undefined;
  const database = decodeURIComponent(url.pathname.slice(1));
  if (!database) return undefined;
  const socketPath = url.searchParams.get('socket');
  const place = socketPath ? { socketPath } : { host: url.hostname, port: Number(url.port || 3306) };
  return { kind: 'mariadb', ...place, user: decodeURIComponent(url.username), password: decodeURIComponent(url.password), database };
}

function contradictions(settings: SettingValues): string[] {
  const faults: string[] = [];
  if (settings.RUNNER_STALE < 3 * settings.RUNNER_BEAT) faults.push('RUNNER_STALE: must be at least three times RUNNER_BEAT');
  faults.push(...proxyFaults(settings), ...instituteFaults(settings));
  const { EXTERNAL_USERS_URL: people } = settings;
  if (people !== undefined && databaseFromUrl(people)?.kind !== 'mariadb')
    faults.push('EXTERNAL_USERS_URL: write mysql://user:password@host:3306/name, or mariadb://…');
  const admins = new Set(settings.ADMIN_EMAILS.map((named) => named.toLowerCase()));
  for (const named of settings.DEMO_USERLIST)
    if (admins.has(named.toLowerCase()))
      faults.push(`DEMO_USERLIST: ${named} is in ADMIN_EMAILS as well; a demo account sees its own things only`);
  if (settings.SIGN_UP === 'domains' && settings.SIGN_UP_DOMAINS.length === 0) {
    faults.push('SIGN_UP_DOMAINS: name the domains whose addresses may sign up, or set SIGN_UP to something else');
  }
  if (settings.VERIFY_EMAIL && settings.SMTP_URL === undefined) {
    faults.push('VERIFY_EMAIL: set SMTP_URL as well; without a mail server nobody gets the link');
  }
  if (settings.REPORT_ORIGIN !== undefined) faults.push(...reportOriginFaults(settings.REPORT_ORIGIN, settings.PUBLIC_URL));
  if (settings.DATABASE_URL !== undefined && (settings.DB_HOST !== undefined || settings.DB_SOCKET !== undefined)) {
    faults.push('DATABASE_URL: set either this or DB_HOST / DB_SOCKET, not both');
  }
  return faults;
}

function proxyFaults({ TRUST_PROXY, GUEST_KEY }: SettingValues): string[] {
  if (TRUST_PROXY.some((entry) => entry === 'true' || entry === '*' || entry.endsWith('/0')))
    return ['TRUST_PROXY: list the addresses of your proxies; trusting everybody lets anyone choose an address'];
  if (TRUST_PROXY.includes(NO_PROXY) && TRUST_PROXY.length > 1) return ['TRUST_PROXY: write none alone, or the addresses of your proxies'];
  if (GUEST_KEY === 'ip' && TRUST_PROXY.length === 0)
    return [
      'GUEST_KEY: with ip, set TRUST_PROXY as well: the addresses of your proxies, or none where people connect without one; else all of them would share one space, or anyone could choose an address',
    ];
  return [];
}

/** Reports may be shown in pages of PUBLIC_URL only, and at an address that is not theirs. */
function reportOriginFaults(origin: string, publicUrl: string | undefined): string[] {
  if (publicUrl === undefined) return ['REPORT_ORIGIN: set PUBLIC_URL as well, the address of the pages that show reports'];
  return new URL(publicUrl).origin === origin ? ['REPORT_ORIGIN: must be another address than PUBLIC_URL'] : [];
}

/**
 * Folders that would lie in each other. What is in the inbox is deleted when it is old, what is among the pipelines is run, and what is
 * in FILES_ROOT belongs to users: none of that may be true of another's folder.
 */
function overlaps(config: AppConfig): string[] {
  const { DATA_DIR, PIPELINES_DIR, INBOX_DIR, OUTBOX_DIR } = config.settings;
  const apart = Object.entries({ FILES_ROOT: config.filesRoot, RUNS_ROOT: config.runsRoot, PIPELINES_DIR, INBOX_DIR, OUTBOX_DIR });
  const faults: string[] = [];
  for (const [index, [name, folder]] of apart.entries()) {
    if (folder === undefined) continue;
    if (isWithin(DATA_DIR, folder)) faults.push(`${name}: must not be or hold DATA_DIR, ${DATA_DIR}`);
    for (const [other, place] of apart.slice(0, index)) {
      if (place === undefined || !(isWithin(folder, place) || isWithin(place, folder))) continue;
      faults.push(`${name}: must not be, hold or lie in ${other}, ${place}`);
    }
  }
  return faults;
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}
