import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { FINAL_STATES, isFinal, type RunState } from '../../src/common/queue/run-state';
import { startProduct, type RunningProduct } from '../e2e/product';
import { until } from '../until';
import { TestBrowser } from '../web-app';

const ADMINISTRATOR = 'root@example.org';
const PASSWORD = 'seven good words';
const FINAL = FINAL_STATES.map((state) => `'${state}'`).join(', ');
const PATIENCE_MS = 120_000;

export type Fields = Record<string, string | string[]>;

/** Those that have not been closed yet. */
const open = new Set<Laboratory>();

/** Leaves nothing running. */
export async function closeAll(): Promise<void> {
  await Promise.all([...open].map((laboratory) => laboratory.close()));
}

/** A running product and people at work in it, who send what their browsers would send. */
export class Laboratory {
  private opened: Database.Database | undefined;

  private constructor(
    readonly product: RunningProduct,
    /** What everybody finds in the inbox. */
    readonly inbox: string,
  ) {
    open.add(this);
  }

  private get database(): Database.Database {
    return (this.opened ??= new Database(join(this.product.folder, 'showrunner.sqlite')));
  }

  /** @param scripts see `startProduct`. */
  static async open(scripts: Record<string, string> = {}, settings: Record<string, string> = {}): Promise<Laboratory> {
    const inbox = mkdtempSync(join(tmpdir(), 'showrunner-inbox-'));
    const all = {
      INBOX_DIR: inbox,
      PICKUP_HOST: 'guest@lab1',
      // The programs that fill a world come as localhost, the browser as lab.test.
      ALLOWED_HOSTS: 'lab.test,localhost',
      ADMIN_EMAILS: ADMINISTRATOR,
      LOG_LEVEL: 'warn',
      ...settings,
    };
    try {
      return new Laboratory(await startProduct(scripts, all), inbox);
    } catch (error) {
      rmSync(inbox, { recursive: true, force: true });
      throw error;
    }
  }

  async person(email: string): Promise<Person> {
    const browser = new TestBrowser(this.product.port);
    await browser.signUp(email, PASSWORD);
    // As if the link had been followed that went there.
    if (email === ADMINISTRATOR) this.change('UPDATE users SET confirmed_ms = created_ms, is_admin = 1 WHERE email = ?', email);
    return new Person(this, browser, await browser.token('/projects'));
  }

  async guest(): Promise<Person> {
    const browser = new TestBrowser(this.product.port);
    await browser.enterAsGuest();
    return new Person(this, browser, await browser.token('/projects'));
  }

  /** Somebody who follows a link of `Person.share`. */
  async visitor(link: string): Promise<TestBrowser> {
    const browser = new TestBrowser(this.product.port);
    await browser.get(link);
    return browser;
  }

  /** Where the files of a project lie. */
  folderOf(project: string): string {
    const root = join(this.product.folder, 'files');
    const owner = readdirSync(root).find((name) => existsSync(join(root, name, project)));
    if (owner === undefined) throw new Error(`There is no folder of the project ${project}`);
    return join(root, owner, project);
  }

  /** Puts files into a project, as an administrator with a shell would: by their path below it. */
  put(project: string, files: Record<string, string | Buffer>): void {
    writeFiles(this.folderOf(project), files);
  }

  /** For what only time could bring. */
  change(statement: string, ...values: unknown[]): void {
    this.database.prepare(statement).run(...values);
  }

  idOf(email: string): string {
    return (this.database.prepare('SELECT id FROM users WHERE email = ?').get(email) as { id: string }).id;
  }

  /** Keeps the database from everybody until the function that it returns is called. */
  lock(): () => void {
    this.database.exec('BEGIN EXCLUSIVE');
    return () => this.database.exec('COMMIT');
  }

  stateOf(run: number): RunState {
    return (this.database.prepare('SELECT state FROM queue WHERE id = ?').get(run) as { state: RunState }).state;
  }

  /** Waits until a run is in that state. */
  async untilState(run: number, state: RunState): Promise<void> {
    await until(() => this.stateOf(run) === state || isFinal(this.stateOf(run)), PATIENCE_MS);
    if (this.stateOf(run) !== state) throw new Error(`Run ${run} is ${this.stateOf(run)}, not ${state}`);
  }

