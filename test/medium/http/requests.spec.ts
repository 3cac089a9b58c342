import { hostname } from 'node:os';
import { ProbeRoutes } from '../../probe-routes';
import { startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

describe('forms of other sites', () => {
  let web: TestWebApp;
  let browser: TestBrowser;

  beforeAll(async () => {
    web = await startTestWebApp({ ALLOWED_HOSTS: 'lab.test' }, [ProbeRoutes]);
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web?.close());

  const post = (headers: Record<string, string>, fields: Record<string, string> = {}) =>
    browser.postForm('/probe/form', fields, { headers: { accept: 'application/json', ...headers }, page: '/nowhere' });

  it.each([
    ['the Origin of plain http', () => ({})],
    ['Sec-Fetch-Site of https and localhost', () => ({ origin: '', 'sec-fetch-site': 'same-origin' })],
    ['a form that the person sends anew', () => ({ origin: '', 'sec-fetch-site': 'none' })],
    ['the Origin of another allowed name', () => ({ host: `lab.test:${web.port}`, origin: `http://lab.test:${web.port}` })],
    ['the Origin of an address', () => ({ host: `127.0.0.1:${web.port}`, origin: `http://127.0.0.1:${web.port}` })],
    ['a name in capitals', () => ({ host: `LAB.test:${web.port}`, origin: `http://lab.test:${web.port}` })],
  ])('are told from our own by %s', async (_name, headers) => {
    expect((await post(headers())).status).toBe(201);
  });

  it.each([
    ['another origin', () => ({ origin: 'http://evil.test' })],
    ['the same host on another port', () => ({ origin: `http://localhost:${web.port + 1}` })],
    ['a name that begins with ours', () => ({ origin: `http://localhost:${web.port}.evil.test` })],
    ['a sandboxed page', () => ({ origin: 'null' })],
    ['no origin at all', () => ({ origin: '' })],
    ['another site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['a sister site', () => ({ 'sec-fetch-site': 'same-site' })],
    ['nonsense', () => ({ origin: 'file:///tmp/x.html' })],
  ])('are refused from %s, even with a token', async (_name, headers) => {
    const answer = await post(headers());
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('from another site');
  });

  it('are refused for every method that may change something', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      const answer = await browser.send('/probe/form', { method, headers: { origin: 'http://evil.test' } });
      expect([method, answer.status]).toEqual([method, 403]);
    }
  });

  describe('without a token', () => {
    it.each([
      ['none', ''],
      ['an empty one', '_csrf='],
      ['a wrong one', `_csrf=${'A'.repeat(43)}`],
      ['two', '_csrf=a&_csrf=b'],
      ['an object', '_csrf[x]=a'],
    ])('are refused: %s', async (_name, body) => {
      const answer = await browser.postBody('/probe/form', body);
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('Open the page again');
    });

    it('are refused: the token of another session, of a visitor, of an earlier session', async () => {
      const other = web.browser();
      await other.signUp();
      const visitor = web.browser();
      const again = web.browser();
      const { email, password } = await again.signUp();
      const earlier = await again.token('/nowhere');
      await again.postForm('/logout', {}, { page: '/nowhere' });
      await again.postForm('/login', { email, password });
      for (const [sender, token] of [
        [browser, await other.token('/nowhere')],
        [browser, await visitor.token()],
        [visitor, await browser.token('/nowhere')],
        [again, earlier],
      ] as const) {
        expect((await sender.postBody('/probe/form', `_csrf=${token}`)).status).toBe(403);
      }
    });

    it('are refused as multipart, text and JSON too', async () => {
      for (const type of [
        'multipart/form-data; boundary=x',
        'text/plain',
        'application/json',
        'application/x-www-form-urlencoded; charset=x',
      ]) {
        const answer = await browser.send('/probe/form', { method: 'POST', headers: { 'content-type': type }, body: '{}' });
        expect([type, answer.status >= 400 && answer.status < 500]).toEqual([type, true]);
      }
    });

    it('may come from our scripts, with the token in a header', async () => {
      const token = await browser.token('/nowhere');
      const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-csrf-token': token };
      const answer = await browser.send('/probe/form', { method: 'POST', headers, body: '{"a":1}' });
      expect([answer.status, JSON.parse(answer.body)]).toEqual([201, { form: { a: 1 } }]);
    });
  });

  describe('to a handler that reads its body itself', () => {
    const multipart = (token: string) => ({
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: `--x\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n${token}\r\n--x--\r\n`,
    });

    it('are kept with the right token and refused with a wrong one', async () => {
      expect((await browser.send('/probe/own-body', multipart(await browser.token('/nowhere')))).body).toBe('kept');
      expect((await browser.send('/probe/own-body', multipart('wrong'))).status).toBe(403);
      expect((await browser.send('/probe/own-body', { ...multipart('x'), body: '' })).status).toBe(403);
    });
  });

  it('parse odd names into plain data', async () => {
    const token = await browser.token('/nowhere');
    const send = async (body: string) =>
      (await browser.postBody('/probe/form', `_csrf=${token}&${body}`, { accept: 'application/json' })).body;
    expect(JSON.parse(await send('a[b][c]=1&list[]=x&list[]=y'))).toMatchObject({ form: { a: { b: { c: '1' } }, list: ['x', 'y'] } });
    expect(await send('__proto__[polluted]=1&constructor[prototype][polluted]=1')).not.toContain('"__proto__"');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const { body } = await browser.get('/probe/query?p=a&p=b&q[x]=1&__proto__[polluted]=1', { accept: 'application/json' });
    expect(JSON.parse(body)).toEqual({ query: { p: ['a', 'b'], q: { x: '1' } } });
  });

  it('have a size and a number of fields that they may not pass', async () => {
    const token = await browser.token('/nowhere');
    expect((await browser.postBody('/probe/form', `_csrf=${token}&a=${'x'.repeat(1_100_000)}`)).status).toBe(413);
    expect((await browser.postBody('/probe/form', `_csrf=${token}${'&a=1'.repeat(10_001)}`)).status).toBe(413);
    expect((await browser.postBody('/probe/form', `_csrf=${token}&${'a[b]'.repeat(1)}${'[c]'.repeat(40)}=1`)).status).toBeLessThan(500);
  });
});

describe('host names', () => {
  const ask = async (settings: Record<string, string>, hosts: string[], headers: Record<string, string> = {}) => {
    const web = await startTestWebApp(settings, [ProbeRoutes]);
    try {
      const answers: [string, number][] = [];
      for (const host of hosts) answers.push([host, (await web.browser().get('/login', { host, ...headers })).status]);
      return answers;
    } finally {
      await web.close();
    }
  };
  const all = (hosts: string[], status: number) => hosts.map((host) => [host, status]);

  it('are, without PUBLIC_URL: localhost, any address, this machine, and those allowed', async () => {
    const good = ['localhost', 'localhost:8080', '192.0.2.7:8080', '[::1]:8080', '127.0.0.1', hostname(), 'LAB.test:99', 'lab.test.'];
    const bad = [
      'evil.test',
      'evil.test:8080',
      'localhost.evil.test',
      'lab.test.evil.test',
      '1.2.3.4.evil.test',
      'x@localhost',
      '[::1',
      '',
    ];
    expect(await ask({ ALLOWED_HOSTS: 'Lab.test' }, good)).toEqual(all(good, 200));
    const refused = await ask({ ALLOWED_HOSTS: 'lab.test' }, bad);
    expect(refused).toEqual(all(bad, 400));
  });

  it('are, with PUBLIC_URL: its own, localhost, and those allowed', async () => {
    const settings = { PUBLIC_URL: 'http://lab.test:8099', ALLOWED_HOSTS: 'old.test' };
    expect(await ask(settings, ['lab.test:8099', 'lab.test', 'localhost', 'old.test'])).toEqual(
      all(['lab.test:8099', 'lab.test', 'localhost', 'old.test'], 200),
    );
    expect(await ask(settings, ['evil.test', '192.0.2.7', hostname()])).toEqual(all(['evil.test', '192.0.2.7', hostname()], 400));
  });

  it('come from a proxy header only where the proxy is known', async () => {
    const forged = { 'x-forwarded-host': 'localhost' };
    expect(await ask({}, ['evil.test'], forged)).toEqual([['evil.test', 400]]);
    expect(await ask({ TRUST_PROXY: '192.0.2.1' }, ['evil.test'], forged)).toEqual([['evil.test', 400]]);
    expect(await ask({ TRUST_PROXY: '127.0.0.1' }, ['upstream'], forged)).toEqual([['upstream', 200]]);
    expect(await ask({ TRUST_PROXY: '127.0.0.1' }, ['localhost'], { 'x-forwarded-host': 'evil.test' })).toEqual([['localhost', 400]]);
  });

  it('that are refused get a page that says what to set', async () => {
    const web = await startTestWebApp();
    try {
      const answer = await web.browser().get('/login', { host: 'evil.test' });
      expect(answer.body).toContain('does not answer under the name evil.test');
      expect(answer.body).toContain('ALLOWED_HOSTS');
      expect((await web.browser().get('/healthz', { host: 'pod-7.internal' })).status).toBe(200);
    } finally {
      await web.close();
    }
  });

  it('of a proxy list that is no list of addresses stop the start', async () => {
    await expect(startTestWebApp({ TRUST_PROXY: 'my-proxy.test' })).rejects.toThrow(/TRUST_PROXY: .*list addresses/);
  });
});

describe('the network address', () => {
  it('is taken from X-Forwarded-For of known proxies only', async () => {
    const guess = async (web: TestWebApp, forwarded: string) =>
      (await web.browser().postForm('/login', { email: 'a@x.org', password: 'x' }, { headers: { 'x-forwarded-for': forwarded } })).status;
    const web = await startTestWebApp();
    try {
      for (let tries = 1; tries <= 5; tries += 1) expect(await guess(web, `192.0.2.${tries}`)).toBe(422);
      expect(await guess(web, '192.0.2.99')).toBe(429);
    } finally {
      await web.close();
    }
  });
});

describe('headers', () => {
  const headersOf = async (settings: Record<string, string>, host = 'localhost'): Promise<TestAnswer> => {
    const web = await startTestWebApp(settings);
    try {
      return await web.browser().get('/login', { host });
    } finally {
      await web.close();
    }
  };

  it('hold pages on plain http without breaking them', async () => {
    const { headers, body } = await headersOf({});
    const policy = headers['content-security-policy'] as string;
    expect(policy).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9_-]{22}'/);
    expect(policy).toContain("style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toMatch(/upgrade-insecure-requests|unsafe-/);
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
    for (const name of ['strict-transport-security', 'cross-origin-opener-policy', 'origin-agent-cluster', 'x-powered-by']) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(body).not.toMatch(/ style="| on[a-z]+="|<script>/);
    expect(body).not.toMatch(/(src|href|action)="(https?:)?\/\//);
  });

  it('have another nonce with each answer', async () => {
    const web = await startTestWebApp();
    try {
      const browser = web.browser();
      const nonces = await Promise.all([1, 2, 3].map(async () => (await browser.get('/login')).headers['content-security-policy']));
      expect(new Set(nonces).size).toBe(3);
    } finally {
      await web.close();
    }
  });

  it('add what needs https under an https PUBLIC_URL, and only then', async () => {
    const answer = await headersOf({ PUBLIC_URL: 'https://lab.test' }, 'lab.test');
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(answer.headers['content-security-policy']).toContain('upgrade-insecure-requests');
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^showrunner_visitor=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const plain = await headersOf({ PUBLIC_URL: 'http://lab.test' }, 'lab.test');
    expect(plain.headers['set-cookie']?.[0]).not.toContain('Secure');
  });

  it('let people log in behind an https proxy that sends no X-Forwarded-Proto', async () => {
    const web = await startTestWebApp({ PUBLIC_URL: 'https://lab.test' }, [ProbeRoutes]);
    try {
      const browser = web.browser();
      const headers = { host: 'lab.test', origin: 'https://lab.test' };
      const answer = await browser.postForm('/signup', { email: 'a@example.org', password: 'a few good words' }, { headers });
      expect(answer.status).toBe(303);
      expect(answer.headers['set-cookie']?.join()).toMatch(/showrunner_session=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax/);
      expect((await browser.get('/probe/person', { host: 'lab.test' })).status).toBe(200);
    } finally {
      await web.close();
    }
  });
});

describe('a path below another site', () => {
  let web: TestWebApp;

  beforeAll(async () => {
    web = await startTestWebApp({ PUBLIC_URL: 'http://lab.test/showrunner' }, [ProbeRoutes]);
  });
  afterAll(() => web?.close());

  const headers = { host: 'lab.test', origin: 'http://lab.test' };

  it.each([
    ['keeps', '/showrunner'],
    ['strips', ''],
  ])('works behind a proxy that %s it', async (_name, prefix) => {
    const browser = web.browserBelow(prefix);
    const asked = await browser.send('/probe/person?x=1', { headers });
    expect(asked.location).toBe('/showrunner/login?next=%2Fprobe%2Fperson%3Fx%3D1');
    const page = await browser.send('/signup?next=/probe/person', { headers });
    expect(page.body).toContain('action="/showrunner/signup"');
    expect(page.body).toContain('href="/showrunner/login?next&#x3D;%2Fprobe%2Fperson"');
    expect(page.headers['set-cookie']?.[0]).toContain('; Path=/showrunner; ');
    const token = /name="_csrf" value="([^"]+)"/.exec(page.body)![1];
    const email = `${prefix.slice(1)}x@example.org`;
    const body = new URLSearchParams({ _csrf: token, email, password: 'a few good words', next: '/probe/person' }).toString();
    const answer = await browser.postBody('/signup', body, headers);
    expect([answer.status, answer.location]).toEqual([303, '/showrunner/probe/person']);
    expect(answer.headers['set-cookie']?.join()).toMatch(/showrunner_session=[^;]+; Path=\/showrunner; HttpOnly/);
    expect((await browser.send('/probe/person', { headers })).status).toBe(200);
    expect((await browser.send('/probe/fail/notFound', { headers })).body).toContain('href="/showrunner/projects"');
  });

  it('does not take a longer name for its own, and knows itself without a slash', async () => {
    const browser = web.browserBelow('');
    expect((await browser.send('/showrunner2/login', { headers })).status).toBe(404);
    expect((await browser.send('/showrunnerlogin', { headers })).status).toBe(404);
    const bare = await browser.send('/showrunner?x=1', { headers });
    expect(bare.body).toContain('name="back" value="/?x&#x3D;1"');
  });

  it('takes the Origin of PUBLIC_URL where a proxy changes the Host', async () => {
    const browser = web.browserBelow('');
    const token = await (async () => /name="_csrf" value="([^"]+)"/.exec((await browser.send('/login')).body)![1])();
    const ours = { host: 'localhost:8080', origin: 'http://lab.test' };
    expect((await browser.postBody('/probe/form', `_csrf=${token}`, ours)).status).toBe(201);
    expect((await browser.postBody('/probe/form', `_csrf=${token}`, { ...ours, origin: 'http://lab.test:81' })).status).toBe(403);
  });
});
