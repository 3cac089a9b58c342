import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { OldTokens } from '../../../src/cleaner/tasks/old-tokens';
import { AccountEnd } from '../../../src/common/account-end/account-end';
import { ApiToken } from '../../../src/common/api-tokens/api-token.entity';
import { ApiTokens } from '../../../src/common/api-tokens/api-tokens';
import { ApiTokensRepository } from '../../../src/common/api-tokens/api-tokens.repository';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { AppConfig } from '../../../src/common/config/app-config';
import { ExternalUser } from '../../../src/common/external-users/external-user.entity';
import { MirrorsRepository } from '../../../src/common/external-users/mirrors.repository';
import { Standing } from '../../../src/common/people/standing';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { User } from '../../../src/common/users/user.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { ShareLinks } from '../../../src/web/shares/share-links';
import { UNREACHED_MAIL } from '../../account-links';
import { ApiProbeRoutes } from '../../api-probe';
import { aGuest, aUser } from '../../factories';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const DAY_MS = 86_400_000;
const KEY = /srn_[A-Za-z0-9_-]{43}/;

describe('tokens for programs', () => {
  let web: TestWebApp;
  let context: TestingModule;
  let owner: TestBrowser;
  let person: User;

  beforeAll(async () => {
    web = await startTestWebApp(
      { ...UNREACHED_MAIL, ADMIN_EMAILS: 'admin@example.org', DEMO_USERLIST: 'demo@example.org', TOKEN_DAYS: '120' },
      [ApiProbeRoutes],
    );
    context = await Test.createTestingModule({ imports: [AdminModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config)
      .compile();
    owner = web.browser();
    await owner.signUp('owner@example.org');
    person = await personOf('owner@example.org');
  });
  afterAll(async () => {
    await context?.close();
    await web?.close();
  });

  const users = () => web.app.get(DataSource).getRepository(User);
  const rows = () => web.app.get(DataSource).getRepository(ApiToken);
  const personOf = (email: string) => users().findOneByOrFail({ email });
  const tokenOf = async (whose: User, scopes: string[] = ['read'], name = 'a script') =>
    web.app.get(ApiTokens, { strict: false }).make(whose, { name, scopes, days: 30 });
  const command = (...words: string[]) => parseCommand(words)(context);

  /** As a program asks: no cookie, no origin. */
  function ask(path: string, key?: string, { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {}) {
    const bearer: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return web.browser().send(path, { method, headers: { accept: 'application/json', origin: '', ...bearer, ...headers } });
  }

  async function lastDeed() {
    await web.app.get(AuditTrail).settled();
    return (await web.app.get(AuditRepository).list({}, null, 1))[0];
  }

  it('are made on a page that shows the key once, and are a row without it', async () => {
    const fields: [string, string][] = [
      ['name', ' Notebook <1> '],
      ['scopes', 'read'],
      ['scopes', 'files'],
      ['days', '30'],
    ];
    const made = await owner.postForm('/account/tokens', fields);
    expect(made.status).toBe(201);
    const key = KEY.exec(mainOf(made))![0];
    expect(wordsOf(mainOf(made))).toContain('The token “Notebook <1>” is made');
    const again = mainOf(await owner.get('/account/tokens'));
    expect(again).toContain(`${key.slice(0, 10)}…`);
    expect(again).not.toContain(key);
    const row = await rows().findOneByOrFail({ name: 'Notebook <1>' });
    expect(row).toMatchObject({ userId: person.id, prefix: key.slice(0, 10), scopes: ['read', 'files'], usedMs: null, revokedMs: null });
    expect(row.expiresMs - row.createdMs).toBe(30 * DAY_MS);
    expect(JSON.stringify(row)).not.toContain(key.slice(10));
    expect(await lastDeed()).toMatchObject({ action: 'token.make', objectName: 'Notebook <1>', outcome: 'done' });
    expect((await lastDeed()).details).not.toContain(key.slice(10));
    expect(JSON.parse((await ask('/api/probe/person', key)).body)).toEqual({ id: person.id, isAdmin: false });
    expect(wordsOf(mainOf(await owner.get('/account')))).toContain('You have 1 valid token.');
  });

  it.each([
    [{ name: ' ', scopes: 'read', days: '30' }, 'Write down what the token is for'],
    [{ name: 'kept words', days: '30' }, 'Choose at least one thing'],
    [{ name: 'kept words', scopes: 'everything', days: '30' }, 'There is nothing called “everything”'],
    [{ name: 'kept words', scopes: 'admin', days: '30' }, 'Only administrators make tokens that administer.'],
    [{ name: 'kept words', scopes: 'read', days: '121' }, 'from 1 to 120'],
    [{ name: 'kept words', scopes: 'read', days: '1.5' }, 'from 1 to 120'],
    [{ name: 'kept words', scopes: 'read' }, 'from 1 to 120'],
  ])('are refused as %j with a sentence, and nothing typed is lost', async (fields, sentence) => {
    const refused = await owner.postForm('/account/tokens', fields);
    expect(refused.status).toBe(422);
    expect(wordsOf(mainOf(refused))).toContain(sentence);
    expect(mainOf(refused)).toContain(`value="${fields.name}"`);
    expect(mainOf(refused)).not.toMatch(KEY);
  });

  it('are offered for as long as the setting says, and to administrators with all they may', async () => {
    const admin = web.browser();
    await admin.signUp('admin@example.org');
    await users().update({ email: 'admin@example.org' }, { isAdmin: true });
    const page = mainOf(await admin.get('/account/tokens'));
    expect([...page.matchAll(/<option value="(\d+)"/g)].map(([, days]) => days)).toEqual(['7', '30', '90', '120']);
    expect(page).toContain('value="admin"');
    expect(mainOf(await owner.get('/account/tokens'))).not.toContain('value="admin"');
  });

  it('let a program in by their header alone', async () => {
    const { key } = await tokenOf(person);
    expect((await ask('/api/probe/person', key)).status).toBe(200);
    expect((await ask('/API/Probe/person', key)).status).toBe(200);
    const nobody: TestAnswer[] = [
      await ask('/api/probe/person'),
      await ask(`/api/probe/person?access_token=${key}&token=${key}`),
      await ask('/api/probe/person', undefined, { headers: { cookie: `showrunner_token=${key}` } }),
      await ask('/api/probe/person', undefined, { headers: { authorization: `Basic ${Buffer.from(`x:${key}`).toString('base64')}` } }),
      await ask('/api/probe/person', undefined, { headers: { authorization: key } }),
      await ask('/api/probe/person', `${key.slice(0, -1)}!`),
      await ask('/api/probe/person', `srn_${'A'.repeat(43)}`),
      await ask('/api/probe/visitor', `srn_${'A'.repeat(43)}`),
    ];
    expect(nobody.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401, 401, 401]);
    for (const { headers } of nobody) expect(headers['www-authenticate']).toContain('Bearer');
    // Without one, some things are for everybody.
    expect((await ask('/api/probe/visitor')).status).toBe(200);
  });

  it('open no page, and a log-in opens nothing that is for programs', async () => {
    const { key } = await tokenOf(person, ['read', 'files', 'run']);
    const page = await web.browser().get('/projects', { authorization: `Bearer ${key}` });
    expect([page.status, page.location]).toEqual([303, '/login?next=%2Fprojects']);
    for (const path of ['/api/probe/person', '/API/probe/person', '/api/probe/person/']) expect((await owner.get(path)).status).toBe(401);
    const both = await owner.send('/api/probe/person', { headers: { authorization: `Bearer ${key}` } });
    expect([both.status, both.body]).toEqual([400, expect.stringContaining('not both')]);
  });

  it('make nobody a guest of a link that a browser has', async () => {
    const project = await web.app.get(ProjectCreation, { strict: false }).create(person.id, 'shared');
    const { secret } = await web.app.get(ShareLinks, { strict: false }).make({ projectId: project.id, runId: null, note: '', days: '7' });
    const visitor = web.browser();
    await visitor.get(`/shared/${secret}`);
    expect((await visitor.get(`/projects/${project.id}/shared`)).status).toBe(200);
    expect((await visitor.get(`/api/probe/projects/${project.id}`)).status).toBe(401);
  });

  it('may do what they were made for, and nothing else', async () => {
    const [reading, changing] = [(await tokenOf(person)).key, (await tokenOf(person, ['files'])).key];
    expect((await ask('/api/probe/read', reading)).status).toBe(200);
    const refused = await ask('/api/probe/read', changing);
    expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('it lacks “read”')]);
    expect((await ask('/api/probe/files', reading, { method: 'POST' })).status).toBe(403);
    expect((await ask('/api/probe/files', changing, { method: 'POST' })).status).toBe(201);
    expect((await ask('/api/probe/forgotten', reading)).status).toBe(403);
  });

  it('change nothing for a page of somebody else, whatever header it sends along', async () => {
    const { key } = await tokenOf(person, ['files']);
    const from = (headers: Record<string, string>) => ask('/api/probe/files', key, { method: 'POST', headers });
    expect((await from({ origin: 'http://evil.example' })).status).toBe(403);
    expect((await from({ origin: 'null' })).status).toBe(403);
    expect((await from({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('make an administrator of an administrator only where they were made for it', async () => {
    const admin = await personOf('admin@example.org');
    const [plain, full] = [(await tokenOf(admin, ['read', 'files', 'run'])).key, (await tokenOf(admin, ['admin'])).key];
    const isAdmin = async (key: string) => (JSON.parse((await ask('/api/probe/person', key)).body) as { isAdmin: boolean }).isAdmin;
    expect([await isAdmin(plain), await isAdmin(full)]).toEqual([false, true]);
    expect([(await ask('/api/probe/admin', plain)).status, (await ask('/api/probe/admin', full)).status]).toEqual([403, 200]);
    await users().update({ id: admin.id }, { isAdmin: false });
    expect((await ask('/api/probe/admin', full)).status).toBe(403);
    await users().update({ id: admin.id }, { isAdmin: true });
  });

  it('are nobody’s at once when their person is kept out, leaves, is shut out elsewhere, or has to confirm the address', async () => {
    const browser = web.browser();
    const { email } = await browser.signUp();
    const one = await personOf(email);
    const { key } = await tokenOf(one);
    const status = async () => (await ask('/api/probe/person', key)).status;
    expect(await status()).toBe(200);
    await web.app.get(Standing, { strict: false }).suspend(one, 'a test');
    expect(await status()).toBe(401);
    await web.app.get(Standing, { strict: false }).endSuspension(one);
    expect(await status()).toBe(200);
    const mirrors = web.app.get(MirrorsRepository, { strict: false });
    await mirrors.add(one.id, 'master-1', 'one');
    await web.app.get(DataSource).getRepository(ExternalUser).update({ userId: one.id }, { checkedMs: 1 });
    expect((await mirrors.due(1000, 10)).map(({ userId }) => userId)).toEqual([one.id]);
    await mirrors.markEnded(one.id);
    expect(await status()).toBe(401);
    await mirrors.markActive(one.id, 'one');
    expect(await status()).toBe(200);
    await mirrors.forget(one.id);
    const config = { settings: { ...web.database.config.settings, VERIFY_EMAIL: true } } as AppConfig;
    const strict = new ApiTokens(
      web.app.get(ApiTokensRepository, { strict: false }),
      web.app.get(UsersRepository, { strict: false }),
      config,
    );
    expect(await strict.bearerOf(key, '')).toBeNull();
    await users().update({ id: one.id }, { confirmedMs: 1 });
    expect(await strict.bearerOf(key, '')).not.toBeNull();
    await users().update({ id: one.id }, { email: 'demo@example.org' });
    expect(await status()).toBe(401);
    await users().update({ id: one.id }, { email, leavingMs: 1 });
    expect(await status()).toBe(401);
    const end = web.app.get(AccountEnd, { strict: false });
    expect((await end.findUnclosed()).map(({ id }) => id)).toContain(one.id);
    await end.close({ id: one.id, email, leavingMs: 1 });
    expect(await rows().countBy({ userId: one.id })).toBe(0);
  });

  it('end in their time, and when the longest time becomes shorter', async () => {
    const { key, token } = await tokenOf(person);
    const status = async () => (await ask('/api/probe/person', key)).status;
    await rows().update({ id: token.id }, { createdMs: token.createdMs - 121 * DAY_MS });
    expect(await status()).toBe(401);
    expect(mainOf(await owner.get('/account/tokens'))).toContain('time is over');
    await rows().update({ id: token.id }, { createdMs: token.createdMs });
    expect(await status()).toBe(200);
    await rows().update({ id: token.id }, { expiresMs: token.createdMs - 1 });
    expect(await status()).toBe(401);
  });

  it('are revoked at once, by their person alone, who may take it back for a while', async () => {
    const { key, token } = await tokenOf(person);
    const stranger = web.browser();
    await stranger.signUp();
    await stranger.postForm(`/account/tokens/${token.id}/revoke`);
    expect((await ask('/api/probe/read', key)).status).toBe(200);
    expect((await owner.postForm(`/account/tokens/${token.id}/revoke`)).location).toBe('/account/tokens');
    expect((await ask('/api/probe/read', key)).status).toBe(401);
    expect(mainOf(await owner.get('/account/tokens'))).toContain(`/account/tokens/${token.id}/restore`);
    await stranger.postForm(`/account/tokens/${token.id}/restore`);
    expect((await ask('/api/probe/read', key)).status).toBe(401);
    await owner.postForm(`/account/tokens/${token.id}/restore`);
    expect((await ask('/api/probe/read', key)).status).toBe(200);
    await rows().update({ id: token.id }, { revokedMs: token.createdMs - DAY_MS });
    await owner.postForm(`/account/tokens/${token.id}/restore`);
    expect(wordsOf(mainOf(await owner.get('/account/tokens')))).toContain('That token is gone for good.');
    const other = await tokenOf(person);
    await owner.postForm('/account/tokens/revoke-all');
    expect((await ask('/api/probe/read', other.key)).status).toBe(401);
    expect(await lastDeed()).toMatchObject({ action: 'token.revoke-all', outcome: 'done' });
  });

  it('tell when they were last used and from where, and write that down rarely', async () => {
    const { key, token } = await tokenOf(person);
    await users().update({ id: person.id }, { lastSeenMs: 1 });
    await ask('/api/probe/read', key);
    const used = await rows().findOneByOrFail({ id: token.id });
    expect(used).toMatchObject({ usedAddress: '127.0.0.1', usedMs: expect.any(Number) as number });
    expect((await personOf('owner@example.org')).lastSeenMs).toBeGreaterThan(1);
    await users().update({ id: person.id }, { lastSeenMs: 1 });
    await ask('/api/probe/read', key);
    expect((await personOf('owner@example.org')).lastSeenMs).toBe(1);
    await rows().update({ id: token.id }, { usedMs: used.usedMs! - 6 * 60_000 });
    await ask('/api/probe/read', key);
    expect((await rows().findOneByOrFail({ id: token.id })).usedMs).toBeGreaterThanOrEqual(used.usedMs!);
    expect(mainOf(await owner.get('/account/tokens'))).toContain('127.0.0.1');
  });

  it('are not for guests and demo accounts, and not without number', async () => {
    const tokens = web.app.get(ApiTokens, { strict: false });
    const wish = { name: 'x', scopes: ['read'], days: 1 };
    await expect(tokens.make(aGuest(), wish)).rejects.toThrow('Guests have no tokens.');
    await expect(tokens.make(aUser({ email: 'demo@example.org' }), wish)).rejects.toThrow('Several people share a demo account');
    const browser = web.browser();
    const one = await personOf((await browser.signUp()).email);
    for (let n = 0; n < 50; n += 1) await tokens.make(one, wish);
    await expect(tokens.make(one, wish)).rejects.toThrow('You have 50 tokens.');
    await web.app.get(ApiTokensRepository, { strict: false }).deleteOf(one.id);
  });

  it('are listed and revoked from the shell, with an entry in the log that holds no key', async () => {
    const { key, token } = await tokenOf(person, ['read', 'run'], 'the cluster');
    const second = await tokenOf(person);
    expect(await command('tokens')).toMatch(new RegExp(`^${token.prefix} +owner@example.org .* never .* read run +the cluster$`, 'm'));
    expect(await command('tokens', 'admin@example.org')).not.toContain(token.prefix);
    await expect(command('tokens-revoke', 'srn_zzzzzz')).rejects.toThrow('No token begins with srn_zzzzzz');
    expect(await command('tokens-revoke', key)).toBe(`The token ${token.prefix}… (the cluster) lets nobody in any more.`);
    expect((await ask('/api/probe/read', key)).status).toBe(401);
    const deed = await lastDeed();
    expect(deed).toMatchObject({ action: 'token.revoke', objectName: token.prefix, outcome: 'done' });
    expect(JSON.stringify(deed)).not.toContain(key.slice(10));
    expect(await command('tokens-revoke', '--all', 'owner@example.org')).toMatch(
      /^\d tokens? of owner@example.org lets? nobody in any more\.$/,
    );
    expect((await ask('/api/probe/read', second.key)).status).toBe(401);
    expect(() => parseCommand(['tokens-revoke'])).toThrow('tokens-revoke needs how one token begins');
  });

  it('go with the cleaner a while after they ended', async () => {
    await rows().query('DELETE FROM api_tokens');
    const [good, revoked, ended, orphan] = [await tokenOf(person), await tokenOf(person), await tokenOf(person), await tokenOf(person)];
    await rows().update({ id: revoked.token.id }, { revokedMs: good.token.createdMs - DAY_MS });
    await rows().update({ id: ended.token.id }, { expiresMs: good.token.createdMs - 31 * DAY_MS });
    await rows().update({ id: orphan.token.id }, { userId: 'nobody' });
    for (const { remove } of await new OldTokens(web.app.get(ApiTokensRepository, { strict: false })).find()) await remove();
    expect((await rows().find()).map(({ id }) => id)).toEqual([good.token.id]);
  });
});
