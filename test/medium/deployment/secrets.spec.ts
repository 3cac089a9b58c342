import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { follow, linkIn } from '../../account-links';
import { openTestDatabase, type TestDatabase } from '../../database';
import { startMailServer, type TestMailServer } from '../../mail-server';
import { compileProduct, type Product } from '../../product';
import { until } from '../../until';
import { mainOf, type TestBrowser } from '../../web-app';
import { startWebProcess, type WebProcess } from '../../web-process';

const MAIL_PASSWORD = 'planted-password-of-the-mail-server';
const METRICS_TOKEN = 'planted-token-of-the-monitor';
const WRONG_TOKEN = 'planted-token-with-a-slip';
const PASSWORD = 'planted words of a person';
const MISTYPED = 'planted words with a slip';
const NEW_PASSWORD = 'planted words of later on';
const EMAIL = 'ada@example.org';
const PROCESSES = ['web', 'runner', 'backup'];

/** Prints what a program is given. */
const NOSY = '#!/bin/sh\n##~~ output - where\nenv; ls > "$1"\n';

/**
 * One installation as people use it, with secrets of every kind planted; then everything that leaves it or stays behind is searched for
 * them, as the bytes that they are.
 */
describe('planted secrets', () => {
  const secrets = new Map<string, string>([
    ['password of the mail server', MAIL_PASSWORD],
    ['token of the monitor', METRICS_TOKEN],
    ['wrong token of the monitor', WRONG_TOKEN],
    ['password', PASSWORD],
    ['mistyped password', MISTYPED],
    ['new password', NEW_PASSWORD],
  ]);
  const errorPages: string[] = [];
  const commandLines = new Set<string>();
  let folder: string;
  let product: Product;
  let database: TestDatabase;
  let mails: TestMailServer;
  let web: WebProcess;
  let runner: ChildProcess;
  let runnerLog = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-planted-'));
    for (const name of ['pipelines', 'backups']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'pipelines', 'nosy.sh'), NOSY, { mode: 0o755 });
    product = compileProduct();
    mails = await startMailServer({ password: MAIL_PASSWORD });
    database = await openTestDatabase({
      PIPELINES_DIR: join(folder, 'pipelines'),
      SMTP_URL: mails.url.replace('smtp://', `smtp://postman:${MAIL_PASSWORD}@`),
      METRICS_TOKEN,
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
    });
    web = await startWebProcess(product, database);
    runner = start('runner');
    for (const stream of [runner.stdout!, runner.stderr!]) stream.on('data', (piece: Buffer) => (runnerLog += piece.toString()));
    const looking = setInterval(lookAtProcesses, 50);
    await usedByPeople().finally(() => clearInterval(looking));
  }, 120_000);
  afterAll(async () => {
    await web?.kill();
    runner?.kill('SIGTERM');
    await mails?.close();
    await database?.close();
    product?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(name: string, ...words: string[]): ChildProcess {
    const env = { PATH: process.env['PATH'] ?? '', ...database.environment };
    return spawn(process.execPath, [join(product.home, 'dist', `${name}.js`), ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  function lookAtProcesses(): void {
    for (const line of execFileSync('ps', ['-eo', 'args', '-ww'], { encoding: 'utf8' }).split('\n')) commandLines.add(line);
  }

  async function usedByPeople(): Promise<void> {
    const ada = web.browserOf({ cookies: new Map() } as TestBrowser);
    await ada.signUp(EMAIL, PASSWORD);
    plantCookies('owner', ada);
    await mistakes();
    const run = await runOf(ada);
    await shared(ada, run);
    await programs(ada);
    await until(() => mails.mails.some(({ headers }) => headers['subject']?.includes('Complete')), 30_000);
    await forgotten();
    const guest = stranger();
    await guest.enterAsGuest();
    plantCookies('guest', guest);
    const [status] = (await once(start('backup', join(folder, 'backups')), 'exit')) as [number];
    expect(status).toBe(0);
  }

  const stranger = () => web.browserOf({ cookies: new Map() } as TestBrowser);

  function plantCookies(whose: string, browser: TestBrowser): void {
    for (const [name, value] of browser.cookies) {
      // The key and the signature of a session stand on either side of a dot.
      for (const part of decodeURIComponent(value).replace(/^s:/, '').split('.')) {
        if (part.length >= 20) secrets.set(`${name} of ${whose}, ${part.length} characters`, part);
      }
    }
  }

  /** What people get wrong, and what they see then. */
  async function mistakes(): Promise<void> {
    const browser = stranger();
    const form = `email=${encodeURIComponent(EMAIL)}&password=${encodeURIComponent(MISTYPED)}`;
    const bearer = { headers: { authorization: `Bearer ${WRONG_TOKEN}` } };
    const answers = [
      await browser.postForm('/login', { email: EMAIL, password: MISTYPED }),
      await browser.postBody('/login', form),
      await browser.postForm('/signup', { email: EMAIL, password: PASSWORD }),
      await browser.postBody('/login', form, { 'content-type': 'text/plain' }),
      await browser.send('/login', { method: 'PUT', body: form }),
      await browser.send('/metrics', bearer),
      await browser.get(`/no-such-page`, { cookie: 'showrunner_session=s%3Aplanted' }),
    ];
    expect(answers.map(({ status }) => status >= 400)).not.toContain(false);
    errorPages.push(...answers.map(({ body }) => body));
    const told = await browser.send('/metrics', { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    expect(told.status).toBe(200);
    errorPages.push(told.body);
  }

  async function runOf(browser: TestBrowser): Promise<string> {
    const project = (await browser.postForm('/projects', { name: 'Planted' }, { page: '/projects' })).location!;
    const form = `${project}/run/nosy`;
    const submission = /name="submission" value="([^"]+)"/.exec((await browser.get(form)).body)![1];
    const run = (await browser.postForm(form, { submission, 'p.output': 'seen.txt' })).location!;
    await until(async () => (await browser.get(run)).body.includes('data-run-state="succeeded"'), 30_000);
    return run;
  }

  async function shared(browser: TestBrowser, run: string): Promise<void> {
    const made = await browser.postForm(`${run}/share`, { days: '7', note: '' });
    const page = made.status === 303 ? await browser.visit(made.location!) : made;
    const secret = /\/shared\/([A-Za-z0-9_-]{20,})/.exec(mainOf(page))?.[1];
    if (secret === undefined) throw new Error(`No link was made: ${page.status} ${mainOf(page)}`);
    secrets.set('secret of a link to a run', secret);
    expect((await stranger().visit(`/shared/${secret}`)).status).toBe(200);
  }

  /** A program with a token of hers, one with a token that it mistyped, and one that puts it where it does not belong. */
  async function programs(browser: TestBrowser): Promise<void> {
    const fields = { name: 'Notebook', scopes: 'read', days: '7' };
    const key = /srn_[A-Za-z0-9_-]{43}/.exec(mainOf(await browser.postForm('/account/tokens', fields)))?.[0];
    if (key === undefined) throw new Error('No token was made');
    const mistyped = `${key.slice(0, 20)}${key.slice(21)}x`;
    secrets.set('token of a program', key).set('mistyped token of a program', mistyped);
    const asked = (path: string, headers: Record<string, string>) => stranger().get(path, { accept: 'application/json', ...headers });
    const wrong = await asked('/api/v1/account', { authorization: `Bearer ${mistyped}` });
    expect(wrong.status).toBe(401);
    errorPages.push(wrong.body, (await asked(`/api/v1/account?token=${key}`, {})).body);
    errorPages.push((await asked('/api/v1/no/such/thing', { authorization: `Bearer ${key}` })).body);
  }

  async function forgotten(): Promise<void> {
    await stranger().postForm('/forgot', { email: EMAIL });
    await until(() => linkMails().length > 0, 20_000);
    const link = linkIn(linkMails()[0].raw.replaceAll('=\r\n', ''));
    secrets.set('token of a link for a new password', link.slice('/link/'.length));
    const finder = stranger();
    expect((await follow(finder, link, { password: NEW_PASSWORD })).status).toBe(303);
    plantCookies('owner, later', finder);
  }

  const linkMails = () => mails.mails.filter(({ raw }) => linkIn(raw.replaceAll('=\r\n', '')) !== 'no link');
  const foundIn = (...texts: string[]) =>
    [...secrets].filter(([, secret]) => texts.some((text) => text.includes(secret))).map(([name]) => name);

  function filesBelow(path: string): string[] {
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  }

  async function rowsOfDatabase(): Promise<string> {
    const dataSource = await database.connect();
    const tables = await dataSource.query<{ name: string }[]>("SELECT name FROM sqlite_master WHERE type = 'table'");
    const rows = await Promise.all(tables.map(({ name }) => dataSource.query<unknown[]>(`SELECT * FROM \`${name}\``)));
    expect(rows.flat().length).toBeGreaterThan(10);
    return JSON.stringify(rows);
  }

  it('are of every kind, and a place that holds one is noticed', () => {
    expect(secrets.size).toBeGreaterThanOrEqual(14);
    expect(foundIn(`… ${METRICS_TOKEN} …`, PASSWORD)).toEqual(['token of the monitor', 'password']);
  });

  it('stand in no log', () => {
    expect(web.log()).toContain('POST \\"/login\\" 422');
    expect(runnerLog).toContain('nosy');
    expect(foundIn(web.log(), runnerLog)).toEqual([]);
  });

  it('stand on no page of an error', () => expect(foundIn(...errorPages)).toEqual([]));

  it('stand in no list of processes', () => {
    for (const name of PROCESSES) expect([...commandLines].some((line) => line.includes(`dist/${name}.js`))).toBe(true);
    expect(foundIn(...commandLines)).toEqual([]);
  });

  it('stand in no mail but the one that brings the link', () => {
    expect(mails.mails.length).toBeGreaterThanOrEqual(3);
    const texts = mails.mails.map(({ raw }) => raw.replaceAll('=\r\n', ''));
    const link = linkMails().map(({ raw }) => raw);
    expect(foundIn(...texts.filter((text) => linkIn(text) === 'no link'))).toEqual([]);
    expect(foundIn(...link.map((raw) => raw.replaceAll('=\r\n', '')))).toEqual(['token of a link for a new password']);
  });

  it('reach no program that runs for somebody', () => {
    const logs = filesBelow(database.config.runsRoot);
    expect(logs.some((text) => text.includes('PATH='))).toBe(true);
    expect(foundIn(...logs)).toEqual([]);
  });

  it('stand in no backup, and in no row of the database', async () => {
    const saved = filesBelow(join(folder, 'backups'));
    expect(saved.some((text) => text.startsWith('SQLite format 3') && text.includes(EMAIL))).toBe(true);
    expect(foundIn(...saved)).toEqual([]);
    expect(foundIn(await rowsOfDatabase())).toEqual([]);
  });
});
