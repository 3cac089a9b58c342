import { DataSource } from 'typeorm';
import { Session } from '../../../src/common/users/session.entity';
import { User } from '../../../src/common/users/user.entity';
import { ProbeRoutes } from '../../probe-routes';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const PASSWORD = 'a few good words';

describe('accounts', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'Boss@example.org' }, [ProbeRoutes]);
  });
  afterAll(() => web?.close());

  const users = () => web.app.get(DataSource).getRepository(User);
  const sessions = () => web.app.get(DataSource).getRepository(Session);
  const isLoggedIn = async (browser: TestBrowser) => (await browser.get('/probe/person')).status === 200;

  describe('signing up', () => {
    it('logs in at once and goes on to the page that was asked for', async () => {
      const browser = web.browser();
      expect((await browser.get('/probe/person?who=mine')).location).toBe('/login?next=%2Fprobe%2Fperson%3Fwho%3Dmine');
      const page = await browser.get('/signup?next=/probe/person?who=mine');
      expect(page.body).toContain('name="next" value="/probe/person?who&#x3D;mine"');
      const answer = await browser.postForm('/signup', {
        email: ' Mira.L@Example.org ',
        password: PASSWORD,
        next: '/probe/person?who=mine',
      });
      expect([answer.status, answer.location]).toEqual([303, '/probe/person?who=mine']);
      expect(await isLoggedIn(browser)).toBe(true);
    });

    it('stores the address in lower case, a display name without the domain, and a hash', async () => {
      const row = await users().findOneByOrFail({ email: 'mira.l@example.org' });
      expect(row).toMatchObject({ kind: 'account', displayName: 'mira.l', isAdmin: false, guestKeyHash: null });
      expect(row.passwordHash).toMatch(/^\$argon2id\$/);
    });

    it.each([
      [{ email: 'mira', password: PASSWORD }, 'This is not an email address'],
      [{ email: '', password: PASSWORD }, 'Enter your email address'],
      [{ email: 'x@example.org\r\nBcc: victim@evil.test', password: PASSWORD }, 'This is not an email address'],
      [{ email: 'short@example.org', password: 'owl1234' }, '7 of at least 8 characters.'],
      [{ email: 'empty@example.org', password: '' }, 'Enter a password'],
      [{ email: 'long@example.org', password: 'x'.repeat(201) }, 'At most 200 characters'],
    ])('shows the form again for %j', async (fields, sentence) => {
      const browser = web.browser();
      const answer = await browser.postForm('/signup', { ...fields, next: '/probe/person' });
      expect(answer.status).toBe(422);
      expect(answer.body).toContain(sentence);
      expect(answer.body).toContain('value="/probe/person"');
      if (fields.password) expect(answer.body).not.toContain(fields.password);
      expect(await isLoggedIn(browser)).toBe(false);
    });

    it('lets typing begin where something is missing', async () => {
      const focused = (body: string) => /<input[^>]* id="(\w+)"[^>]*\bautofocus/.exec(body)?.[1];
      expect(focused((await web.browser().get('/signup')).body)).toBe('email');
      expect(focused((await web.browser().postForm('/signup', { email: 'new@example.org', password: 'x' })).body)).toBe('password');
      expect(focused((await web.browser().postForm('/signup', { email: 'x', password: 'x' })).body)).toBe('email');
      expect(focused((await web.browser().postForm('/login', { email: 'new@example.org', password: 'x' })).body)).toBe('password');
    });

    it('names both fields when both are wrong, and keeps the address', async () => {
      const { body } = await web.browser().postForm('/signup', { email: '<b>', password: 'x' });
      expect(body).toContain('2 things to correct below.');
      expect(body).toContain('value="&lt;b&gt;"');
    });

    it('refuses a taken address kindly, in any case of letters', async () => {
      const answer = await web.browser().postForm('/signup', { email: 'MIRA.L@example.org', password: PASSWORD });
      expect(answer.status).toBe(422);
      expect(answer.body).toContain('There is an account with this address already.');
    });

    it('lets one win when two take an address at the same moment', async () => {
      const pair = [web.browser(), web.browser()];
      const answers = await Promise.all(
        pair.map((browser) => browser.postForm('/signup', { email: 'twin@example.org', password: PASSWORD })),
      );
      expect(answers.map((answer) => answer.status).sort((a, b) => a - b)).toEqual([303, 422]);
      expect(answers.find((answer) => answer.status === 422)?.body).toContain('There is an account with this address already.');
      expect(await users().countBy({ email: 'twin@example.org' })).toBe(1);
    });

    it('makes those administrators whom the operator named', async () => {
      await web.browser().signUp('boss@example.org');
      expect((await users().findOneByOrFail({ email: 'boss@example.org' })).isAdmin).toBe(true);
    });

    it.each([
      ['email=a%40example.org&email=b%40example.org&password=12345678', 'Enter your email address'],
      ['email[]=a%40example.org&password=12345678', 'Enter your email address'],
      ['email[x]=a%40example.org&password[y]=12345678', 'Enter your email address'],
      ['__proto__[email]=a%40example.org&password=12345678', 'Enter your email address'],
      ['constructor=x&hasOwnProperty=y', 'Enter your email address'],
    ])('takes %s for what it is', async (body, sentence) => {
      const browser = web.browser();
      const answer = await browser.postBody('/signup', `_csrf=${await browser.token()}&${body}`);
      expect(answer.status).toBe(422);
      expect(answer.body).toContain(sentence);
      expect(({} as Record<string, unknown>)['email']).toBeUndefined();
    });

    it('refuses a password of a megabyte without hashing it', async () => {
      const answer = await web.browser().postForm('/signup', { email: 'big@example.org', password: 'x'.repeat(1_048_576) });
      expect(answer.status).toBe(413);
      const close = await web.browser().postForm('/signup', { email: 'big@example.org', password: 'x'.repeat(1_000_000) });
      expect(close.status).toBe(422);
    });
  });

  describe('logging in', () => {
    it('goes on to the page that was asked for', async () => {
      const browser = web.browser();
      const answer = await browser.postForm('/login', { email: ' MIRA.L@example.org', password: PASSWORD, next: '/probe/person' });
      expect([answer.status, answer.location]).toEqual([303, '/probe/person']);
      expect(await isLoggedIn(browser)).toBe(true);
    });

    it('says the same to a wrong password and to an unknown address', async () => {
      const fill = (body: string) => body.replace(/value="[^"]*"/g, '');
      const wrong = await web.browser().postForm('/login', { email: 'mira.l@example.org', password: 'wrong words' });
      const unknown = await web.browser().postForm('/login', { email: 'nobody@example.org', password: 'wrong words' });
      expect([wrong.status, unknown.status]).toEqual([422, 422]);
      expect(wrong.body).toContain('Email or password is wrong.');
      expect(fill(mainOf(wrong))).toBe(fill(mainOf(unknown)));
    });

    it('takes neither empty fields nor a password from the address line', async () => {
      expect((await web.browser().postForm('/login', {})).status).toBe(422);
      const answer = await web.browser().postForm(`/login?email=mira.l@example.org&password=${encodeURIComponent(PASSWORD)}`);
      expect(answer.status).toBe(422);
    });

    it.each(['//evil.test', '/\\evil.test', 'javascript:alert(1)', 'https://evil.test/', '/.//evil.test', '/login'])(
      'does not go on to %s',
      async (next) => {
        const browser = web.browser();
        expect((await browser.get(`/login?next=${encodeURIComponent(next)}`)).body).not.toContain('name="next"');
        const answer = await browser.postForm('/login', { email: 'mira.l@example.org', password: PASSWORD, next });
        expect([answer.status, answer.location]).toEqual([303, '/']);
      },
    );

    it('gives a new session id, so that a planted one is worth nothing', async () => {
      const browser = web.browser();
      await browser.signUp();
      const before = browser.cookies.get('showrunner_session');
      const answer = await browser.postForm('/login', { email: 'mira.l@example.org', password: PASSWORD });
      expect(answer.status).toBe(303);
      expect(browser.cookies.get('showrunner_session')).not.toBe(before);
      const attacker = web.browser();
      attacker.cookies.set('showrunner_session', before!);
      expect(await isLoggedIn(attacker)).toBe(false);
    });

    it('does not take an id that the visitor brought along', async () => {
      const browser = web.browser();
      browser.cookies.set('showrunner_session', 's%3Achosen-by-somebody.signature');
      await browser.signUp();
      expect(browser.cookies.get('showrunner_session')).not.toContain('chosen-by-somebody');
    });
  });

  describe('the session', () => {
    it('stands in the database as a hash, with its person and its end', async () => {
      const browser = web.browser();
      const { email } = await browser.signUp();
      const person = await users().findOneByOrFail({ email });
      const row = await sessions().findOneByOrFail({ userId: person.id });
      const id = decodeURIComponent(browser.cookies.get('showrunner_session')!).slice(2).split('.')[0];
      expect(row.idHash).toMatch(/^[0-9a-f]{64}$/);
      expect(JSON.stringify(row)).not.toContain(id);
      expect(row.expiresMs - row.createdMs).toBe(8 * 3_600_000);
    });

    it('comes as a cookie that scripts and other sites do not get', async () => {
      const answer = await web.browser().postForm('/login', { email: 'mira.l@example.org', password: PASSWORD });
      const cookie = answer.headers['set-cookie']?.find((line) => line.startsWith('showrunner_session='));
      expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    });

    it('is not made, and no cookie set, for a probe', async () => {
      const before = await sessions().count();
      const answer = await web.browser().get('/healthz');
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(await sessions().count()).toBe(before);
    });

    it('ends with the log-out, for a copied cookie too, and the back button finds nothing', async () => {
      const browser = web.browser();
      await browser.signUp();
      const page = await browser.get('/probe/person');
      expect(page.headers['cache-control']).toBe('no-store');
      const copied = new Map(browser.cookies);
      const answer = await browser.postForm('/logout');
      expect([answer.status, answer.location]).toEqual([303, '/']);
      expect(browser.cookies.has('showrunner_session')).toBe(false);
      const thief = web.browser();
      for (const [name, value] of copied) thief.cookies.set(name, value);
      expect((await thief.get('/probe/person')).location).toBe('/login?next=%2Fprobe%2Fperson');
    });

    it('ends when its time is over, and when its person is gone', async () => {
      for (const end of [
        (id: string) => sessions().update({ userId: id }, { expiresMs: Date.now() - 1 }),
        (id: string) => users().delete({ id }),
      ]) {
        const browser = web.browser();
        const { email } = await browser.signUp();
        const { id } = await users().findOneByOrFail({ email });
        expect(await isLoggedIn(browser)).toBe(true);
        await end(id);
        expect(await isLoggedIn(browser)).toBe(false);
      }
    });

    it('is written by a page view only once in a while', async () => {
      const browser = web.browser();
      const { email } = await browser.signUp();
      const { id, lastSeenMs } = await users().findOneByOrFail({ email });
      const row = await sessions().findOneByOrFail({ userId: id });
      await browser.get('/probe/person');
      expect(await sessions().findOneByOrFail({ userId: id })).toEqual(row);

      const idleTooLong = row.expiresMs - 600_000;
      await sessions().update({ userId: id }, { expiresMs: idleTooLong });
      await users().update({ id }, { lastSeenMs: lastSeenMs - 600_000 });
      await browser.get('/probe/person');
      expect((await sessions().findOneByOrFail({ userId: id })).expiresMs).toBeGreaterThanOrEqual(row.expiresMs);
      expect((await users().findOneByOrFail({ id })).lastSeenMs).toBeGreaterThanOrEqual(lastSeenMs);
    });

    it('never outlives its longest life', async () => {
      const browser = web.browser();
      const { email } = await browser.signUp();
      const { id } = await users().findOneByOrFail({ email });
      const row = await sessions().findOneByOrFail({ userId: id });
      const createdMs = row.createdMs - 7 * 86_400_000 + 60_000;
      await sessions().update({ userId: id }, { createdMs, expiresMs: row.createdMs + 30_000 });
      await browser.get('/probe/person');
      expect((await sessions().findOneByOrFail({ userId: id })).expiresMs).toBe(createdMs + 7 * 86_400_000);
    });
  });

  describe('guests', () => {
    it('get a space that belongs to their browser, and come back to it', async () => {
      const browser = web.browser();
      const answer = await browser.postForm('/guest', { next: '/probe/person' });
      expect([answer.status, answer.location]).toEqual([303, '/probe/person']);
      const cookie = answer.headers['set-cookie']?.find((line) => line.startsWith('showrunner_guest='));
      expect(cookie).toMatch(/^showrunner_guest=[A-Za-z0-9_-]{43}; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
      const guests = await users().findBy({ kind: 'guest' });
      expect(guests).toHaveLength(1);
      expect(guests[0]).toMatchObject({ email: null, passwordHash: null, isAdmin: false });
      expect(guests[0].displayName).toMatch(/^Guest [0-9A-F]{4}$/);
      expect(cookie).not.toContain(guests[0].guestKeyHash!);

      await browser.postForm('/logout');
      expect(await isLoggedIn(browser)).toBe(false);
      expect((await browser.get('/login')).body).toContain('Back to the space that this browser has as guest.');
      await browser.enterAsGuest();
      expect(await isLoggedIn(browser)).toBe(true);
      expect(await users().countBy({ kind: 'guest' })).toBe(1);
    });

    it('keep their key for as long as they come', async () => {
      const browser = web.browser();
      await browser.enterAsGuest();
      expect((await browser.get('/probe/person')).headers['set-cookie']).toBeUndefined();
      await sessions()
        .createQueryBuilder()
        .update()
        .set({ expiresMs: () => 'expires_ms - 600000' })
        .execute();
      const later = (await browser.get('/probe/person')).headers['set-cookie'];
      expect(later?.join()).toContain(`showrunner_guest=${browser.cookies.get('showrunner_guest')}; Max-Age=604800`);
    });

    it.each(['x', 'A'.repeat(43), `${'A'.repeat(42)}'`])('get a new space for the unknown key %s', async (key) => {
      const browser = web.browser();
      browser.cookies.set('showrunner_guest', key);
      const before = await users().countBy({ kind: 'guest' });
      await browser.enterAsGuest();
      expect(browser.cookies.get('showrunner_guest')).not.toBe(key);
      expect(await users().countBy({ kind: 'guest' })).toBe(before + 1);
    });

    it('keep who they are, and so all that is theirs, when they sign up', async () => {
      const browser = web.browser();
      await browser.enterAsGuest();
      const before = await users().findBy({ kind: 'guest' });
      expect((await browser.get('/signup')).body).toContain('What you made as guest moves with you.');
      await browser.signUp('was-guest@example.org');
      const account = await users().findOneByOrFail({ email: 'was-guest@example.org' });
      expect(before.map((guest) => guest.id)).toContain(account.id);
      expect(account).toMatchObject({ kind: 'account', displayName: 'was-guest', guestKeyHash: null });
      expect(browser.cookies.has('showrunner_guest')).toBe(false);
    });

    it('stay guests when the address is taken', async () => {
      const browser = web.browser();
      await browser.enterAsGuest();
      const answer = await browser.postForm('/signup', { email: 'was-guest@example.org', password: PASSWORD });
      expect(answer.status).toBe(422);
      expect(await isLoggedIn(browser)).toBe(true);
    });

    it('let one win when two guests take an address at the same moment', async () => {
      const pair = [web.browser(), web.browser()];
      for (const browser of pair) await browser.enterAsGuest();
      const answers = await Promise.all(
        pair.map((browser) => browser.postForm('/signup', { email: 'guest-twin@example.org', password: PASSWORD })),
      );
      expect(answers.map((answer) => answer.status).sort((a, b) => a - b)).toEqual([303, 422]);
    });
  });

  it('sends people with an account on from the log-in page', async () => {
    const browser = web.browser();
    await browser.signUp();
    expect((await browser.get('/login?next=/probe/person')).location).toBe('/probe/person');
    expect((await browser.get('/signup')).location).toBe('/');
    const again = await browser.postForm('/signup', { email: 'second@example.org', password: PASSWORD }, { page: '/nowhere' });
    expect(again.status).toBe(422);
    expect(again.body).toContain('Log out first to make another.');
  });
});

