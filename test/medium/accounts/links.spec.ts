import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccountLink } from '../../../src/common/account-links/account-link.entity';
import { Passwords } from '../../../src/common/users/passwords';
import { User } from '../../../src/common/users/user.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { AfterAnswer } from '../../../src/web/http/after-answer';
import { RateLimits } from '../../../src/web/http/rate-limits';
import { follow, linkTo, mailsTo, UNREACHED_MAIL } from '../../account-links';
import { ProbeRoutes } from '../../probe-routes';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const PASSWORD = 'a few good words';
const NEW_PASSWORD = 'quite other words';

describe('links in mails', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({ ...UNREACHED_MAIL, ADMIN_EMAILS: 'boss@example.org,chief@example.org' }, [ProbeRoutes]);
    // The limits have a test of their own.
    jest.spyOn(web.app.get(RateLimits, { strict: false }), 'take').mockResolvedValue();
  });
  afterEach(() => jest.clearAllMocks());
  afterAll(async () => {
    jest.restoreAllMocks();
    await web?.close();
  });

  const links = () => web.app.get(DataSource).getRepository(AccountLink);
  const users = () => web.app.get(DataSource).getRepository(User);
  const isLoggedIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;
  const logIn = (email: string, password: string) => web.browser().postForm('/login', { email, password });
  const askReset = async (email: string): Promise<string> => {
    expect((await web.browser().postForm('/forgot', { email })).status).toBe(200);
    return linkTo(web, email.toLowerCase(), 'reset');
  };

  describe('for a new password', () => {
    it('set it once, log in afresh, and end every other session', async () => {
      const owner = web.browser();
      const { email } = await owner.signUp();
      const link = await askReset(email.toUpperCase());
      const finder = web.browser();
      finder.cookies.set('showrunner_session', owner.cookies.get('showrunner_session')!);
      const page = await finder.get(link);
      expect(page.status).toBe(200);
      expect(page.headers['referrer-policy']).toBe('strict-origin');
      expect(page.headers['cache-control']).toBe('no-store');

      const done = await follow(finder, link, { password: NEW_PASSWORD });
      expect([done.status, done.location]).toEqual([303, '/']);
      expect(finder.cookies.get('showrunner_session')).not.toBe(owner.cookies.get('showrunner_session'));
      expect([await isLoggedIn(finder), await isLoggedIn(owner)]).toEqual([true, false]);
      expect([(await logIn(email, PASSWORD)).status, (await logIn(email, NEW_PASSWORD)).status]).toEqual([422, 303]);
      // The mail proves the address, and tells of the change.
      expect((await users().findOneByOrFail({ email })).confirmedMs).not.toBeNull();
      expect(await mailsTo(web, email, 'password')).toHaveLength(1);
      const again = await follow(web.browser(), link, { password: 'third words here' });
      expect([again.status, mainOf(again).includes('works only once')]).toEqual([410, true]);
      expect((await logIn(email, NEW_PASSWORD)).status).toBe(303);
    });

    it('change nothing when they are opened, however often: mail scanners do', async () => {
      const { email } = await web.browser().signUp();
      const link = await askReset(email);
      const before = [await links().find(), await users().findOneByOrFail({ email })];
      for (const method of ['GET', 'HEAD', 'GET']) expect((await web.browser().send(link, { method })).status).toBe(200);
      expect([await links().find(), await users().findOneByOrFail({ email })]).toEqual(before);
      expect((await follow(web.browser(), link, { password: NEW_PASSWORD })).status).toBe(303);
    });

    it('work for one of many who use them at the same moment', async () => {
      const { email } = await web.browser().signUp();
      const link = await askReset(email);
      const crowd = Array.from({ length: 5 }, () => web.browser());
      const answers = await Promise.all(crowd.map((browser, n) => follow(browser, link, { password: `words of number ${n}` })));
      expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 404 || status === 410)).toHaveLength(4);
    });

    it('ask again for a bad password without being spent', async () => {
      const { email } = await web.browser().signUp();
      const link = await askReset(email);
      const browser = web.browser();
      const short = await follow(browser, link, { password: 'owl1234' });
      expect([short.status, short.body.includes('7 of at least 8 characters'), short.body.includes('owl1234')]).toEqual([422, true, false]);
      const hash = jest.spyOn(web.app.get(Passwords, { strict: false }), 'hash');
      expect((await follow(browser, link, { password: 'x'.repeat(1_000_000) })).status).toBe(422);
      expect(hash).not.toHaveBeenCalled();
      expect((await follow(browser, link, { password: NEW_PASSWORD })).status).toBe(303);
    });

    it('stay good while others ask for more, are void once there is a new password, and say what to do', async () => {
      const { email } = await web.browser().signUp();
      const first = await askReset(email);
      const [second, third] = [await askReset(email), await askReset(email)];
      for (const link of [first, second]) expect((await web.browser().get(link)).status).toBe(200);
      expect((await follow(web.browser(), first, { password: NEW_PASSWORD })).status).toBe(303);
      const page = await web.browser().get(second);
      expect([page.status, mainOf(page)]).toEqual([410, expect.stringContaining('a new password, has made it worthless')]);
      expect(mainOf(page)).toContain('href="/forgot"');
      expect((await follow(web.browser(), third, { password: PASSWORD })).status).toBe(410);
      const late = await askReset(email);
      const { id } = await users().findOneByOrFail({ email });
      await links().update({ userId: id }, { expiresMs: Date.now() - 1000 });
      const over = await follow(web.browser(), late, { password: NEW_PASSWORD });
      expect([over.status, mainOf(over)]).toEqual([410, expect.stringContaining('Its time is over.')]);
    });

    it.each(['x', 'A'.repeat(43), "'", '%00', '..%2f..%2flogin', 'A'.repeat(3000)])('are unknown as %s', async (token) => {
      const page = await web.browser().get(`/link/${token}`);
      expect([page.status, mainOf(page)]).toEqual([404, expect.stringContaining('There is no such link')]);
    });

    it('want the token of a form of ours', async () => {
      const { email } = await web.browser().signUp();
      const token = (await askReset(email)).slice('/link/'.length);
      const bare = await web.browser().postBody('/link', new URLSearchParams({ token, password: NEW_PASSWORD }).toString());
      expect(bare.status).toBe(403);
      expect((await logIn(email, PASSWORD)).status).toBe(303);
    });

    it('lie in the database as a hash, and in no line of the log', async () => {
      const lines: string[] = [];
      const spies = (['debug', 'log', 'warn', 'error'] as const).map((level) =>
        jest.spyOn(Logger.prototype, level).mockImplementation((...words: unknown[]) => void lines.push(words.join(' '))),
      );
      const { email } = await web.browser().signUp();
      const link = await askReset(email);
      await web.browser().get(link);
      await follow(web.browser(), link, { password: 'short' });
      await follow(web.browser(), link, { password: NEW_PASSWORD });
      for (const spy of spies) spy.mockRestore();
      const secret = link.slice('/link/'.length);
      expect(lines.some((line) => line.includes('/link/…'))).toBe(true);
      expect(lines.filter((line) => line.includes(secret) || line.includes(NEW_PASSWORD))).toEqual([]);
      expect(JSON.stringify(await links().find())).not.toContain(secret);
    });

    it('lead to the public address, whatever the request calls the machine', async () => {
      const { email } = await web.browser().signUp();
      const browser = web.browser();
      const headers = { host: 'evil.test', 'x-forwarded-host': 'evil.test', origin: 'http://evil.test' };
      const refused = await browser.postForm('/forgot', { email }, { headers });
      expect(refused.status).toBe(400);
      await browser.postForm('/forgot', { email }, { headers: { 'x-forwarded-host': 'evil.test' } });
      const mails = await mailsTo(web, email, 'reset');
      expect(mails).toHaveLength(1);
      expect(mails[0].textBody).toMatch(/http:\/\/localhost\/link\//);
      expect(mails[0].textBody + mails[0].htmlBody).not.toContain('evil.test');
    });
  });

  describe('asking for one', () => {
    it('gets the same answer whether there is an account or not, before anybody looks', async () => {
      const { email } = await web.browser().signUp();
      const find = jest.spyOn(web.app.get(UsersRepository, { strict: false }), 'findByEmail');
      const start = jest.spyOn(web.app.get(AfterAnswer, { strict: false }), 'start').mockImplementation(() => undefined);
      const known = await web.browser().postForm('/forgot', { email });
      const unknown = await web.browser().postForm('/forgot', { email: 'nobody@example.org' });
      expect(mainOf(unknown)).toBe(mainOf(known).replaceAll(email, 'nobody@example.org'));
      expect(find).not.toHaveBeenCalled();
      expect(start).toHaveBeenCalledTimes(2);
      start.mockRestore();
      await web.browser().postForm('/forgot', { email: 'nobody@example.org' });
      expect(await mailsTo(web, 'nobody@example.org', 'reset')).toEqual([]);
    });

    it('wants an address', async () => {
      for (const email of ['', 'mira', 'a@x.org, b@x.org', 'a@x.org\r\nBcc: b@x.org']) {
        expect((await web.browser().postForm('/forgot', { email })).status).toBe(422);
      }
    });
  });

  describe('that confirm an address', () => {
    it('make an administrator of whom the operator named, once the account is shown to be theirs', async () => {
      const boss = web.browser();
      await boss.signUp('boss@example.org');
      expect((await boss.get('/')).body).toContain('as soon as you open the link that is on its way to boss@example.org');
      expect((await boss.get('/probe/admin')).status).toBe(403);
      const link = await linkTo(web, 'boss@example.org', 'confirm');
      const elsewhere = web.browser();
      expect(mainOf(await elsewhere.get(link))).toContain('Password of the account');
      expect((await follow(elsewhere, link)).status).toBe(422);
      const done = await follow(elsewhere, link, { current: PASSWORD });
      expect([done.status, mainOf(done)]).toEqual([200, expect.stringContaining('boss@example.org is confirmed')]);
      expect(await isLoggedIn(elsewhere)).toBe(false);
      expect((await boss.get('/probe/admin')).status).toBe(200);
    });

    it('make nothing of somebody who signed up with the address of another, who presses the button and takes the account over', async () => {
      const liar = web.browser();
      await liar.signUp('chief@example.org', 'words of a liar');
      const chief = web.browser();
      const link = await linkTo(web, 'chief@example.org', 'confirm');
      for (const current of ['', PASSWORD]) expect((await follow(chief, link, { current })).status).toBe(422);
      expect([
        (await liar.get('/probe/admin')).status,
        (await users().findOneByOrFail({ email: 'chief@example.org' })).confirmedMs,
      ]).toEqual([403, null]);

      expect((await follow(chief, await askReset('chief@example.org'), { password: NEW_PASSWORD })).status).toBe(303);
      expect((await chief.get('/probe/admin')).status).toBe(200);
      expect(await isLoggedIn(liar)).toBe(false);
      expect((await logIn('chief@example.org', 'words of a liar')).status).toBe(422);
    });

    it('are not sent to those who need none', async () => {
      const { email } = await web.browser().signUp();
      expect(await mailsTo(web, email, 'confirm')).toEqual([]);
    });
  });
});

