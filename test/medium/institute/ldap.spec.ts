import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { DataSource } from 'typeorm';
import { Group, GroupMember } from '../../../src/common/groups/group.entity';
import { Identity } from '../../../src/common/identities/identity.entity';
import { User } from '../../../src/common/users/user.entity';
import { readConfig } from '../../../src/common/config/app-config';
import { LdapDirectory } from '../../../src/web/institute/ldap-directory';
import { ProbeRoutes } from '../../probe-routes';
import type { Slapd } from '../../tools/slapd.mjs';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const PEOPLE = 'ou=people,dc=lab,dc=test';
const READER = { dn: 'cn=reader,dc=lab,dc=test', password: 'reads people' };

/** One entry of the directory in LDIF. */
function entry(dn: string, attributes: Record<string, string | string[]>): string {
  const lines = Object.entries(attributes).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}:: ${Buffer.from(one).toString('base64')}`),
  );
  return [`dn: ${dn}`, ...lines, ''].join('\n');
}

function person(uid: string, more: Record<string, string> = {}): string {
  const names = { cn: `Dr ${uid}`, sn: uid, mail: `${uid}@lab.test`, userPassword: `password of ${uid}` };
  return entry(`uid=${uid},${PEOPLE}`, { objectClass: 'inetOrgPerson', uid, ...names, ...more });
}

function group(cn: string, ...members: string[]): string {
  return entry(`cn=${cn},ou=groups,dc=lab,dc=test`, {
    objectClass: 'groupOfNames',
    cn,
    member: members.map((uid) => `uid=${uid},${PEOPLE}`),
  });
}

const LDIF = [
  entry('dc=lab,dc=test', { objectClass: ['dcObject', 'organization'], dc: 'lab', o: 'Lab' }),
  entry(PEOPLE, { objectClass: 'organizationalUnit', ou: 'people' }),
  entry('ou=groups,dc=lab,dc=test', { objectClass: 'organizationalUnit', ou: 'groups' }),
  entry(READER.dn, { objectClass: ['organizationalRole', 'simpleSecurityObject'], cn: 'reader', userPassword: READER.password }),
  ...['ada', 'bob', 'eve', 'gus', 'kim', 'leo'].map((uid) => person(uid)),
  person('twin', { mail: 'twins@lab.test' }),
  person('twin2', { mail: 'twins@lab.test' }),
  person('nomail', { mail: 'nomail@lab.test, eve@evil.test' }),
  group('heads', 'ada'),
  group('microscopy', 'ada', 'bob'),
].join('\n');

/** A real slapd, which lets in who sends a name without a password. */
describe('the log-in with LDAP', () => {
  let slapd: Slapd;
  let web: TestWebApp;
  let settings: Record<string, string>;

  beforeAll(async () => {
    const { startSlapd } = await import('../../tools/slapd.mjs');
    slapd = await startSlapd(LDIF);
    settings = {
      LDAP_URL: slapd.url,
      LDAP_TITLE: 'the Lab',
      LDAP_CA_FILE: slapd.certificate,
      LDAP_BASE: 'dc=lab,dc=test',
      LDAP_BIND_DN: READER.dn,
      LDAP_BIND_PASSWORD: READER.password,
      LDAP_GROUP_BASE: 'ou=groups,dc=lab,dc=test',
      LDAP_TIMEOUT: '2s',
      INSTITUTE_ADMIN_GROUPS: 'cn=heads, ou=groups, dc=lab, dc=test',
      INSTITUTE_GROUPS: 'Microscopy=microscopy',
    };
    web = await startTestWebApp({ ...settings, DEMO_USERLIST: 'leo@lab.test' }, [ProbeRoutes]);
  }, 60_000);
  afterAll(async () => {
    await web?.close();
    await slapd?.stop();
  });

  const rows = () => web.app.get(DataSource);
  const isIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;
  const logIn = (email: string, password: string, browser = web.browser()) => browser.postForm('/login', { email, password });
  const userOf = async (name: string) => {
    const identity = await rows().getRepository(Identity).findOneByOrFail({ name });
    return rows().getRepository(User).findOneByOrFail({ id: identity.userId });
  };
  const directory = (over: Record<string, string> = {}) => new LdapDirectory(readConfig({ ...settings, ...over }));

  it('opens the form with name or address and the password there, and makes an account of what the directory says', async () => {
    const page = mainOf(await web.browser().get('/login'));
    expect(page).toContain('Or the user name that you have at the Lab, with its password.');
    const browser = web.browser();
    expect((await logIn('ada', 'password of ada', browser)).status).toBe(303);
    expect(await isIn(browser)).toBe(true);
    const made = await userOf('ada');
    expect(made).toMatchObject({ kind: 'account', email: 'ada@lab.test', displayName: 'Dr ada', isAdmin: true, passwordHash: null });
    expect(await rows().getRepository(Identity).findOneByOrFail({ name: 'ada' })).toMatchObject({
      source: 'ldap',
      issuer: 'ldap',
      subject: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
    });
    const { id } = await rows().getRepository(Group).findOneByOrFail({ name: 'Microscopy', source: 'institute' });
    expect(await rows().getRepository(GroupMember).existsBy({ groupId: id, userId: made.id })).toBe(true);
    expect((await logIn('ADA@lab.test', 'password of ada')).status).toBe(303);
    expect((await userOf('ada')).id).toBe(made.id);
    expect(JSON.stringify(await rows().query('SELECT * FROM users'))).not.toContain('password of ada');
  });

  it('lets nobody in without a password, with that of another, or by a filter', async () => {
    const tries: [string, string][] = [
      ['bob', ''],
      ['bob', 'password of ada'],
      ['bob', '\u0000'],
      ['bob', 'password of bob\u0000'],
      ['*', 'password of bob'],
      ['bo*', 'password of bob'],
      ['*)(uid=*', 'password of bob'],
      ['bob)(|(uid=*', 'password of bob'],
      ['bob))(|(uid=bob', 'password of bob'],
      ['x)(uid=bob', 'password of bob'],
      ['\\62ob', 'password of bob'],
      [`uid=bob,${PEOPLE}`, 'password of bob'],
      ['twins@lab.test', 'password of twin'],
      ['nobody', 'password of bob'],
      ['', 'password of bob'],
      ['bob', 'x'.repeat(100_000)],
    ];
    const asked = directory();
    for (const [login, password] of tries) expect([login, await asked.ask(login, password)]).toEqual([login, 'nobody']);
    expect(await asked.ask('bob', 'password of bob')).toMatchObject({ name: 'bob', email: 'bob@lab.test' });
    for (const [login, password] of tries.slice(0, 4)) {
      const browser = web.browser();
      const answer = await logIn(login, password, browser);
      expect([answer.status, await isIn(browser)]).toEqual([422, false]);
    }
    expect(await rows().getRepository(Identity).existsBy({ name: 'bob' })).toBe(false);
  });

  it('takes no address that is none, and reads groups from the entry where it has them', async () => {
    expect(await directory().ask('nomail', 'password of nomail')).toMatchObject({ name: 'nomail', email: null });
    const { LDAP_GROUP_BASE: _base, ...ofEntry } = settings;
    const asked = new LdapDirectory(readConfig(ofEntry));
    expect(await asked.ask('ada', 'password of ada')).toMatchObject({ groups: expect.any(Array) });
    expect(await directory({ LDAP_ID: 'employeeNumber' }).ask('bob', 'password of bob')).toBe('nobody');
  });

  it('counts wrong tries as those of passwords here', async () => {
    const browser = web.browser();
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) statuses.push((await logIn('kim', 'wrong', browser)).status);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
    expect((await logIn('kim', 'password of kim', browser)).status).toBe(429);
  });

  it('opens no account by its address alone, and never that of a demo', async () => {
    const { password } = await web.browser().signUp('eve@lab.test');
    const browser = web.browser();
    expect((await logIn('eve', 'password of eve', browser)).location).toBe('/login/join');
    expect(await isIn(browser)).toBe(false);
    // The password of the directory is not the one of the account.
    expect((await browser.postForm('/login/join', { password: 'password of eve' })).status).toBe(422);
    expect((await browser.postForm('/login/join', { password })).status).toBe(303);
    const account = await userOf('eve');
    for (const right of [password, 'password of eve']) expect((await logIn('eve@lab.test', right)).location).toBe('/');
    expect((await userOf('eve')).id).toBe(account.id);
    const demo = await web.browser().signUp('leo@lab.test');
    const asking = web.browser();
    await logIn('leo', 'password of leo', asking);
    expect((await asking.postForm('/login/join', { password: demo.password })).status).toBe(422);
    expect(await isIn(asking)).toBe(false);
  });

  it('keeps to people who are kept out, and to those who asked for the end of their account', async () => {
    const leaver = web.browser();
    await logIn('gus', 'password of gus', leaver);
    expect((await leaver.postForm('/account/delete', { current: '' })).status).toBe(200);
    const back = await logIn('gus', 'password of gus');
    expect([back.status, mainOf(back)]).toEqual([422, expect.stringContaining('name="stay"')]);
    const browser = web.browser();
    expect((await browser.postForm('/login', { email: 'gus', password: 'password of gus', stay: 'yes' })).status).toBe(303);
    expect(await isIn(browser)).toBe(true);
    await rows()
      .getRepository(User)
      .update({ id: (await userOf('gus')).id }, { suspendedMs: 1, suspendedWhy: 'too many runs' });
    expect(await isIn(browser)).toBe(false);
    expect(mainOf(await logIn('gus', 'password of gus'))).toContain('too many runs');
  });

  it('trusts no certificate that nobody vouches for, and sends no password before', async () => {
    const { LDAP_CA_FILE: _ca, ...untrusting } = settings;
    expect(await new LdapDirectory(readConfig(untrusting)).ask('bob', 'password of bob')).toBe('away');
    expect(await directory({ LDAP_TLS: 'off' }).ask('bob', 'password of bob')).toMatchObject({ name: 'bob' });
    expect(await directory({ LDAP_BIND_PASSWORD: 'wrong' }).ask('bob', 'password of bob')).toBe('away');
  });

  it('gives up on a directory that is silent or gone, and says so; accounts of this place come in', async () => {
    const silent: Server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const begin = Date.now();
    const asked = directory({ LDAP_URL: `ldap://127.0.0.1:${(silent.address() as AddressInfo).port}`, LDAP_TIMEOUT: '1s' });
    expect(await asked.ask('bob', 'password of bob')).toBe('away');
    expect(Date.now() - begin).toBeLessThan(4000);
    silent.close();
    const own = await web.browser().signUp();
    await slapd.end();
    const answer = await logIn('bob', 'password of bob');
    expect([answer.status, mainOf(answer)]).toEqual([422, expect.stringContaining('cannot be asked at the moment')]);
    expect((await logIn(own.email, own.password)).status).toBe(303);
    await slapd.start();
    expect((await logIn('bob', 'password of bob')).status).toBe(303);
  });
});
