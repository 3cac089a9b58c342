import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { createConnection, type Connection } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { AppConfig } from '../../../src/common/config/app-config';
import { UnavailableError } from '../../../src/common/errors';
import { ExternalChecks } from '../../../src/common/external-users/external-checks';
import { ExternalUser } from '../../../src/common/external-users/external-user.entity';
import { ExternalUsers } from '../../../src/common/external-users/external-users';
import { MasterTable } from '../../../src/common/external-users/master-table';
import { MirrorsRepository } from '../../../src/common/external-users/mirrors.repository';
import { Passwords } from '../../../src/common/users/passwords';
import { User } from '../../../src/common/users/user.entity';
import { ProbeRoutes } from '../../probe-routes';
import { startMariadb, type MariadbServer } from '../../tools/mariadb.mjs';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const MASTER = `lab_people_${process.pid}`;
const sha256 = (password: string) => createHash('sha256').update(password).digest('hex');

/** The table of the older system: names, unsalted SHA-256, whatever else. */
describe('people of an external table', () => {
  let own: MariadbServer | undefined;
  let master: Connection;
  let web: TestWebApp;
  let inbox: string;

  beforeAll(async () => {
    const shared = process.env['TEST_MARIADB_SOCKET'];
    if (!shared) own = await startMariadb();
    const socketPath = shared ?? own!.socket;
    master = await createConnection({ socketPath, user: 'root' });
    await master.query(`CREATE DATABASE ${MASTER} CHARACTER SET utf8mb4`);
    await master.query(`USE ${MASTER}`);
    await master.query(
      'CREATE TABLE people (id BIGINT UNIQUE, username VARCHAR(150) UNIQUE, mail VARCHAR(254), password CHAR(64), is_active TINYINT)',
    );
    inbox = mkdtempSync(join(tmpdir(), 'inbox-'));
    web = await startTestWebApp(
      {
        INBOX_DIR: inbox,
        INBOX_PER_USER: 'on',
        EXTERNAL_USERS_URL: `mysql://root@localhost/${MASTER}?socket=${encodeURIComponent(socketPath)}`,
        EXTERNAL_USERS_TABLE: 'people',
        EXTERNAL_USERS_EMAIL: 'mail',
        EXTERNAL_USERS_ACTIVE: 'is_active',
        EXTERNAL_USERS_ID: 'id',
        EXTERNAL_USERS_CHECK: '1s',
        EXTERNAL_USERS_GRACE: '1h',
      },
      [ProbeRoutes],
    );
  }, 120_000);
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    await web?.close();
    await master?.query(`DROP DATABASE ${MASTER}`);
    await master?.end();
    await own?.stop();
    rmSync(inbox, { recursive: true, force: true });
  });

  const rows = () => web.app.get(DataSource);
  const mirrorOf = (name: string) => rows().getRepository(ExternalUser).findOneBy({ name });
  const userOf = async (name: string) =>
    (await rows()
      .getRepository(User)
      .findOneBy({ id: (await mirrorOf(name))!.userId }))!;
  const logIn = (email: string, password: string, browser = web.browser()) => browser.postForm('/login', { email, password });
  const isIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;
  const look = () => web.app.get(ExternalChecks, { strict: false }).look();
  const makeOld = () => rows().query('UPDATE external_users SET checked_ms = checked_ms - 60000');
  let people = 0;

  /** Somebody new of the table. */
  async function somebody(
    password: string,
    over: { id?: string | null; mail?: string | null; active?: number } = {},
  ): Promise<{ id: string | number | null; name: string; mail: string }> {
    people += 1;
    const id = over.id === undefined ? people : over.id;
    const name = `Ada.${people}`;
    const mail = `ada.${people}@lab.test`;
    const given = over.mail === undefined ? mail : over.mail;
    await master.query('INSERT INTO people VALUES (?, ?, ?, ?, ?)', [id, name, given, sha256(password), over.active ?? 1]);
    return { id, name, mail };
  }

  it('log in by name or address with the password that they have there, and get an account with a hash that is none of theirs', async () => {
    const { name, mail } = await somebody('correct horse');
    const browser = web.browser();
    expect((await logIn(name.toUpperCase(), 'correct horse', browser)).status).toBe(303);
    expect(await isIn(browser)).toBe(true);
    const wrapped = await userOf(name);
    expect(wrapped).toMatchObject({ kind: 'account', email: mail, displayName: name, isAdmin: false });
    expect(wrapped.passwordHash).toMatch(/^sha256\+\$argon2id\$/);
    expect((await logIn(mail, 'correct horse')).status).toBe(303);
    const direct = (await userOf(name)).passwordHash!;
    expect(direct).toMatch(/^\$argon2id\$/);
    expect((await logIn(name, 'correct horse')).status).toBe(303);
    expect((await userOf(name)).passwordHash).toBe(direct);
    expect((await logIn(name, 'wrong horse')).status).toBe(422);
    const everything = JSON.stringify([await rows().query('SELECT * FROM users'), await rows().query('SELECT * FROM external_users')]);
    expect(everything).not.toContain(sha256('correct horse'));
    expect(await rows().getRepository(ExternalUser).countBy({ name })).toBe(1);
  });

  it('become one account when they log in twice at the same moment', async () => {
    const { name } = await somebody('twice at once');
    const answers = await Promise.all([logIn(name, 'twice at once'), logIn(name, 'twice at once')]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(await rows().getRepository(User).countBy({ displayName: name })).toBe(1);
  });

  it('have one account each, however large their ids are', async () => {
    // As numbers of JavaScript these two are the same.
    const [even, odd] = [await somebody('even words', { id: '9007199254740992' }), await somebody('odd words', { id: '9007199254740993' })];
    expect((await logIn(even.name, 'even words')).status).toBe(303);
    expect((await logIn(odd.name, 'odd words')).status).toBe(303);
    expect([(await mirrorOf(even.name))!.masterKey, (await mirrorOf(odd.name))!.masterKey]).toEqual([
      '9007199254740992',
      '9007199254740993',
    ]);
    await makeOld();
    await look();
    expect([(await mirrorOf(even.name))!.endedMs, (await mirrorOf(odd.name))!.endedMs]).toEqual([null, null]);
  });

  it('do not get in without an id that tells them from others', async () => {
    const { name } = await somebody('no id at all', { id: null });
    expect((await logIn(name, 'no id at all')).status).toBe(422);
    await master.query('CREATE TABLE odd (id VARBINARY(16), username VARCHAR(150), password CHAR(64), mail TEXT, is_active INT)');
    const ids = { none: null, empty: '', bytes: Buffer.from('ff01', 'hex'), text: Buffer.from('é1') };
    for (const [who, id] of Object.entries(ids)) await master.query('INSERT INTO odd VALUES (?, ?, ?, NULL, 1)', [id, who, sha256(who)]);
    const { config } = web.database;
    const table = new MasterTable(new AppConfig({ ...config.settings, EXTERNAL_USERS_TABLE: 'odd' }, config.database));
    const found = await Promise.all(Object.keys(ids).map(async (who) => (await table.find(who))?.key ?? null));
    expect(found).toEqual([null, null, null, 'é1']);
    expect([...(await table.findByKeys(['', 'é1'])).keys()]).toEqual(['é1']);
    await table.onApplicationShutdown();
  });

  it('have an address only where the table has one plain address, since that counts as confirmed', async () => {
    const told: Record<string, string | null> = {
      'Ada <boss@lab.test>': null,
      'a@lab.test, boss@lab.test': null,
      'none yet': null,
      ' Ada.Strict@Lab.Test ': 'ada.strict@lab.test',
    };
    for (const [mail, email] of Object.entries(told)) {
      const { name } = await somebody('strict words', { mail });
      expect((await logIn(name, 'strict words')).status).toBe(303);
      expect([mail, (await userOf(name)).email]).toEqual([mail, email]);
    }
  });

  it('are told from others whose id or name differs by no more than the case of a letter', async () => {
    const { name } = await somebody('case of letters');
    await logIn(name, 'case of letters');
    const mirrors = web.app.get(MirrorsRepository, { strict: false });
    const { userId } = (await mirrorOf(name))!;
    const alike = { userId, masterKey: 'Key', name: 'Name' } as ExternalUser;
    const database = rows().getRepository(ExternalUser);
    // As a database answers whose collation knows no case.
    jest.spyOn(database, 'findOneBy').mockResolvedValue(alike);
    jest.spyOn(database, 'findBy').mockResolvedValue([alike]);
    expect([await mirrors.find('key'), await mirrors.findByName('name')]).toEqual([null, null]);
    expect([await mirrors.find('Key'), await mirrors.findByName('Name')]).toEqual([alike, alike]);
  });

  it('have the password, name and address that the table has now', async () => {
    const { id, name, mail } = await somebody('first words');
    await logIn(name, 'first words');
    mkdirSync(join(inbox, 'people', mail), { recursive: true });
    await master.query('UPDATE people SET password = ?, username = ?, mail = ? WHERE id = ?', [
      sha256('second words'),
      `${name}x`,
      `${name}x@lab.test`,
      id,
    ]);
    expect((await logIn(`${name}x`, 'first words')).status).toBe(422);
    expect((await logIn(`${name}x`, 'second words')).status).toBe(303);
    expect(await mirrorOf(name)).toBeNull();
    expect(await userOf(`${name}x`)).toMatchObject({ email: `${name}x@lab.test`.toLowerCase(), displayName: `${name}x` });
    // Whoever gets the old address later finds nothing under it.
    expect(readdirSync(join(inbox, 'people'))).toEqual([`${name}x@lab.test`.toLowerCase()]);
  });

  it.each(['disabled', 'gone'])('lose their log-ins when they are %s there, and cannot come back', async (how) => {
    const { id, name } = await somebody('soon gone');
    const browser = web.browser();
    await logIn(name, 'soon gone', browser);
    await makeOld();
    await look();
    expect(await isIn(browser)).toBe(true);
    await master.query(how === 'gone' ? 'DELETE FROM people WHERE id = ?' : 'UPDATE people SET is_active = 0 WHERE id = ?', [id]);
    await makeOld();
    await look();
    expect(await isIn(browser)).toBe(false);
    expect((await logIn(name, 'soon gone')).status).toBe(422);
    expect((await userOf(name)).passwordHash).toBeNull();
    expect((await mirrorOf(name))!.endedMs).not.toBeNull();
  });

  it('lose their log-ins also when something fails with one of the others', async () => {
    const [{ name }, gone] = [await somebody('fails to follow'), await somebody('gone as well')];
    await logIn(name, 'fails to follow');
    const browser = web.browser();
    await logIn(gone.name, 'gone as well', browser);
    // Looks go on by themselves each second, so it fails for all of them.
    const failing = jest.spyOn(ExternalUsers.prototype, 'follow').mockRejectedValue(new Error('the inbox cannot be moved'));
    await master.query('DELETE FROM people WHERE id = ?', [gone.id]);
    await makeOld();
    await look();
    expect(failing).toHaveBeenCalled();
    expect(await isIn(browser)).toBe(false);
  });

  it('lose the local hash and their log-ins with the next look, or the next log-in, when the password changed there', async () => {
    const { id, name } = await somebody('old password');
    const [first, second, third] = [web.browser(), web.browser(), web.browser()];
    await logIn(name, 'old password', first);
    await master.query('UPDATE people SET password = ? WHERE id = ?', [sha256('new password'), id]);
    await makeOld();
    await look();
    expect((await userOf(name)).passwordHash).toBeNull();
    expect(await isIn(first)).toBe(false);
    expect((await logIn(name, 'new password', second)).status).toBe(303);
    await master.query('UPDATE people SET password = ? WHERE id = ?', [sha256('third password'), id]);
    expect((await logIn(name, 'third password', third)).status).toBe(303);
    expect([await isIn(second), await isIn(third)]).toEqual([false, true]);
  });

  it('keep an account that they left also with a password that is new there, but not one that is being deleted', async () => {
    const { id, name } = await somebody('leaves with this');
    const browser = web.browser();
    await logIn(name, 'leaves with this', browser);
    const { id: userId } = await userOf(name);
    expect((await browser.postForm('/account/delete', { current: 'leaves with this' })).status).toBe(200);
    await master.query('UPDATE people SET password = ? WHERE id = ?', [sha256('comes with this'), id]);
    const back = await logIn(name, 'comes with this', browser);
    expect([back.status, mainOf(back)]).toEqual([422, expect.stringContaining('This account is deleted within 7 days')]);
    expect((await browser.postForm('/login', { email: name, password: 'comes with this', stay: 'yes' })).status).toBe(303);
    expect(await isIn(browser)).toBe(true);

    await rows().getRepository(User).update({ id: userId }, { leavingMs: 1, removingMs: 1, passwordHash: null });
    const late = await browser.postForm('/login', { email: name, password: 'comes with this', stay: 'yes' });
    expect([late.status, mainOf(late)]).toEqual([422, expect.stringContaining('is being deleted already')]);
    expect(await userOf(name)).toMatchObject({ leavingMs: 1, passwordHash: null });
  });

  it('do not get in with a password that is longer than any here may be', async () => {
    const [long, longer] = ['x'.repeat(200), 'x'.repeat(201)];
    expect((await logIn((await somebody(longer)).name, longer)).status).toBe(422);
    expect((await logIn((await somebody(long)).name, long)).status).toBe(303);
  });

  it('keep to themselves: no answer tells by its words or its work who is in which table', async () => {
    const { name } = await somebody('known words');
    const { name: unknown } = await somebody('other words');
    await logIn(name, 'known words');
    await web.browser().signUp('own@example.org', 'a few good words');
    const compared = jest.spyOn(Passwords.prototype, 'matches');
    const asked = jest.spyOn(MasterTable.prototype, 'find');
    const words = new Set<string>();
    for (const who of [name, unknown, 'own@example.org', 'nobody', 'nobody@example.org']) {
      compared.mockClear();
      asked.mockClear();
      const answer = await logIn(who, 'no such words');
      expect([who, answer.status, compared.mock.calls.length, asked.mock.calls.length]).toEqual([who, 422, 1, 1]);
      words.add(mainOf(answer).replace(/value="[^"]*"/g, ''));
    }
    expect(words.size).toBe(1);
    // An address of somebody who has not been here yet cannot be taken by somebody else.
    const taken = await web.browser().postForm('/signup', { email: `${unknown}@lab.test`, password: 'a few good words' });
    expect(taken.body).toContain('There is an account with this address already.');
  });

  it('leave accounts that were made here alone', async () => {
    await web.browser().signUp('mine@lab.test', 'my own words here');
    const { name } = await somebody('words of the table', { mail: 'mine@lab.test' });
    expect((await logIn(name, 'words of the table')).status).toBe(303);
    expect((await logIn('mine@lab.test', 'words of the table')).status).toBe(422);
    expect((await logIn('mine@lab.test', 'my own words here')).status).toBe(303);
  });

  it('change nothing of it here, and are told where', async () => {
    const { name, mail } = await somebody('kept elsewhere');
    const browser = web.browser();
    await logIn(name, 'kept elsewhere', browser);
    const page = mainOf(await browser.get('/account'));
    expect(page).toContain('come from another system');
    expect(page).not.toContain('action="/account/password"');
    const refused = await browser.postForm('/account/password', { current: 'kept elsewhere', password: 'a new password' });
    expect(refused.body).toContain('come from another system');
    expect((await logIn(name, 'kept elsewhere')).status).toBe(303);
    const context = await Test.createTestingModule({ imports: [AdminModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config)
      .compile();
    const admin = (...typed: string[]) => parseCommand(typed)(context);
    await expect(admin('reset-password', mail)).rejects.toThrow('is kept in the external table of people');
    await expect(admin('reset-link', name)).rejects.toThrow('is kept in the external table of people');
    expect(await admin('list-users')).toContain(`${mail}  (external: ${name})`);
    await context.close();
  });

  it('log in with their last password while the table cannot be reached, for a while, and everybody hears the same', async () => {
    const { name } = await somebody('while away');
    const { name: never } = await somebody('never here');
    await logIn(name, 'while away');
    await master.query('RENAME TABLE people TO people_elsewhere');
    try {
      expect((await logIn(name, 'while away')).status).toBe(303);
      const refused = [
        await logIn(name, 'wrong'),
        await logIn(never, 'never here'),
        await logIn('nobody', 'x'),
        await logIn('own@example.org', 'wrong'),
      ];
      for (const answer of refused) {
        expect(answer.status).toBe(422);
        expect(answer.body).toContain('cannot be asked at the moment');
      }
      expect((await logIn('own@example.org', 'a few good words')).status).toBe(303);
      expect((await web.browser().postForm('/signup', { email: 'new@example.org', password: 'a few good words' })).body).toContain(
        'cannot be asked at the moment',
      );
      await rows().query('UPDATE external_users SET checked_ms = checked_ms - 3700000');
      expect((await logIn(name, 'while away')).status).toBe(422);
      await look();
    } finally {
      await master.query('RENAME TABLE people_elsewhere TO people');
    }
    expect((await logIn(name, 'while away')).status).toBe(303);
  });

  it('keep nobody waiting when the database hangs, and get in as soon as it answers again', async () => {
    const { name } = await somebody('hangs a while');
    const table = web.app.get(MasterTable, { strict: false });
    await master.query('LOCK TABLES people WRITE');
    const started = performance.now();
    const answers = await Promise.allSettled(Array.from({ length: 9 }, () => table.find(name)));
    const tookMs = performance.now() - started;
    await master.query('UNLOCK TABLES');
    expect(new Set(answers.map((answer) => answer.status === 'rejected' && answer.reason instanceof UnavailableError))).toEqual(
      new Set([true]),
    );
    expect(tookMs).toBeLessThan(6000);
    expect((await logIn(name, 'hangs a while')).status).toBe(303);
  });

  it('write nothing there, and leave no question running', async () => {
    type Connects = { connect(): { query(statement: string): Promise<unknown>; end(): Promise<void> } };
    const table = web.app.get<unknown, Connects>(MasterTable, { strict: false });
    const pool = table.connect();
    await expect(pool.query('DELETE FROM people')).rejects.toThrow(/READ ONLY/);
    expect(await pool.query('SELECT @@lock_wait_timeout + 0.0 AS locked, @@max_statement_time + 0.0 AS running')).toMatchObject([
      [{ locked: '3.0', running: 3 }],
      expect.anything(),
    ]);
    await pool.end();
  });
});
