import { DataSource } from 'typeorm';
import { CleaningsRepository } from '../../../src/common/cleaning/cleanings.repository';
import { Mail } from '../../../src/common/mail/mail.entity';
import { NEVER_MS } from '../../../src/common/database/never';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { aRunner } from '../queue/queue-stage';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const DAY_MS = 86_400_000;

describe('overview of the administration', () => {
  let web: TestWebApp;
  let admin: TestBrowser;

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'root@example.org' });
    admin = web.browser();
    await admin.signUp('root@example.org');
  });
  afterAll(() => web?.close());

  const look = async () => mainOf(await admin.get('/admin'));
  const words = (html: string) =>
    html
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();

  it('names what needs the administrator, and where it is mended', async () => {
    const mail = { runId: null, kind: 'reset' as const, attempt: 0, recipient: 'a@example.org', subject: 's', textBody: '', htmlBody: '' };
    const times = { createdMs: 1, nextTryMs: NEVER_MS, tries: 9, sentMs: null, lastError: 'no route' };
    await web.app
      .get(DataSource)
      .getRepository(Mail)
      .insert({ ...mail, ...times });
    const html = await look();
    expect(words(html)).toMatch(/No runner is alive.*1 mail was given up.*The cleaner has never run/);
    expect(html).toContain('href="/admin/runners">Runners</a>');
    expect(html).not.toContain('All is well');
  });

  it('is quiet when all is well', async () => {
    await web.app.get(DataSource).getRepository(Mail).clear();
    const cleanings = web.app.get(CleaningsRepository, { strict: false });
    await cleanings.end(await cleanings.begin(Date.now() - 4 * DAY_MS), Date.now() - 4 * DAY_MS, []);
    expect(words(await look())).toContain('The cleaner has not run for days');
    await cleanings.end(await cleanings.begin(Date.now()), Date.now(), []);
    // One that has not come to its end changes nothing.
    await cleanings.begin(Date.now());
    await web.app.get(QueueStore).registerRunner(aRunner('dgx'));
    const html = words(await look());
    expect(html).toContain('All is well');
    expect(html).toMatch(/Runs under way 0 .* Accounts 1/);
    await web.app.get(DataSource).query('UPDATE runners SET beat_ms = beat_ms - 600000');
    const silent = words(await look());
    expect(silent).toMatch(/Last sign of life: dgx, 10 min ago \. Nothing starts until/);
    expect(silent).not.toContain('The runner dgx is silent');
  });

  it('has a navigation with the parts that have pages, on its pages alone, and for administrators alone', async () => {
    const { body } = await admin.get('/admin');
    expect(body).toMatch(/<nav class="admin-nav" aria-label="Administration">[^]*aria-current="page"[^]*Overview/);
    expect((await admin.get('/projects')).body).not.toContain('admin-nav');
    expect((await admin.get('/projects')).body).toContain('href="/admin"');
    const person = web.browser();
    await person.signUp('mira@example.org');
    expect((await person.get('/projects')).body).not.toContain('href="/admin"');
  });
});