describe('asking for links', () => {
  it('is limited for an address and for a network, known or not, and loosely for an address of which many networks ask', async () => {
    const web = await startTestWebApp({ ...UNREACHED_MAIL, TRUST_PROXY: '127.0.0.1' });
    try {
      const { email } = await web.browser().signUp();
      const ask = async (one: string, from: string) =>
        (await web.browser().postForm('/forgot', { email: one }, { headers: { 'x-forwarded-for': from } })).status;
      const askedFrom = async (one: string, from: string, times: number) => {
        const statuses: number[] = [];
        for (let n = 0; n < times; n += 1) statuses.push(await ask(one, from));
        return statuses;
      };
      for (const one of [email, 'nobody@example.org']) expect(await askedFrom(one, '192.0.2.1', 4)).toEqual([200, 200, 200, 429]);
      expect(await mailsTo(web, email, 'reset')).toHaveLength(3);
      // Somebody else has asked for it over and over: its owner, elsewhere, gets a link all the same.
      expect(await ask(email, '192.0.2.2')).toBe(200);
      for (let n = 3; n < 8; n += 1) expect(await askedFrom(email, `192.0.2.${n}`, 3)).toEqual([200, 200, 200]);
      expect(await askedFrom(email, '192.0.2.9', 2)).toEqual([200, 429]);
      const browser = web.browser();
      let last = 200;
      for (let n = 0; n < 21 && last === 200; n += 1) last = (await browser.postForm('/forgot', { email: `p${n}@example.org` })).status;
      expect(last).toBe(429);
    } finally {
      await web.close();
    }
  });
});