  async untilEnded(run: number): Promise<void> {
    await until(() => isFinal(this.stateOf(run)), PATIENCE_MS);
  }

  /** Waits until no more runs are under way than these. */
  async untilQuiet(but: readonly number[] = []): Promise<void> {
    const going = () => this.database.prepare(`SELECT id FROM queue WHERE state NOT IN (${FINAL})`).all() as { id: number }[];
    await until(() => going().every(({ id }) => but.includes(id)), PATIENCE_MS);
  }

  /** Waits until no work on files is under way. */
  async untilTasksDone(): Promise<void> {
    const going = this.database.prepare("SELECT count(*) AS n FROM file_tasks WHERE state IN ('waiting', 'working')");
    await until(() => (going.get() as { n: number }).n === 0, PATIENCE_MS);
  }

  async close(): Promise<void> {
    if (!open.delete(this)) return;
    this.opened?.close();
    await this.product.close();
    rmSync(this.inbox, { recursive: true, force: true });
  }
}

export function writeFiles(folder: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Somebody who is logged in. */
export class Person {
  constructor(
    private readonly laboratory: Laboratory,
    readonly browser: TestBrowser,
    private readonly token: string,
  ) {}

  get cookies(): ReadonlyMap<string, string> {
    return this.browser.cookies;
  }

  /** Sends a form. @returns the address to which its answer leads, '' for none, and the page otherwise. */
  async post(path: string, fields: Fields = {}): Promise<{ location: string; body: string }> {
    const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
    const body = new URLSearchParams([['_csrf', this.token], ...pairs]).toString();
    const answer = await this.browser.postBody(path, body);
    if (answer.status >= 400) throw new Error(`${path} was answered with ${answer.status}: ${problemsOf(answer.body)}`);
    return { location: answer.location ?? '', body: answer.body };
  }

  /** Reads what was said of the forms that were sent, which the next page would show. */
  async readNotes(): Promise<void> {
    await this.browser.get('/help');
  }

  /** @returns the id of a new project. */
  async project(name: string): Promise<string> {
    return (await this.post('/projects', { name })).location.split('/').at(-1)!;
  }

  /** @param fields of the form, without their prefix. @returns the number of the new run. */
  async run(project: string, pipeline: string, fields: Fields = {}): Promise<number> {
    const named = Object.fromEntries(Object.entries(fields).map(([name, value]) => [`p.${name}`, value]));
    return Number((await this.post(`/projects/${project}/run/${pipeline}`, named)).location.split('/').at(-1));
  }

  /** As `run`, to its end. */
  async ended(project: string, pipeline: string, fields: Fields = {}): Promise<number> {
    const run = await this.run(project, pipeline, fields);
    await this.laboratory.untilEnded(run);
    return run;
  }

  /** @param axes values by parameter, as they are typed. @returns the address of the page of these runs. */
  async sweep(project: string, pipeline: string, axes: Record<string, string>, fields: Fields = {}): Promise<string> {
    const sweep = Object.entries(axes).flatMap(([parameter, values], index): [string, string][] => [
      [`sweep.${index + 1}.parameter`, parameter],
      [`sweep.${index + 1}.values`, values],
    ]);
    const named = Object.entries(fields).map(([name, value]): [string, string | string[]] => [`p.${name}`, value]);
    return (await this.post(`/projects/${project}/run/${pipeline}`, Object.fromEntries([...named, ...sweep]))).location;
  }

  /** @param page on which the link is made. @returns its path. */
  async share(page: string, note = '', days = '30'): Promise<string> {
    const { body } = await this.post(page, { days, note });
    const path = /\/shared\/[A-Za-z0-9_-]{43}/.exec(body)?.[0];
    if (path === undefined) throw new Error(`${page} made no link`);
    return path;
  }
}

/** What a refused form says, for whoever fills a world wrongly. */
function problemsOf(page: string): string {
  const main = /<main[^]*<\/main>/.exec(page)?.[0] ?? page;
  const said = [...main.matchAll(/class="[^"]*(?:error|alert)[^"]*"[^>]*>([^]*?)<\/(?:p|div|li|h1)>/g)].map(([, words]) => words);
  return (said.length > 0 ? said.join(' ') : main)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 500);
}
