import { startTestWebApp, type TestWebApp } from '../../web-app';

describe('accounts', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({ FIRST_ACCOUNT_IS_ADMIN: 'on' });
  });
  afterAll(() => web?.close());

  it('signs up, is logged in at once, and goes on to the page that was asked for', async () => {
    const browser = web.browser();
    const page = await browser.get('/signup?next=/projects');
    expect(page.status).toBe(200);
    const answer = await browser.postForm('/signup', { email: 'Mira@Example.org', password: 'owl and moon', next: '/projects?x=1' });
    expect(answer.status).toBe(303);
    expect(answer.location).toBe('/projects?x=1');
  });
});
