import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { DataSource } from 'typeorm';
import { Project } from '../../../src/common/projects/project.entity';
import { User } from '../../../src/common/users/user.entity';
import { Passwords } from '../../../src/common/users/passwords';
import { follow, linkTo, mailsTo, UNREACHED_MAIL } from '../../account-links';
import { ProbeRoutes } from '../../probe-routes';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const PASSWORD = 'a few good words';
const MANY_PROJECTS = 10_000;
const SLOW_CONNECTIONS = 300;

/** Where people open a site: on the machine itself, which browsers trust, and by a name of the network, which they do not. */
const SITES = [
  { site: 'http://localhost', settings: {}, hostOf: (port: number) => `localhost:${port}` },
  { site: 'http://lab.test', settings: { PUBLIC_URL: 'http://lab.test' }, hostOf: () => 'lab.test' },
];

describe.each(SITES)('attacks on $site', ({ site, settings, hostOf }) => {
  let web: TestWebApp;
  let host: string;

  beforeAll(async () => {
    web = await startTestWebApp({ ...UNREACHED_MAIL, PUBLIC_URL: '', ...settings }, [ProbeRoutes]);
    host = hostOf(web.port);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => web?.close());

  const browser = () => web.browser(host);
  const isLoggedIn = async (one: TestBrowser) => (await one.get('/probe/person')).status === 200;
  const holding = (cookie: string, value: string | undefined) => {
    const one = browser();
    if (value !== undefined) one.cookies.set(cookie, value);
    return one;
  };

  describe('by another site', () => {
    const FORGED = {
      'another origin': { origin: 'http://evil.test' },
      'a sandboxed page': { origin: 'null' },
      'nothing that says where it is from': { origin: '' },
      'a sister site': { 'sec-fetch-site': 'same-site' },
      'another site': { 'sec-fetch-site': 'cross-site' },
    };

    it.each(Object.entries(FORGED))('with a form from %s: refused, with the cookie and the token of the victim', async (_name, headers) => {
      const victim = browser();
      await victim.enterAsGuest();
      const answer = await victim.postForm('/projects', { name: 'Forged' }, { headers, page: '/projects' });
      expect([answer.status, (await victim.get('/projects')).body.includes('Forged')]).toEqual([403, false]);
    });

    it('under a name that leads here (rebinding): no page, no session', async () => {
      for (const name of ['evil.test', `evil.test:${web.port}`, `${host.split(':')[0]}.evil.test`]) {
        const answer = await browser().get('/', { host: name });
        expect([name, answer.status]).toEqual([name, 400]);
        expect(String(answer.headers['set-cookie'])).not.toMatch(/showrunner_(session|guest)/);
      }
    });

    it('by a link to the log-in that leads away afterwards: it leads home', async () => {
      const { email } = await browser().signUp();
      for (const next of ['//evil.test', '/\\evil.test', '/\t/evil.test', 'javascript:alert(1)', 'https://evil.test']) {
        const { status, location } = await browser().postForm('/login', { email, password: PASSWORD, next });
        expect([next, status, location]).toEqual([next, 303, '/']);
      }
    });
  });

  describe('on a session', () => {
    it('by an id that was planted before the log-in: worth nothing after it', async () => {
      const victim = browser();
      await victim.enterAsGuest();
      const planted = victim.cookies.get('showrunner_session');
      await victim.signUp();
      expect(victim.cookies.get('showrunner_session')).not.toBe(planted);
      expect(await isLoggedIn(holding('showrunner_session', planted))).toBe(false);
    });

    it('by a cookie that was copied before the log-out: dead, and no page is kept by the browser', async () => {
      const victim = browser();
      await victim.signUp();
      const thief = holding('showrunner_session', victim.cookies.get('showrunner_session'));
      expect([await isLoggedIn(thief), (await victim.get('/projects')).headers['cache-control']]).toEqual([true, 'no-store']);
      await victim.postForm('/logout', {}, { page: '/projects' });
      expect(await isLoggedIn(thief)).toBe(false);
    });

    it('by the cookie of a guest: it opens the space of that guest, and no account that grew out of it', async () => {
      const guest = browser();
      await guest.enterAsGuest();
      const key = guest.cookies.get('showrunner_guest');
      expect(key).toBeDefined();
      await guest.signUp();
      const thief = holding('showrunner_guest', key);
      await thief.enterAsGuest();
      expect((await thief.get('/account')).status).not.toBe(200);
    });

    it('by another site name in a forwarded header: links in mails lead to this one', async () => {
      const { email } = await browser().signUp();
      await browser().postForm('/forgot', { email }, { headers: { 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' } });
      const [mail] = await mailsTo(web, email, 'reset');
      // Where no address was set it is the name of this machine.
      expect(mail.textBody).toContain('PUBLIC_URL' in settings ? `${site}/link/` : `http://${hostname()}`);
      expect(mail.textBody).not.toContain('evil.test');
      expect((await follow(browser(), await linkTo(web, email, 'reset'), { password: 'quite other words' })).status).toBe(303);
    });
  });

  describe('on passwords', () => {
    it('by guessing: the sixth guess has to wait, whatever address it claims to come from', async () => {
      const { email } = await browser().signUp();
      const guess = (from: string) =>
        browser().postForm('/login', { email, password: 'a wrong guess' }, { headers: { 'x-forwarded-for': from, 'x-real-ip': from } });
      for (const from of ['192.0.2.1', '192.0.2.2', '2001:db8::1', '::ffff:192.0.2.3', '127.0.0.1'])
        expect((await guess(from)).status).toBe(422);
      const sixth = await guess('192.0.2.6');
      expect([sixth.status, Number(sixth.headers['retry-after']) > 0]).toEqual([429, true]);
    });

    it('by asking who has an account: the same words and the same work for one who has none', async () => {
      const { email } = await browser().signUp();
      const verify = jest.spyOn(web.app.get(Passwords, { strict: false }), 'matches');
      const wordsFor = async (one: string) => {
        const answer = await browser().postForm('/login', { email: one, password: 'a wrong guess' });
        return [
          answer.status,
          mainOf(answer)
            .replaceAll(one, 'x')
            .replaceAll(/nonce="[^"]*"|value="[^"]*"|#[\w-]{7,}/g, ''),
        ];
      };
      expect(await wordsFor('nobody-has-this@example.org')).toEqual(await wordsFor(email));
      expect(verify).toHaveBeenCalledTimes(2);
    });

    it('by one of a megabyte, or of more than a form may have: refused', async () => {
      const send = async (bytes: number) =>
        (await browser().postForm('/login', { email: 'a@example.org', password: 'x'.repeat(bytes) })).status;
      expect([await send(1_000_000), await send(1_100_000)]).toEqual([422, 413]);
    });
  });

  describe('by exhaustion', () => {
    it('with connections that never finish their request: pages are served to others', async () => {
      const slow = await Promise.all(Array.from({ length: SLOW_CONNECTIONS }, () => halfRequest(web.port, host)));
      expect((await browser().get('/login')).status).toBe(200);
      for (const socket of slow) socket.destroy();
    });

    it('with very many projects: their page stays one page', async () => {
      const owner = browser();
      const { email } = await owner.signUp();
      const dataSource = web.app.get(DataSource);
      const { id: ownerId } = await dataSource.getRepository(User).findOneByOrFail({ email });
      const aProject = (number: number) => ({
        id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
        ownerId,
        homeId: ownerId,
        name: `Project ${number}`,
        createdMs: number,
        changedMs: number,
      });
      const projects = Array.from({ length: MANY_PROJECTS }, (_, number) => aProject(number));
      // Read back one by one they would be one condition too long for SQLite.
      const insert = dataSource.createQueryBuilder().insert().into(Project).updateEntity(false);
      for (let from = 0; from < MANY_PROJECTS; from += 1000) await insert.values(projects.slice(from, from + 1000)).execute();
      const page = await owner.get('/projects');
      expect([page.status, page.body.length < 500_000]).toEqual([200, true]);
    });
  });
});

/** A connection that has sent the beginning of a request. */
function halfRequest(port: number, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
      resolve(socket);
    });
    socket.on('error', reject);
  });
}
