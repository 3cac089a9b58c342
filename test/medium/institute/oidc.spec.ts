import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { Group, GroupMember } from '../../../src/common/groups/group.entity';
import { Groups } from '../../../src/common/groups/groups';
import { IdentitiesRepository } from '../../../src/common/identities/identities.repository';
import { Identity } from '../../../src/common/identities/identity.entity';
import { User } from '../../../src/common/users/user.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { LogOutsThere } from '../../../src/web/accounts/institute/log-outs-there';
import { OidcProvider } from '../../../src/web/institute/oidc-provider';
import { ProbeRoutes } from '../../probe-routes';
import { createProject } from '../../project-steps';
import type { TestProvider } from '../../tools/openid-provider.mjs';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

const SITE = 'http://lab.test';
const CLIENT = { clientId: 'showrunner', clientSecret: 'a secret of a test', redirectUri: `${SITE}/login/oidc/callback` };

/** A real OpenID Connect provider; `people` log in there at once. */
describe('the log-in with OpenID Connect', () => {
  let provider: TestProvider;
  let web: TestWebApp;
  let count = 0;

  beforeAll(async () => {
    const { startOpenIdProvider } = await import('../../tools/openid-provider.mjs');
    provider = await startOpenIdProvider(CLIENT);
    const settings = {
      PUBLIC_URL: SITE,
      OIDC_ISSUER: provider.issuer,
      OIDC_TITLE: 'Lab ID',
      OIDC_CLIENT_ID: CLIENT.clientId,
      OIDC_CLIENT_SECRET: CLIENT.clientSecret,
      OIDC_SCOPES: 'openid email profile groups',
      OIDC_INSECURE: 'on',
      INSTITUTE_GROUPS: 'Microscopy=/lab/microscopy; Staff=/staff',
      INSTITUTE_ADMIN_GROUPS: '/lab/heads',
      DEMO_USERLIST: 'demo@lab.test',
      SMTP_URL: 'smtp://127.0.0.1:25',
    };
    web = await startTestWebApp(settings, [ProbeRoutes]);
  }, 60_000);
  afterEach(() => {
    provider.forge = null;
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    await web?.close();
    await provider?.close();
  });

  const rows = () => web.app.get(DataSource);
  const users = () => rows().getRepository(User);
  const aBrowser = () => web.browser('lab.test');
  const isIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;
  const userOf = async (subject: string) => {
    const identity = await rows().getRepository(Identity).findOneByOrFail({ subject });
    return users().findOneByOrFail({ id: identity.userId });
  };

  /** Somebody new of the institute, with a proved address unless told otherwise. */
  function somebody(claims: Record<string, unknown> = {}): { subject: string; email: string } {
    count += 1;
    const [subject, email] = [`ana-${count}`, `ana.${count}@lab.test`];
    provider.people.set(subject, { email, email_verified: true, name: `Ana ${count}`, preferred_username: `ana${count}`, ...claims });
    return { subject, email };
  }

  /** As far as the provider. @returns the address to which the browser is sent back. */
  async function asFarAsBack(browser: TestBrowser, subject: string | null, path = '/login/oidc'): Promise<string> {
    const { location, status } = await browser.get(path);
    if (status !== 303 || !location?.startsWith(provider.issuer)) throw new Error(`${path} led to ${status} ${location}`);
    provider.who = subject;
    return provider.authorise(location);
  }

  async function logIn(subject: string | null, browser = aBrowser(), path?: string): Promise<{ browser: TestBrowser; answer: TestAnswer }> {
    return { browser, answer: await browser.get(await asFarAsBack(browser, subject, path)) };
  }

  it('makes an account of what the institute says, and knows it again by issuer and subject, whatever it is called by then', async () => {
    const { subject, email } = somebody({ groups: ['/lab/microscopy', '/lab/heads', '/else'] });
    const first = await logIn(subject, aBrowser(), '/login/oidc?next=/projects');
    expect([first.answer.status, first.answer.location]).toEqual([303, '/projects']);
    expect(await isIn(first.browser)).toBe(true);
    const made = await userOf(subject);
    expect(made).toMatchObject({ kind: 'account', email, displayName: 'Ana 1', isAdmin: true, passwordHash: null });
    expect(made.confirmedMs).not.toBeNull();
    const groupsOf = async () => {
      const inside = await rows().getRepository(GroupMember).findBy({ userId: made.id });
      return (await rows().getRepository(Group).find())
        .filter(({ id }) => inside.some(({ groupId }) => groupId === id))
        .map(({ name }) => name);
    };
    expect(await groupsOf()).toEqual(['Microscopy']);
    provider.people.set(subject, { email: 'other@lab.test', email_verified: true, name: 'Ana Neu', groups: ['/staff'] });
    await logIn(subject);
    expect(await userOf(subject)).toMatchObject({ id: made.id, email: 'other@lab.test', displayName: 'Ana Neu', isAdmin: false });
    expect(await groupsOf()).toEqual(['Staff']);
    await web.app.get(AuditTrail).settled();
    const [entry] = await rows().query("SELECT * FROM audit WHERE action = 'account.log-in' AND actor_id = ?", [made.id]);
    expect(entry).toMatchObject({ outcome: 'done' });
  });

  it('asks with a code, PKCE, state and nonce that are new each time', async () => {
    const [one, other] = [await aBrowser().get('/login/oidc'), await aBrowser().get('/login/oidc')].map(
      ({ location }) => new URL(location!),
    );
    expect(Object.fromEntries(one.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: CLIENT.redirectUri,
      scope: 'openid email profile groups',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.searchParams.get(name)!.length).toBeGreaterThanOrEqual(43);
      expect(one.searchParams.get(name)).not.toBe(other.searchParams.get(name));
    }
  });

  it('begins under the name to which the provider sends people back', async () => {
    const { location } = await web.browser().get('/login/oidc?next=/projects');
    expect(location).toBe(`${SITE}/login/oidc?next=%2Fprojects&here=yes`);
  });

  it('keeps whom an administrator of this place made one, and groups that were made here', async () => {
    const { subject } = somebody({ groups: [] });
    await logIn(subject);
    const { id } = await userOf(subject);
    await web.app.get(UsersRepository, { strict: false }).setAdmin(id, true);
    const groups = web.app.get(Groups, { strict: false });
    const own = await groups.make({ name: 'Made here', description: '' });
    await groups.add(own, [{ id }]);
    const mapped = await groups.require('Microscopy');
    await expect(groups.add(mapped, [{ id }])).rejects.toMatchObject({ key: 'groups.notLocal' });
    await expect(groups.delete(mapped)).rejects.toMatchObject({ key: 'groups.notLocal' });
    await logIn(subject);
    expect((await userOf(subject)).isAdmin).toBe(true);
    expect((await groups.membersOf(own)).map((one) => one.id)).toEqual([id]);
  });

  it('takes the work of a guest along', async () => {
    const browser = aBrowser();
    await browser.enterAsGuest();
    const project = await createProject(web, browser, 'Of a guest');
    const { subject } = somebody();
    expect((await logIn(subject, browser)).answer.status).toBe(303);
    const { id } = await userOf(subject);
    expect(await rows().query('SELECT owner_id FROM projects WHERE id = ?', [project.id])).toEqual([{ owner_id: id }]);
    expect(browser.cookies.has('showrunner_guest')).toBe(false);
  });

  describe('of somebody whose address an account has', () => {
    it('opens that account to whoever knows its password, once, and to nobody else', async () => {
      const owner = aBrowser();
      const { email, subject } = somebody();
      const { password } = await owner.signUp(email);
      const { browser, answer } = await logIn(subject);
      expect([answer.status, answer.location, await isIn(browser)]).toEqual([303, '/login/join', false]);
      const page = await browser.get('/login/join');
      expect(mainOf(page)).toContain(email);
      const wrong = await browser.postForm('/login/join', { password: 'not the one' });
      expect([wrong.status, await isIn(browser)]).toEqual([422, false]);
      expect((await browser.postForm('/login/join', { password })).status).toBe(303);
      expect(await isIn(browser)).toBe(true);
      const account = await userOf(subject);
      expect(account).toMatchObject({ email, displayName: email.split('@')[0] });
      expect(account.passwordHash).not.toBeNull();
      expect(account.confirmedMs).not.toBeNull();
      expect((await logIn(subject)).answer.location).toBe('/');
      // It stays an account of its own, too.
      expect((await aBrowser().postForm('/login', { email, password })).status).toBe(303);
    });

    it('makes another without the address for whoever says that it is not theirs', async () => {
      const { email, subject } = somebody();
      await aBrowser().signUp(email);
      const { browser } = await logIn(subject);
      expect((await browser.postForm('/login/join', { what: 'separate' })).status).toBe(303);
      expect(await userOf(subject)).toMatchObject({ email: null, passwordHash: null });
      await logIn(subject);
      expect(await userOf(subject)).toMatchObject({ email: null });
    });

    it('asks nobody, and takes no address, where the institute does not vouch for it', async () => {
      const owner = aBrowser();
      const { email } = await owner.signUp();
      const { subject } = somebody({ email, email_verified: false });
      expect((await logIn(subject)).answer.location).toBe('/');
      expect(await userOf(subject)).toMatchObject({ email: null, isAdmin: false });
    });

    it('does not take the cookie of another browser, a changed one, or none for an answer', async () => {
      const { email, subject } = somebody();
      const { password } = await aBrowser().signUp(email);
      const { browser } = await logIn(subject);
      const kept = browser.cookies.get('showrunner_joining')!;
      const thief = aBrowser();
      expect((await thief.postForm('/login/join', { password })).location).toBe('/login');
      thief.cookies.set('showrunner_joining', `${kept.slice(0, -2)}AA`);
      expect((await thief.postForm('/login/join', { password })).location).toBe('/login');
      thief.cookies.set('showrunner_joining', browser.cookies.get('showrunner_visitor')!);
      expect((await thief.postForm('/login/join', { password })).location).toBe('/login');
      expect(await rows().getRepository(Identity).existsBy({ subject })).toBe(false);
    });

    it('joins no demo account, and lets nobody back in who is kept out', async () => {
      const { password } = await aBrowser().signUp('demo@lab.test');
      const { subject } = somebody({ email: 'demo@lab.test' });
      const { browser } = await logIn(subject);
      const answer = await browser.postForm('/login/join', { password });
      expect([answer.status, await isIn(browser)]).toEqual([422, false]);
      const shutOut = somebody();
      await aBrowser().signUp(shutOut.email);
      await users().update({ email: shutOut.email }, { suspendedMs: 1, suspendedWhy: 'too many runs' });
      const refused = await logIn(shutOut.subject);
      expect([refused.answer.status, await isIn(refused.browser)]).toEqual([422, false]);
      expect(mainOf(refused.answer)).toContain('too many runs');
    });
  });

  it('connects an account to which somebody is logged in, after its password; and disconnects it', async () => {
    const browser = aBrowser();
    const { email, password } = await browser.signUp();
    const { subject } = somebody({ groups: ['/lab/heads', '/staff'] });
    expect((await browser.get('/login/oidc?next=/projects')).location).toBe('/projects');
    expect((await logIn(subject, browser, '/login/oidc?connect=yes&next=/account')).answer.location).toBe('/login/join');
    expect(mainOf(await browser.get('/login/join'))).toContain(email);
    expect((await browser.postForm('/login/join', { password: 'not the one' })).status).toBe(422);
    expect((await browser.postForm('/login/join', { password })).location).toBe('/account');
    const account = await userOf(subject);
    expect(account).toMatchObject({ email, isAdmin: true });
    const other = aBrowser();
    await other.signUp();
    const { answer } = await logIn(subject, other, '/login/oidc?connect=yes');
    expect([answer.status, (await userOf(subject)).id]).toEqual([409, account.id]);
    const page = await browser.get('/account');
    const key = /name="identity" value="([0-9a-f]+)"/.exec(page.body)![1];
    expect((await other.postForm('/account/identities/remove', { identity: key })).status).toBe(303);
    expect((await userOf(subject)).id).toBe(account.id);
    await browser.postForm('/account/identities/remove', { identity: key });
    expect(await rows().getRepository(Identity).existsBy({ subject })).toBe(false);
    expect((await users().findOneByOrFail({ id: account.id })).isAdmin).toBe(false);
    const told = await rows().query('SELECT kind, text_body FROM mails WHERE recipient = ? ORDER BY id', [email]);
    const about = (kind: string) => ({
      kind,
      text_body: expect.stringMatching(/ana\d+ of Lab ID[^]*http:\/\/lab\.test\/account/) as string,
    });
    expect(told).toEqual([about('connected'), about('disconnected')]);
  });

  describe('hears in the back channel of log-outs at the provider', () => {
    const PATH = '/login/oidc/back-channel-logout';
    const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const now = () => Math.floor(Date.now() / 1000);
    const claims = (over: Record<string, unknown>) => ({
      iss: provider.issuer,
      aud: CLIENT.clientId,
      iat: now(),
      exp: now() + 120,
      jti: randomUUID(),
      events: EVENTS,
      ...over,
    });
    const say = (token: string, headers: Record<string, string> = {}) =>
      aBrowser().postBody(PATH, new URLSearchParams({ logout_token: token }).toString(), { origin: '', ...headers });
    const tell = async (over: Record<string, unknown>) =>
      (await say(provider.sign(claims(over), { header: { typ: 'logout+jwt' } }))).status;

    it('and ends the sessions of that person, of that log-in where it is named, and of nobody else', async () => {
      const [one, two] = [somebody(), somebody()];
      provider.forge = (told) => provider.sign({ ...told, sid: 'first' });
      const first = (await logIn(one.subject)).browser;
      provider.forge = (told) => provider.sign({ ...told, sid: 'second' });
      const second = (await logIn(one.subject)).browser;
      provider.forge = (told) => provider.sign({ ...told, sid: 'third' });
      const stranger = (await logIn(two.subject)).browser;
      const who = () => Promise.all([first, second, stranger].map(isIn));
      expect([await tell({ sub: one.subject, sid: 'third' }), await who()]).toEqual([200, [true, true, true]]);
      expect([await tell({ sub: one.subject, sid: 'first' }), await who()]).toEqual([200, [false, true, true]]);
      expect([await tell({ sid: 'third' }), await who()]).toEqual([200, [false, true, false]]);
      expect([await tell({ sub: one.subject, iat: now() - 200 }), await who()]).toEqual([200, [false, true, false]]);
      expect([await tell({ sub: one.subject }), await who()]).toEqual([200, [false, false, false]]);
      expect(await tell({ sub: 'nobody' })).toBe(200);
      await web.app.get(AuditTrail).settled();
      const noted = await rows().query("SELECT * FROM audit WHERE action = 'account.log-out-there'");
      expect(noted).toHaveLength(3);
    });

    it('and names everybody whom one log-in there had let in', async () => {
      const people = [somebody(), somebody()];
      provider.forge = (told) => provider.sign({ ...told, sid: 'of-both' });
      for (const { subject } of people) await logIn(subject);
      expect(await tell({ sid: 'of-both' })).toBe(200);
      await web.app.get(AuditTrail).settled();
      const [last] = await rows().query<{ object_id: string; details: string }[]>('SELECT * FROM audit ORDER BY id DESC LIMIT 1');
      const { sessions, others } = JSON.parse(last.details) as { sessions: number; others: string };
      const ids = await Promise.all(people.map(async ({ subject }) => (await userOf(subject)).id));
      expect([sessions, [last.object_id, others].toSorted()]).toEqual([2, ids.toSorted()]);
    });

    it('and hears it again where something broke on the way', async () => {
      const { subject } = somebody();
      const { browser } = await logIn(subject);
      const token = provider.sign(claims({ sub: subject }));
      jest.spyOn(web.app.get(LogOutsThere, { strict: false }), 'end').mockRejectedValueOnce(new Error('the database went away'));
      expect([(await say(token)).status, await isIn(browser)]).toEqual([500, true]);
      // Where there are no keys nothing can be said of it, either.
      const { issuer } = provider;
      const identity = jest.spyOn(web.app.get(OidcProvider, { strict: false }), 'identity');
      identity.mockResolvedValueOnce({ issuer, keys: new URL('/no-keys', issuer) });
      expect([(await say(token)).status, await isIn(browser)]).toEqual([503, true]);
      expect([(await say(token)).status, await isIn(browser)]).toEqual([200, false]);
    });

    it('but not of a session that a password began', async () => {
      const browser = aBrowser();
      const { email } = await browser.signUp();
      const { subject } = somebody();
      const { id } = await users().findOneByOrFail({ email });
      const identity = { userId: id, source: 'oidc' as const, issuer: provider.issuer, subject, name: 'ana', madeAccount: false };
      await web.app.get(IdentitiesRepository, { strict: false }).add(identity);
      expect([await tell({ sub: subject }), await isIn(browser)]).toEqual([200, true]);
    });

    it('and believes nothing else', async () => {
      const { subject } = somebody();
      const { browser } = await logIn(subject);
      const good = claims({ sub: subject });
      const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
      const bad: [string, string][] = [
        ['nothing', ''],
        ['no token', 'a.b.c'],
        ['another issuer', provider.sign({ ...good, iss: 'https://evil.test' })],
        ['another audience', provider.sign({ ...good, aud: 'another-client' })],
        ['a nonce', provider.sign({ ...good, nonce: 'x' })],
        ['another event', provider.sign({ ...good, events: { 'https://evil.test': {} } })],
        ['old', provider.sign({ ...good, iat: now() - 3600, exp: now() + 60 })],
        ['over', provider.sign({ ...good, exp: now() - 600 })],
        ['another key', provider.sign(good, { key: other })],
        ['no signature', provider.sign(good, { header: { alg: 'none' } })],
        ['another type', provider.sign(good, { header: { typ: 'at+jwt' } })],
        ...['events', 'jti', 'iat', 'sub'].map((name): [string, string] => [`no ${name}`, provider.sign(without(name))]),
      ];
      for (const [what, token] of bad) {
        const { status, body } = await say(token);
        expect([what, status, body]).toEqual([what, 400, '{"error":"invalid_request"}']);
      }
      // A page of another site, whose browser says where it comes from, is not the provider.
      expect((await say(provider.sign(good), { origin: 'https://evil.test' })).status).toBe(403);
      expect(await isIn(browser)).toBe(true);
      const token = provider.sign(good);
      expect([(await say(token)).status, await isIn(browser), (await say(token)).status]).toEqual([200, false, 400]);
      let last = 400;
      for (let tries = 0; tries < 60 && last === 400; tries += 1) last = (await say('a.b.c')).status;
      expect(last).toBe(429);
    });
  });

  it('leaves what the institute keeps to the institute, and ends such an account soon after a log-in', async () => {
    const { subject, email } = somebody();
    const { browser } = await logIn(subject);
    expect((await browser.postForm('/account/name', { name: 'Somebody else' })).status).toBe(422);
    expect((await browser.postForm('/account/password', { current: '', password: 'a few other words' })).status).toBe(422);
    await aBrowser().postForm('/forgot', { email });
    expect(await rows().query('SELECT * FROM account_links WHERE email = ?', [email])).toEqual([]);
    expect((await aBrowser().postForm('/login', { email, password: '' })).status).toBe(422);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 11 * 60_000);
    expect((await browser.postForm('/account/delete', { current: '' })).status).toBe(422);
    clock.mockRestore();
    expect((await browser.postForm('/account/delete', { current: '' })).status).toBe(200);
    const again = await logIn(subject);
    expect([again.answer.location, await isIn(again.browser)]).toEqual(['/login/join', false]);
    expect((await again.browser.postForm('/login/join', { stay: 'yes' })).status).toBe(303);
    expect(await isIn(again.browser)).toBe(true);
    await users().update({ email }, { leavingMs: 1, removingMs: 1 });
    const tooLate = await logIn(subject);
    expect([tooLate.answer.status, await isIn(tooLate.browser)]).toEqual([422, false]);
    await users().delete({ email });
    expect((await logIn(subject)).answer.status).toBe(303);
    expect(await userOf(subject)).toMatchObject({ email, removingMs: null });
  });

  it('says after a log-out that the log-in there goes on, and where it ends', async () => {
    const { browser } = await logIn(somebody().subject);
    const answer = await browser.postForm('/logout');
    expect([answer.location, await isIn(browser)]).toEqual(['/login/left?by=oidc', false]);
    const page = mainOf(await browser.get('/login/left?by=oidc'));
    expect(page).toContain('Lab ID');
    expect(page).toContain(`${provider.issuer}/session/end?client_id&#x3D;showrunner`);
  });

  it('shows its button, and goes on to no other site', async () => {
    const page = mainOf(await aBrowser().get('/login?next=/queue'));
    expect(page).toContain('Log in with Lab ID');
    expect(page).toContain('/login/oidc?next&#x3D;%2Fqueue');
    for (const next of [
      '//evil.test',
      '/\\evil.test',
      'https://evil.test',
      'javascript:alert(1)',
      '/login/oidc',
      '/%2f/evil.test/..//evil.test',
    ]) {
      const { answer } = await logIn(somebody().subject, aBrowser(), `/login/oidc?next=${encodeURIComponent(next)}`);
      expect([next, answer.status, answer.location?.startsWith('/') && !answer.location.startsWith('//')]).toEqual([next, 303, true]);
      expect(new URL(answer.location!, SITE).origin).toBe(SITE);
    }
  });

  describe('refuses', () => {
    const nobodyComesIn = async (browser: TestBrowser, answer: TestAnswer, status = 422) => {
      expect([answer.status, await isIn(browser), browser.cookies.has('showrunner_oidc')]).toEqual([status, false, false]);
      expect(mainOf(answer)).toMatch(/name="password"/);
    };
    const nobodyIsMade = async (subject: string) => expect(await rows().getRepository(Identity).existsBy({ subject })).toBe(false);

    it('an answer without state, with another one, to a browser that asked nothing, and the same one twice', async () => {
      const { subject } = somebody();
      const changes: ((query: URLSearchParams) => void)[] = [
        (query) => query.delete('state'),
        (query) => query.set('state', 'another'),
        (query) => query.append('state', query.get('state')!),
        (query) => query.set('state', ''),
      ];
      for (const change of changes) {
        const browser = aBrowser();
        const back = new URL(await asFarAsBack(browser, subject), SITE);
        change(back.searchParams);
        await nobodyComesIn(browser, await browser.get(`${back.pathname}${back.search}`));
      }
      const [asking, silent] = [aBrowser(), aBrowser()];
      const back = await asFarAsBack(asking, subject);
      await nobodyComesIn(silent, await silent.get(back));
      await nobodyIsMade(subject);
      const cookie = asking.cookies.get('showrunner_oidc')!;
      expect((await asking.get(back)).status).toBe(303);
      // Even where somebody kept the cookie, the code is worth nothing any more.
      const replaying = aBrowser();
      await nobodyComesIn(replaying, await replaying.get(back));
      replaying.cookies.set('showrunner_oidc', cookie);
      await nobodyComesIn(replaying, await replaying.get(back));
    });

    it('a code that was given to another browser', async () => {
      const [victim, attacker] = [aBrowser(), aBrowser()];
      const { subject } = somebody();
      const stolen = new URL(await asFarAsBack(victim, subject), SITE).searchParams.get('code')!;
      const back = new URL(await asFarAsBack(attacker, somebody().subject), SITE);
      back.searchParams.set('code', stolen);
      await nobodyComesIn(attacker, await attacker.get(`${back.pathname}${back.search}`));
      await nobodyIsMade(subject);
    });

    it('an answer of another provider', async () => {
      const { subject } = somebody();
      for (const iss of ['https://evil.test', `${provider.issuer}/`, '']) {
        const browser = aBrowser();
        const back = new URL(await asFarAsBack(browser, subject), SITE);
        back.searchParams.set('iss', iss);
        await nobodyComesIn(browser, await browser.get(`${back.pathname}${back.search}`));
      }
      await nobodyIsMade(subject);
    });

    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const now = () => Math.floor(Date.now() / 1000);
    it.each<[string, (claims: Record<string, unknown>) => string]>([
      ['another nonce', (claims) => provider.sign({ ...claims, nonce: 'another' })],
      ['no nonce', ({ nonce: _nonce, ...claims }) => provider.sign(claims)],
      ['another audience', (claims) => provider.sign({ ...claims, aud: 'another-client' })],
      [
        'several audiences and no party',
        (claims) => provider.sign({ ...claims, aud: ['showrunner', 'another-client'], azp: 'another-client' }),
      ],
      ['a time that is over', (claims) => provider.sign({ ...claims, iat: now() - 7200, exp: now() - 3600 })],
      ['another issuer', (claims) => provider.sign({ ...claims, iss: 'https://evil.test' })],
      ['the signature of another key', (claims) => provider.sign(claims, { key: other })],
      ['no signature', (claims) => provider.sign(claims, { header: { alg: 'none' } })],
      ['no subject', ({ sub: _sub, ...claims }) => provider.sign(claims)],
      ['another subject than its userinfo', (claims) => provider.sign({ ...claims, sub: 'victim' })],
    ])('an id token with %s', async (_what, forge) => {
      const { subject } = somebody();
      provider.forge = forge;
      const { browser, answer } = await logIn(subject);
      await nobodyComesIn(browser, answer);
      await nobodyIsMade(subject);
      await nobodyIsMade('victim');
    });

    it('whom the provider lets in no more, in a sentence', async () => {
      const { browser, answer } = await logIn(null);
      await nobodyComesIn(browser, answer, 403);
      expect(mainOf(answer)).toContain('did not let you in');
    });

    it('more tries than a password may be tried', async () => {
      const browser = aBrowser();
      let last: TestAnswer | undefined;
      for (let tries = 0; tries < 60 && last?.status !== 429; tries += 1) last = await browser.get('/login/oidc/callback?code=x&state=y');
      expect([last!.status, Number(last!.headers['retry-after']) > 0]).toEqual([429, true]);
    });
  });

  it('says so when the provider is away; passwords go on', async () => {
    Object.assign(web.app.get(OidcProvider, { strict: false }), { known: undefined });
    await provider.close();
    const browser = aBrowser();
    const answer = await browser.get('/login/oidc?next=/projects');
    expect(answer.status).toBe(503);
    expect(mainOf(answer)).toContain('cannot be reached at the moment');
    expect(mainOf(answer)).toContain('value="/projects"');
    expect((await browser.signUp()).email).toBeTruthy();
    expect(mainOf(await browser.get('/login/left?by=oidc'))).not.toContain('session/end');
  });
});
