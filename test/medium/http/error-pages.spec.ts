import { connect } from 'node:net';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { COOKIES } from '../../../src/web/http/cookies';
import { ProbeRoutes } from '../../probe-routes';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const NUMBER = /r-[A-Za-z0-9_-]{7}/;

describe('error pages', () => {
  let web: TestWebApp;
  let visitor: TestBrowser;
  let person: TestBrowser;
  const errors: string[] = [];

  beforeAll(async () => {
    web = await startTestWebApp({ CONTACT_EMAIL: 'imaging@example.org' }, [ProbeRoutes]);
    visitor = web.browser();
    person = web.browser();
    await person.signUp();
    jest.spyOn(Logger.prototype, 'error').mockImplementation((...words: unknown[]) => void errors.push(words.join(' ')));
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await web?.close();
  });

  it.each([
    ['notFound', 404, 'There is nothing here'],
    ['forbidden', 403, 'This is not yours to open'],
    ['conflict', 409, 'Log out first'],
    ['input', 422, 'This is not an email address'],
    ['limit', 413, 'larger than this page accepts'],
    ['tries', 429, 'Wait 2 minutes'],
    ['unavailable', 503, 'try again in a minute'],
    ['diskFull', 507, 'The disk is full'],
    ['databaseAway', 503, 'Runs that are under way go on'],
    ['hungUp', 500, 'Something went wrong on our side'],
    ['defect', 500, 'Something went wrong on our side'],
    ['text', 500, 'Something went wrong on our side'],
    ['nothing', 500, 'Something went wrong on our side'],
  ])('%s: status %i, a sentence, two ways on, a number to quote, and no secret', async (kind, status, sentence) => {
    const answer = await person.get(`/probe/fail/${kind}`);
    const main = mainOf(answer);
    expect(answer.status).toBe(status);
    expect(main).toContain(sentence);
    expect(main.match(/<a class="btn/g)).toHaveLength(2);
    expect(main.match(/class="btn btn-primary"/g)).toHaveLength(1);
    expect(main).toContain(answer.headers['x-request-id']);
    expect(answer.headers['x-request-id']).toMatch(NUMBER);
    expect(main).toContain('mailto:imaging@example.org');
    expect(answer.body).not.toMatch(/secret|Error:| at .*\.ts|node_modules/);
  });

  it('write a defect with its stack and its number to the log, and nothing that was planned', async () => {
    errors.length = 0;
    const answer = await visitor.get('/probe/fail/defect');
    await visitor.get('/probe/fail/notFound');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(answer.headers['x-request-id']);
    expect(errors[0]).toContain('TypeError: secret of the code\n    at ');
  });

  it('tell who reloads what a form had answered, and nobody else', async () => {
    const answer = await person.get('/logout');
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
    expect(mainOf(answer)).toContain('This page cannot be opened by its address');
    const guest = web.browser();
    await guest.enterAsGuest();
    expect(mainOf(await guest.get('/admin'))).toContain('Only administrators can open this page.');
    expect(mainOf(await person.get('/runs/987654'))).toMatch(/class="btn btn-primary" href="\/queue"/);
    for (const path of ['/no/such/page', '/probe/fail/notFound']) expect((await person.get(path)).status).toBe(404);
    expect((await person.postForm('/help')).status).toBe(404);
  });

  it('are read by whoever sends too much, whole and in their language', async () => {
    const much = `name=${'x'.repeat(3_000_000)}`;
    const answer = await person.postBody('/projects', much, { referer: `${person.origin}/projects` });
    expect(answer.status).toBe(413);
    expect(mainOf(answer)).toContain('Too much was sent at once');
    expect(mainOf(answer)).toMatch(/Go back and send less[^]*<a class="btn btn-primary" href="\/projects">Back to the page<\/a>/);
    visitor.cookies.set(COOKIES.language, 'zh');
    expect(mainOf(await visitor.postBody('/login', much))).toContain('内容过大');
    visitor.cookies.delete(COOKIES.language);
  });

  it('say when to come back', async () => {
    expect((await visitor.get('/probe/fail/tries')).headers['retry-after']).toBe('61');
  });

  it('lead people to their places and strangers to the door', async () => {
    expect(mainOf(await person.get('/no/such/page'))).toMatch(/href="\/projects"[^]*href="\/queue"/);
    expect(mainOf(await visitor.get('/no/such/page'))).toMatch(/href="\/login"[^]*href="\/"/);
  });

  it('lead back to the page of a form that was refused, if it is one of ours', async () => {
    const back = async (referer: string) => mainOf(await person.postBody('/probe/form', '', { referer }));
    expect(await back(`${person.origin}/queue?x=1`)).toContain('href="/queue?x&#x3D;1"');
    for (const referer of ['http://evil.test/queue', 'x', '', `${person.origin}//evil.test`]) {
      expect(await back(referer)).toMatch(/href="\/projects"[^]*href="\/queue"/);
    }
  });

  it('send strangers to the log-in when they open a page, and tell them when they send a form', async () => {
    expect((await visitor.get('/probe/person?x=1&y=/z')).location).toBe('/login?next=%2Fprobe%2Fperson%3Fx%3D1%26y%3D%2Fz');
    const form = await visitor.postForm('/probe/runs/1');
    expect(form.status).toBe(401);
    expect(mainOf(form)).toContain('You are not logged in');
    expect(mainOf(form)).toContain('href="/login?next&#x3D;%2F"');
  });

  it('are JSON or one line for programs', async () => {
    const json = await visitor.get('/probe/fail/forbidden', { accept: 'application/json' });
    expect(json.headers['content-type']).toMatch(/^application\/json/);
    expect(JSON.parse(json.body)).toEqual({
      error: {
        status: 403,
        key: 'errors.forbidden',
        values: {},
        heading: 'This is not yours to open',
        message: expect.stringContaining('It belongs to somebody else'),
        request: expect.stringMatching(NUMBER),
      },
    });
    const line = await visitor.get('/probe/fail/notFound', { accept: 'text/event-stream' });
    expect(line.headers['content-type']).toMatch(/^text\/plain/);
    expect(line.body).toMatch(/^There is nothing here\n/);
    expect((await visitor.get('/probe/person', { accept: 'application/json' })).status).toBe(401);
  });

  it('show what was asked for as text only', async () => {
    const answer = await visitor.get('/%3Cimg%20src=x%20onerror=alert(1)%3E?a=%22%3E%3Cscript%3E');
    expect(answer.status).toBe(404);
    expect(answer.body).not.toMatch(/<img|"><script>/);
  });

  it.each(['/%', '/%zz', '/%c0%af', '/runs/%', '/probe/fail/%E0%A4%A'])('stand on their feet for the address %s', async (path) => {
    const answer = await person.get(path);
    expect([400, 404]).toContain(answer.status);
    expect(mainOf(answer)).toContain('<h1>');
  });

  it('let nobody call a handler whose rule was forgotten', async () => {
    errors.length = 0;
    const answer = await person.get('/probe/forgotten');
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain('nobody may see this');
    expect(errors.join()).toContain('ProbeController.forgotten has no @Access rule');
  });

  it('cut an answer off that fails half-way, instead of finishing it wrongly', async () => {
    await expect(visitor.get('/probe/half')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  it('stand in for a page that cannot be drawn', async () => {
    const answer = await visitor.get('/probe/undrawable');
    expect(answer.status).toBe(500);
    expect(mainOf(answer)).toContain('Something went wrong on our side');
  });

  it('answer what is no HTTP at all', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(web.port, '127.0.0.1', () => socket.write('GET / HTTP/9.9\r\nnonsense\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
  });

  it('show what a form did once, on the next page', async () => {
    await person.postForm('/probe/flash', {}, { page: '/no/page' });
    expect(mainOf(await person.get('/no/page'))).toContain('Guest was said');
    expect(mainOf(await person.get('/no/page'))).not.toContain('Guest was said');
  });
});

describe('without its database', () => {
  it('the web process says so in pages, to people with and without a session', async () => {
    const web = await startTestWebApp({}, [ProbeRoutes]);
    try {
      const person = web.browser();
      await person.signUp();
      await web.app.get(DataSource).destroy();
      for (const browser of [person, web.browser()]) {
        const answer = await browser.postBody('/login', '_csrf=x&email=a@x.org&password=y');
        expect([403, 500, 503]).toContain(answer.status);
        expect(mainOf(answer)).toContain('<h1>');
      }
      const page = await person.get('/queue');
      expect([page.status, page.headers['retry-after']]).toEqual([503, '60']);
      expect(mainOf(page)).toContain('The database cannot be reached just now. Runs that are under way go on');
      // Nobody can log in now.
      expect(page.body).not.toContain('href="/login"');
      person.cookies.set(COOKIES.language, 'zh');
      expect(mainOf(await person.get('/queue'))).toContain('正在进行的运行会继续');
      expect(page.body).toContain(page.headers['x-request-id']);
      expect((await person.get('/healthz')).status).toBe(200);
      const ready = await person.get('/readyz');
      expect([ready.status, JSON.parse(ready.body)]).toEqual([503, expect.objectContaining({ status: 'failing' })]);
    } finally {
      await web.close();
    }
  });
});
