import { DataSource } from 'typeorm';
import { User } from '../../../src/common/users/user.entity';
import { ProbeRoutes } from '../../probe-routes';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

/** Guests as the older system had them. The test is the proxy, and says where its browsers are. */
describe('guests by network address', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({ GUEST_KEY: 'ip', TRUST_PROXY: '127.0.0.1' }, [ProbeRoutes]);
  });
  afterAll(() => web?.close());

  const at = (address: string) => ({ 'x-forwarded-for': address });
  const enter = (browser: TestBrowser, address: string) => post(browser, address, '/guest');
  const guests = () => web.app.get(DataSource).getRepository(User).countBy({ kind: 'guest' });
  const create = (browser: TestBrowser, address: string, name: string) => post(browser, address, '/projects', { name });
  const projectsAt = async (browser: TestBrowser, address: string) => mainOf(await browser.get('/projects', at(address)));

  /** A form of a page that was read from there, too. */
  async function post(browser: TestBrowser, address: string, path: string, fields: Record<string, string> = {}) {
    const { body } = await browser.get('/no/such/page', at(address));
    const token = /name="_csrf" value="([^"]+)"/.exec(body)![1];
    return browser.postBody(path, new URLSearchParams({ _csrf: token, ...fields }).toString(), at(address));
  }

  it('share the space of their address, written in whatever way, and get no key', async () => {
    const [one, other] = [web.browser(), web.browser()];
    expect((await enter(one, '192.0.2.7')).status).toBe(303);
    expect(one.cookies.has('showrunner_guest')).toBe(false);
    expect((await create(one, '192.0.2.7', 'Shared spleen')).status).toBe(303);
    await enter(other, '::ffff:192.0.2.7');
    expect(await projectsAt(other, '192.0.2.7')).toContain('Shared spleen');
    expect(await projectsAt(other, '192.0.2.7')).toContain('Everybody at your network address sees it');
    const stranger = web.browser();
    stranger.cookies.set('showrunner_guest', 'A'.repeat(43));
    await enter(stranger, '192.0.2.8');
    expect(await projectsAt(stranger, '192.0.2.8')).not.toContain('Shared spleen');
    expect(await guests()).toBe(2);
  });

  it('are one for a /64 of IPv6, and one when two come at the same moment', async () => {
    const before = await guests();
    const pair = [web.browser(), web.browser()];
    const answers = await Promise.all(pair.map((browser, index) => enter(browser, `2001:db8:1:1::${index + 1}`)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(await guests()).toBe(before + 1);
    await enter(web.browser(), '2001:db8:1:2::1');
    expect(await guests()).toBe(before + 2);
  });

  it('need their session and their address: neither opens the space alone', async () => {
    const browser = web.browser();
    await enter(browser, '192.0.2.30');
    expect((await browser.get('/probe/person', at('192.0.2.30'))).status).toBe(200);
    expect((await browser.get('/probe/person', at('192.0.2.31'))).status).toBe(303);
    expect((await web.browser().get('/probe/person', at('192.0.2.30'))).status).toBe(303);
  });

  it('are as safe from pages of other sites as everybody', async () => {
    const browser = web.browser();
    const token = await browser.token();
    for (const headers of [
      { origin: 'http://evil.test' },
      { origin: 'null' },
      { origin: '' },
      { host: 'evil.test', origin: 'http://evil.test' },
    ]) {
      const { status } = await browser.postBody('/guest', `_csrf=${token}`, {
        ...at('192.0.2.40'),
        ...(headers as Record<string, string>),
      });
      expect([headers, status]).toEqual([headers, 'host' in headers ? 400 : 403]);
    }
    expect((await browser.postBody('/guest', '', at('192.0.2.40'))).status).toBe(403);
  });

  it('take nothing along into an account, neither at sign-up nor at log-in, because it may be that of others', async () => {
    const browser = web.browser();
    await enter(browser, '192.0.2.50');
    await create(browser, '192.0.2.50', 'Everybody’s');
    expect(mainOf(await browser.get('/signup', at('192.0.2.50')))).not.toContain('moves with you');
    const account = { email: 'own@example.org', password: 'a few good words' };
    expect((await post(browser, '192.0.2.50', '/signup', account)).status).toBe(303);
    expect(await projectsAt(browser, '192.0.2.50')).not.toContain('Everybody’s');
    const again = web.browser();
    await enter(again, '192.0.2.50');
    expect(await projectsAt(again, '192.0.2.50')).toContain('Everybody’s');
    await post(again, '192.0.2.50', '/login', account);
    expect(await projectsAt(again, '192.0.2.50')).not.toContain('Everybody’s');
    const third = web.browser();
    await enter(third, '192.0.2.50');
    expect(await projectsAt(third, '192.0.2.50')).toContain('Everybody’s');
  });
});

it('a space of an address lets nobody in any more once the setting is taken back', async () => {
  const web = await startTestWebApp({ GUEST_KEY: 'ip', TRUST_PROXY: 'none' }, [ProbeRoutes]);
  try {
    const browser = web.browser();
    await browser.enterAsGuest();
    expect((await browser.get('/probe/person')).status).toBe(200);
    Object.assign(web.database.config, { settings: { ...web.database.config.settings, GUEST_KEY: 'cookie' } });
    expect((await browser.get('/probe/person')).status).toBe(303);
    await browser.enterAsGuest();
    expect((await browser.get('/probe/person')).status).toBe(200);
  } finally {
    await web.close();
  }
});

it('a guest cannot choose an address where there is no proxy', async () => {
  const web = await startTestWebApp({ GUEST_KEY: 'ip', TRUST_PROXY: 'none' });
  try {
    for (const address of ['192.0.2.7', '192.0.2.8'])
      await web.browser().postForm('/guest', {}, { headers: { 'x-forwarded-for': address } });
    expect(await web.app.get(DataSource).getRepository(User).countBy({ kind: 'guest' })).toBe(1);
  } finally {
    await web.close();
  }
});