describe('too many tries', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({ TRUST_PROXY: '127.0.0.1' });
  });
  afterAll(() => web?.close());

  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  const attempt = (email: string, password: string, address: string) =>
    web.browser().postForm('/login', { email, password }, from(address));

  it('are refused for an account and a network with the time to wait, and for nobody else', async () => {
    await web.browser().signUp('target@example.org', PASSWORD);
    for (let tries = 0; tries < 5; tries += 1) expect((await attempt('target@example.org', 'wrong', '192.0.2.1')).status).toBe(422);
    const sixth = await attempt('target@example.org', PASSWORD, '192.0.2.1');
    expect(sixth.status).toBe(429);
    expect(Number(sixth.headers['retry-after'])).toBeGreaterThan(800);
    expect(sixth.body).toMatch(/Too many tries\. Wait 1[45] minutes, then try again\./);
    expect((await attempt('TARGET@example.org ', 'wrong', '::ffff:192.0.2.1')).status).toBe(429);
    expect((await attempt('target@example.org', PASSWORD, '192.0.2.2')).status).toBe(303);
    expect((await attempt('other@example.org', 'wrong', '192.0.2.1')).status).toBe(422);
  });

  it('count for the whole /64 of an IPv6 network', async () => {
    for (let tries = 1; tries <= 5; tries += 1) {
      expect((await attempt('target@example.org', 'wrong', `2001:db8:1:1::${tries}`)).status).toBe(422);
    }
    expect((await attempt('target@example.org', 'wrong', '2001:db8:1:1::6')).status).toBe(429);
    expect((await attempt('target@example.org', PASSWORD, '2001:db8:1:2::6')).status).toBe(303);
  });

  it('are counted per network over all accounts', async () => {
    for (let tries = 0; tries < 50; tries += 1) {
      expect((await attempt(`guess-${tries}@example.org`, '', '192.0.2.9')).status).toBe(422);
    }
    // Passport does not even ask about an empty password: only real guesses count.
    for (let tries = 0; tries < 50; tries += 1) await attempt(`guess-${tries}@example.org`, 'x', '192.0.2.9');
    expect((await attempt('one-more@example.org', 'x', '192.0.2.9')).status).toBe(429);
  });

  it('stop sign-ups and guests of one network, and the page says so', async () => {
    const browser = web.browser();
    const token = await browser.token();
    const sign = (count: number) =>
      browser.postBody('/signup', `_csrf=${token}&email=twin@example.org&password=${'x'.repeat(8)}${count}`, from('192.0.2.20').headers);
    const answers = [];
    for (let count = 0; count < 61; count += 1)
      answers.push((await sign(count)).status === 303 ? browser.cookies.delete('showrunner_session') : 0);
    const last = await sign(99);
    expect(last.status).toBe(429);
    expect(last.body).toContain('Too many tries.');
    for (let count = 0; count < 60; count += 1) {
      browser.cookies.delete('showrunner_session');
      browser.cookies.delete('showrunner_guest');
      await browser.postBody('/guest', `_csrf=${token}`, from('192.0.2.21').headers);
    }
    browser.cookies.delete('showrunner_session');
    browser.cookies.delete('showrunner_guest');
    expect((await browser.postBody('/guest', `_csrf=${token}`, from('192.0.2.21').headers)).status).toBe(429);
  });
});

describe('installations', () => {
  it('make the first account an administrator where that is set, and only one of two at once', async () => {
    const web = await startTestWebApp({ FIRST_ACCOUNT_IS_ADMIN: 'on' });
    try {
      const guest = web.browser();
      await guest.enterAsGuest();
      expect(mainOf(await guest.get('/signup'))).toContain('This is the first account here');
      const pair = [web.browser(), guest];
      await Promise.all(pair.map((browser, number) => browser.signUp(`first-${number}@example.org`)));
      expect(mainOf(await web.browser().get('/signup'))).not.toContain('This is the first account here');
      await web.browser().signUp('third@example.org');
      const admins = await web.app.get(DataSource).getRepository(User).findBy({ isAdmin: true });
      expect(admins).toHaveLength(1);
      expect(admins[0].email).toMatch(/^first-/);
    } finally {
      await web.close();
    }
  });

  it('turn guests away where that is set', async () => {
    const web = await startTestWebApp({ ALLOW_GUESTS: 'off' });
    try {
      const browser = web.browser();
      expect(mainOf(await browser.get('/login'))).not.toContain('Continue as guest');
      const answer = await browser.postForm('/guest');
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('Guests are not welcome on this installation.');
    } finally {
      await web.close();
    }
  });
});
