import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { Inboxes } from '../../../src/common/inbox/inboxes';
import { Session } from '../../../src/common/users/session.entity';
import { User } from '../../../src/common/users/user.entity';
import { follow, linkTo, mailsTo, UNREACHED_MAIL } from '../../account-links';
import { ProbeRoutes } from '../../probe-routes';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const PASSWORD = 'a few good words';
const NEW_PASSWORD = 'quite other words';
const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
const PHONE = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1' };

describe('the page of an account', () => {
  let web: TestWebApp;
  let inbox: string;
  let owner: TestBrowser;
  let email: string;

  beforeAll(async () => {
    inbox = mkdtempSync(join(tmpdir(), 'inbox-'));
    web = await startTestWebApp({ ...UNREACHED_MAIL, INBOX_DIR: inbox, INBOX_PER_USER: 'on', DEMO_USERLIST: 'demo@example.org' }, [
      ProbeRoutes,
    ]);
  });
  beforeEach(async () => {
    owner = web.browser();
    ({ email } = await owner.signUp());
  });
  afterAll(async () => {
    await web?.close();
    rmSync(inbox, { recursive: true });
  });

  const users = () => web.app.get(DataSource).getRepository(User);
  const isLoggedIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;
  const logIn = (address: string, password: string, headers = {}) =>
    Promise.resolve(web.browser()).then(async (browser) => {
      const { status } = await browser.postForm('/login', { email: address, password }, { headers });
      return { browser, status };
    });

  it('changes the display name, and keeps what was typed when it is none', async () => {
    expect((await owner.postForm('/account/name', { name: '  Mira <L>  ' })).location).toBe('/account');
    expect(mainOf(await owner.get('/account'))).toContain('value="Mira &lt;L&gt;"');
    for (const name of [' ', 'x'.repeat(101), 'a\u202Eb']) {
      const refused = await owner.postForm('/account/name', { name });
      expect([refused.status, refused.body.includes('id="name-error"')]).toEqual([422, true]);
    }
    expect((await users().findOneByOrFail({ email })).displayName).toBe('Mira <L>');
  });

  it('changes the password: the old one is asked for, other log-ins end, and this one gets a new id', async () => {
    const { browser: other } = await logIn(email, PASSWORD);
    for (const [fields, sentence] of [
      [{ current: 'wrong words', password: NEW_PASSWORD }, 'This is not your password.'],
      [{ current: '', password: NEW_PASSWORD }, 'Enter your current password.'],
      [{ current: PASSWORD, password: 'short' }, '5 of at least 8 characters'],
    ] as const) {
      const refused = await owner.postForm('/account/password', fields);
      expect([refused.status, mainOf(refused)]).toEqual([422, expect.stringContaining(sentence)]);
      expect(refused.body).not.toContain(NEW_PASSWORD);
    }
    const before = owner.cookies.get('showrunner_session');
    await owner.postForm('/account/password', { current: PASSWORD, password: NEW_PASSWORD });
    expect(owner.cookies.get('showrunner_session')).not.toBe(before);
    expect([await isLoggedIn(owner), await isLoggedIn(other)]).toEqual([true, false]);
    expect([(await logIn(email, PASSWORD)).status, (await logIn(email, NEW_PASSWORD)).status]).toEqual([422, 303]);
    expect(await mailsTo(web, email, 'password')).toHaveLength(1);
  });

  it('lets nobody try passwords at a browser that was left alone', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1)
      statuses.push((await owner.postForm('/account/password', { current: `guess ${n}`, password: NEW_PASSWORD })).status);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
  });

  it('lists where one is logged in, and logs out there and nowhere else', async () => {
    const { browser: firefox } = await logIn(email, PASSWORD, FIREFOX);
    const { browser: phone } = await logIn(email, PASSWORD, PHONE);
    const stranger = web.browser();
    await stranger.signUp();
    const page = mainOf(await firefox.get('/account'));
    expect(page.match(/name="session" value="[0-9a-f]{32}"/g)).toHaveLength(2);
    expect(page).toMatch(/Firefox on Linux <span[^>]*>this one<[^]*127\.0\.0\.1[^]*Safari on iPhone/);
    const [, handle = ''] = /value="([0-9a-f]{32})" aria-label="Log out Safari on iPhone"/.exec(page) ?? [];

    await stranger.postForm('/account/sessions/end', { session: handle });
    expect(await isLoggedIn(phone)).toBe(true);
    await firefox.postForm('/account/sessions/end', { session: handle });
    expect([await isLoggedIn(phone), await isLoggedIn(firefox), await isLoggedIn(owner)]).toEqual([false, true, true]);
    await firefox.postForm('/account/sessions/others');
    expect([await isLoggedIn(owner), await isLoggedIn(firefox), await isLoggedIn(stranger)]).toEqual([false, true, true]);
    expect(mainOf(await firefox.get('/account'))).not.toContain('/account/sessions/others');
    const rows = JSON.stringify(await web.app.get(DataSource).getRepository(Session).find());
    expect(rows).not.toContain(handle);
  });

  describe('gives the account another address', () => {
    const ask = (fields: { email: string; confirmation?: string }) =>
      owner.postForm('/account/address', { confirmation: PASSWORD, ...fields });

    it('by a link that goes there, and tells the old one', async () => {
      const { id } = await users().findOneByOrFail({ email });
      const to = `new-${email}`;
      // An administrator may have made the folder of the new address before.
      for (const name of [email, to]) {
        mkdirSync(join(inbox, 'people', name), { recursive: true });
        for (const file of ['a.tif', `${name}.tif`]) writeFileSync(join(inbox, 'people', name, file), name);
      }
      await users().update({ id }, { confirmedMs: 1 });
      expect((await ask({ email: to.toUpperCase() })).location).toBe('/account');
      expect((await mailsTo(web, email, 'moving'))[0]?.textBody).toContain(to);
      expect((await users().findOneByOrFail({ id })).email).toBe(email);

      const done = await follow(web.browser(), await linkTo(web, to, 'move'), { current: PASSWORD });
      expect(done.status).toBe(200);
      const person = await users().findOneByOrFail({ id });
      expect([person.email, person.confirmedMs !== null]).toEqual([to, true]);
      expect(await mailsTo(web, email, 'moved')).toHaveLength(1);
      expect([(await logIn(email, PASSWORD)).status, (await logIn(to, PASSWORD)).status]).toEqual([422, 303]);
      // Whoever gets the old address one day does not find these files.
      expect(existsSync(join(inbox, 'people', email))).toBe(false);
      expect(readdirSync(join(inbox, 'people', to)).sort()).toEqual(['a (2).tif', 'a.tif', `${to}.tif`, `${email}.tif`].sort());
      expect(readFileSync(join(inbox, 'people', to, 'a.tif'), 'utf8')).toBe(to);
      expect(await isLoggedIn(owner)).toBe(true);
    });

    it('only with the password, and to one that is nobody’s', async () => {
      const other = await web.browser().signUp();
      for (const [fields, sentence] of [
        [{ email: 'x@example.org', confirmation: 'wrong words' }, 'This is not your password.'],
        [{ email: other.email }, 'There is an account with this address already.'],
        [{ email }, 'This is your address already.'],
        [{ email: 'mira' }, 'This is not an email address'],
        [{ email: 'demo@example.org' }, 'This is the address of a demo account'],
      ] as const) {
        const refused = await ask(fields);
        expect([refused.status, mainOf(refused)]).toEqual([422, expect.stringContaining(sentence)]);
      }
    });

    it('unless somebody takes it first, or the password changes', async () => {
      await ask({ email: `taken-${email}` });
      await web.browser().signUp(`taken-${email}`);
      expect((await follow(owner, await linkTo(web, `taken-${email}`, 'move'))).status).toBe(409);
      await ask({ email: `late-${email}` });
      await owner.postForm('/account/password', { current: PASSWORD, password: NEW_PASSWORD });
      expect((await follow(owner, await linkTo(web, `late-${email}`, 'move'))).status).toBe(410);
      expect((await users().findOneByOrFail({ email })).email).toBe(email);
    });
  });

  it('reaches the folder of an address in the inbox once that is confirmed, and takes along what was put in before', async () => {
    const planned = join(inbox, 'people', email);
    mkdirSync(planned, { recursive: true });
    writeFileSync(join(planned, 'plate.tif'), 'for whoever has the address');
    const inboxes = web.app.get(Inboxes, { strict: false });
    const person = await users().findOneByOrFail({ email });
    const [typed] = await inboxes.placesOf(person);
    expect([typed.source, typed.folder]).toEqual(['own', expect.stringMatching(/=[0-9a-f]{8}$/)]);
    writeFileSync(join(typed.folder, 'early.tif'), 'mine');
    expect(await (await inboxes.directory('own', person.id, [])).exists([Buffer.from('plate.tif')])).toBe(false);
    await owner.postForm('/account/confirm');
    await follow(owner, await linkTo(web, email, 'confirm'));
    expect((await inboxes.placesOf(await users().findOneByOrFail({ email })))[0]?.folder).toBe(planned);
    expect([readdirSync(planned).sort(), existsSync(typed.folder)]).toEqual([['early.tif', 'plate.tif'], false]);
    // Of what could not follow at that moment nothing is lost.
    mkdirSync(typed.folder);
    writeFileSync(join(typed.folder, 'late.tif'), 'mine');
    await inboxes.placesOf(await users().findOneByOrFail({ email }));
    expect(readdirSync(planned).sort()).toEqual(['early.tif', 'late.tif', 'plate.tif']);
  });

  it('sends the link that confirms the address', async () => {
    expect(mainOf(await owner.get('/account'))).toContain('not confirmed');
    await owner.postForm('/account/confirm');
    const done = await follow(owner, await linkTo(web, email, 'confirm'));
    expect(done.location).toBe('/');
    const page = mainOf(await owner.get('/account'));
    expect(page).not.toContain('not confirmed');
  });
});
