import { ProbeRoutes } from '../../probe-routes';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

describe('the sessions of a guest who signs up', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({}, [ProbeRoutes]);
  });
  afterAll(() => web?.close());

  const statusOf = async (browser: TestBrowser) => (await browser.get('/probe/person')).status;

  it('end in every other browser: a key that somebody copied, or planted, does not open the account', async () => {
    const owner = web.browser();
    await owner.enterAsGuest();
    const copy = web.browser();
    copy.cookies.set('showrunner_guest', owner.cookies.get('showrunner_guest')!);
    await copy.enterAsGuest();
    expect(await statusOf(copy)).toBe(200);

    await owner.signUp();

    expect(await statusOf(owner)).toBe(200);
    expect(await statusOf(copy)).toBe(303);
  });
});
