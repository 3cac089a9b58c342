import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { RemovalWarnings } from '../../../src/common/cleaning/removal-warnings';
import { MailDesk } from '../../../src/common/mail/mail-desk';
import { Mail } from '../../../src/common/mail/mail.entity';
import { MailServerRepository } from '../../../src/common/mail/mail-server.repository';
import { OutboxRepository } from '../../../src/common/mail/outbox.repository';
import { NEVER_MS } from '../../../src/common/database/never';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { QueueStore, type NewRun } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { User } from '../../../src/common/users/user.entity';
import { aCapacity, aNewRun } from '../../factories';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

const DAY_MS = 86_400_000;
const RUNNER = { ...aCapacity({ name: 'ws-1', slots: 2 }), incarnation: randomUUID(), host: 'ws-1', bootId: 'b', pokeAddress: null };
const HANDLE = { kind: 'process', pid: 1, startTicks: '1', host: 'h', bootId: 'b' } as const;

/** The pages of an administrator who looks after queue, mail and cleaner, on one application. */
describe('operations', () => {
  let web: TestWebApp;
  let store: QueueStore;
  let runs: RunsRepository;
  let admin: TestBrowser;
  let mira: TestBrowser;
  let miraId: string;
  let projectId: string;

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'root@example.org', SMTP_URL: 'smtp://127.0.0.1:9', RETENTION_DAYS: '7', WARN_DAYS: '2' });
    store = web.app.get(QueueStore);
    runs = web.app.get(RunsRepository);
    admin = web.browser();
    await admin.signUp('root@example.org');
    mira = web.browser();
    await mira.signUp('mira@example.org');
    const users = web.app.get(DataSource).getRepository(User);
    miraId = (await users.findOneByOrFail({ email: 'mira@example.org' })).id;
    projectId = (await web.app.get(ProjectCreation).create(miraId, 'Spleen')).id;
    // Where mails are sent, an address has to prove itself first.
    await users.update({ email: 'root@example.org' }, { isAdmin: true, confirmedMs: 1 });
    // Signing up wrote mails.
    await web.app.get(DataSource).getRepository(Mail).clear();
  });
  afterEach(async () => {
    await store.letQueueGo();
    for (const run of await runs.listWaitingAndHeld()) {
      await store.requestCancel(run.id, 'Tidy.');
      await store.cancelStarting({ runId: run.id, fence: run.fence });
    }
  });
  afterAll(() => web?.close());

  const words = (answer: TestAnswer) =>
    mainOf(answer)
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  const ask = async (over: Partial<NewRun> = {}) => (await store.enqueue(aNewRun({ ownerId: miraId, projectId, ...over }))).runId;
  const steer = (steering: string, ids: number[], reason = '') =>
    admin.postForm('/admin/queue/steer', [
      ['steering', steering],
      ['reason', reason],
      ...ids.map((id): [string, string] => ['run', String(id)]),
    ]);
  const claim = async () => (await store.claim(RUNNER, 9)).map(({ id }) => id);

  describe('the order of the queue', () => {
    it('is changed for several runs at once, and within one line by a button', async () => {
      const [one, two, three] = [await ask(), await ask(), await ask()];
      expect(words(await admin.get('/admin/queue'))).toMatch(new RegExp(`#${one} Nuclei .*#${two} Nuclei .*#${three} Nuclei`));
      const moved = await admin.postForm('/admin/queue/place', { move: `${three} before ${two}` });
      expect(moved.status).toBe(303);
      expect(words(await admin.get('/admin/queue'))).toMatch(
        new RegExp(`Run #${three} goes before run #${two} now.*#${one} Nuclei .*#${three} Nuclei .*#${two} Nuclei`),
      );
      await steer('front', [two, three]);
      expect(words(await admin.get('/admin/queue'))).toMatch(/stand at the front/);
      await steer('back', [one]);
      await store.registerRunner(RUNNER);
      expect(await claim()).toEqual(expect.arrayContaining([three, two]));
      expect((await runs.find(one))?.state).toBe('queued');
    });

    it('tells an administrator whose page is old, and changes nothing else', async () => {
      const [one, two] = [await ask(), await ask()];
      await store.requestCancel(two, 'Mira did it.');
      await admin.postForm('/admin/queue/place', { move: `${one} after ${two}` });
      expect(words(await admin.get('/admin/queue'))).toContain(`Nothing was moved. Run #${two} no longer waits in the line`);
      await steer('hold', [one, two]);
      const page = words(await admin.get('/admin/queue'));
      expect(page).toContain(`Run #${one} waits until it is let go.`);
      expect(page).toContain(`Run #${two} no longer waits.`);
      expect(page).toMatch(/on hold/);
      expect(words(await mira.get('/queue'))).toMatch(/On hold, by root/);
      await steer('release', [one]);
      expect(await runs.find(one)).toMatchObject({ state: 'queued', dueMs: null });
    });

    it('asks for a reason before it cancels, keeps what was picked, and tells the owner', async () => {
      const id = await ask();
      const refused = await steer('cancel', [id]);
      expect(refused.status).toBe(422);
      expect(refused.body).toMatch(new RegExp(`value="${id}" checked`));
      expect(words(refused)).toContain('Say in one sentence why');
      expect((await steer('cancel', [id], 'The disk of the scanner is full.')).status).toBe(303);
      expect((await runs.find(id))?.note).toBe('Cancelled by root, an administrator: The disk of the scanner is full.');
      const event = (await runs.events(id)).at(-1);
      expect(event).toMatchObject({ toState: 'cancelled', note: expect.stringContaining('The disk of the scanner') as string });
    });

    it.each([
      [{ steering: 'burn', run: '1' }, 'Choose what to do'],
      [{ steering: 'front' }, 'Pick at least one run.'],
      [{ steering: 'cancel', run: '1', reason: 'x'.repeat(301) }, 'at most 300'],
    ])('refuses %j with a sentence', async (fields, sentence) => {
      const answer = await admin.postForm('/admin/queue/steer', Object.entries(fields));
      expect(answer.status).toBe(422);
      expect(words(answer)).toContain(sentence);
    });

    it('and the whole queue is held, which everybody reads, and let go', async () => {
      const id = await ask();
      await store.registerRunner(RUNNER);
      await admin.postForm('/admin/queue/hold', { why: 'The storage moves to a new room.' });
      expect(await claim()).toEqual([]);
      for (const browser of [admin, mira])
        expect(words(await browser.get('/queue'))).toMatch(
          /The queue is on hold: nothing new starts\. The storage moves to a new room\. Held by root/,
        );
      expect(words(await mira.get('/queue'))).toContain('The whole queue is on hold: The storage moves to a new room.');
      await admin.postForm('/admin/queue/hold', { why: 'Me too' });
      expect(words(await admin.get('/admin/queue'))).toContain('The queue was on hold already.');
      await admin.postForm('/admin/queue/release');
      expect(await claim()).toEqual([id]);
      expect(words(await mira.get('/queue'))).not.toContain('on hold');
    });
  });

  describe('the outbox', () => {
    const outbox = () => web.app.get(OutboxRepository);
    const mail = async (over: Partial<Mail> = {}) => {
      const { identifiers } = await web.app
        .get(DataSource)
        .getRepository(Mail)
        .insert({
          runId: null,
          kind: 'reset' as const,
          attempt: 0,
          recipient: 'mira@example.org',
          subject: 'A new password',
          textBody: 'http://lab/link/SECRET',
          htmlBody: '<a href="http://lab/link/SECRET">x</a>',
          createdMs: Date.now(),
          nextTryMs: 1,
          tries: 0,
          sentMs: null,
          lastError: null,
          warningId: null,
          ...over,
        });
      return (identifiers[0] as { id: number }).id;
    };
    afterEach(() => web.app.get(DataSource).getRepository(Mail).clear());

    it('shows what waits, failed with the words of the server, and was sent; never a text', async () => {
      await mail({ subject: 'Waits' });
      await mail({ subject: 'Failed', tries: 3, nextTryMs: Date.now() + 60_000, lastError: '550 no such mailbox' });
      await mail({ subject: 'Sent', sentMs: Date.now() });
      await mail({ subject: 'Given up', nextTryMs: NEVER_MS, lastError: '421 away', textBody: '', htmlBody: '' });
      await web.app.get(MailServerRepository).failed('connect ECONNREFUSED 127.0.0.1:9');
      const { body } = await admin.get('/admin/mail');
      for (const said of ['Waits', 'Failed', 'Sent', 'Given up', '550 no such mailbox', 'ECONNREFUSED', 'Its text held a link and is gone'])
        expect(body).toContain(said);
      expect(body).not.toContain('SECRET');
    });

    it('tries again what failed, not what is on its way or has no text, and drops what was not sent', async () => {
      const failed = await mail({ tries: 3, nextTryMs: Date.now() + 3_600_000, lastError: '550' });
      const gone = await mail({ nextTryMs: NEVER_MS, lastError: '421', textBody: '', htmlBody: '' });
      const sent = await mail({ sentMs: 5 });
      const due = async () => (await outbox().findDue(10)).map(({ id }) => id);
      expect(await due()).toEqual([]);
      await admin.postForm('/admin/mail/retry', { all: 'yes' });
      expect(await due()).toEqual([failed]);
      const claim = await outbox().claim({ id: failed, tries: 3 }, 100);
      expect(claim).not.toBeNull();
      expect(await web.app.get(MailDesk).retry(null)).toBe(0);
      await admin.postForm('/admin/mail/drop', [
        ['mail', String(failed)],
        ['mail', String(gone)],
        ['mail', String(sent)],
      ]);
      expect(words(await admin.get('/admin/mail'))).toContain('2 mails were taken out of the outbox.');
      expect((await web.app.get(DataSource).getRepository(Mail).find()).map(({ id }) => id)).toEqual([sent]);
    });

    it('takes a test mail to oneself', async () => {
      await admin.postForm('/admin/mail/test');
      const [test] = await web.app.get(DataSource).getRepository(Mail).find();
      expect(test).toMatchObject({
        kind: 'test',
        recipient: 'root@example.org',
        subject: expect.stringMatching(/^A test of mails/) as string,
      });
    });
  });

  describe('the cleaner', () => {
    const finished = async (daysAgo: number): Promise<number> => {
      const project = await web.app.get(ProjectCreation).create(miraId, `Slide ${randomUUID().slice(0, 8)}`);
      await store.registerRunner(RUNNER);
      const id = await ask({ projectId: project.id });
      const [run] = await store.claim(RUNNER, 1);
      await store.authorise({ runId: id, fence: run.fence }, HANDLE);
      await store.finish({ runId: id, fence: run.fence }, { state: 'succeeded', exitCode: 0, note: null });
      const folder = join(web.database.config.filesRoot, miraId, project.id, 'runs', String(id));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'a.txt'), 'x'.repeat(2000));
      const endMs = Date.now() - daysAgo * DAY_MS;
      await web.app.get(DataSource).query('DROP TRIGGER IF EXISTS queue_guard');
      await web.app.get(DataSource).query('UPDATE queue SET finished_ms = ? WHERE id = ?', [Math.round(endMs), id]);
      return id;
    };

    it('tells what goes when, and keeps what is picked until a day, for ever, or with its project', async () => {
      const [one, two, late] = [await finished(6.5), await finished(6.5), await finished(1)];
      // Its owner is to be told first, a day before.
      expect(words(await admin.get('/admin/cleaner?days=7'))).toMatch(new RegExp(`#${one} .*2 kB`));
      expect(words(await admin.get('/admin/cleaner?days=1'))).not.toContain(`#${late} `);
      const missing = await admin.postForm('/admin/cleaner/keep', { run: String(one), how: 'until', until: 'soon', days: '7' });
      expect(missing.status).toBe(422);
      expect(missing.body).toMatch(new RegExp(`value="${one}" checked`));
      await admin.postForm('/admin/cleaner/keep', { run: String(one), how: 'until', until: '2199-01-01', what: 'runs' });
      await admin.postForm('/admin/cleaner/keep', { run: String(two), how: 'forEver', what: 'projects' });
      const page = words(await admin.get('/admin/cleaner?days=7'));
      expect(page).toMatch(/2199/);
      expect(page).toMatch(/the whole project for ever/);
      expect(words(await mira.get(`/runs/${one}`))).toMatch(/2199/);
      expect(words(await mira.get(`/runs/${two}`))).toContain('Kept with its project');
      await admin.postForm('/admin/cleaner/let-go', { run: String(one) });
      expect((await runs.find(one))?.keepUntilMs).toBeNull();
    });

    it('sends a link that keeps without a log-in, by a button and not by being opened, and opens nothing', async () => {
      const id = await finished(6.9);
      await web.app.get(RemovalWarnings).writeAll();
      const mail = await web.app.get(DataSource).getRepository(Mail).findOneByOrFail({ kind: 'expiring' });
      const token = /\/expiring\/([\w-]{43})/.exec(mail.textBody)![1];
      const nobody = web.browser();
      const page = await nobody.get(`/expiring/${token}`);
      expect([page.status, page.headers['referrer-policy']]).toEqual([200, 'strict-origin']);
      expect(words(page)).toMatch(new RegExp(`#${id} Nuclei`));
      expect((await runs.find(id))?.keep).toBe(false);
      expect((await nobody.get(`/runs/${id}/zip`)).status).toBe(303);
      const done = await nobody.postForm('/expiring', { token });
      expect(words(done)).toMatch(/\d+ runs? (is|are) kept for good/);
      expect((await runs.find(id))?.keep).toBe(true);
      expect((await nobody.get('/expiring/nonsense')).status).toBe(404);
    });

    it('asks people whether they want such mails', async () => {
      const user = () => web.app.get(DataSource).getRepository(User).findOneByOrFail({ id: miraId });
      expect(words(await mira.get('/account'))).toContain('Tell me by mail which of my results will be deleted');
      await mira.postForm('/account/mails');
      expect((await user()).unwarnedMs).not.toBeNull();
      await mira.postForm('/account/mails', { deletions: 'yes' });
      expect((await user()).unwarnedMs).toBeNull();
    });
  });

  it('forgets a runner that is gone for ever, and none that lives or holds something', async () => {
    await store.registerRunner({ ...RUNNER, name: 'gone', incarnation: 'x' });
    await store.beat({ name: 'gone', incarnation: 'x' }, null, {
      load: 7.5,
      cores: 2,
      freeMemory: 1e9,
      memory: 4e9,
      freeDisk: 5e8,
      node: 'v24.1.0',
    });
    const page = words(await admin.get('/admin/runners'));
    expect(page).toMatch(/load 7\.5 of 2 cores.*1 GB of 4 GB memory free.*500 MB of disk free/);
    const remove = () => admin.postForm('/admin/runners/remove', { runner: 'gone' });
    await remove();
    expect(words(await admin.get('/admin/runners'))).toContain('gone stays in the list');
    await store.retireRunner({ name: 'gone', incarnation: 'x' });
    await remove();
    expect(words(await admin.get('/admin/runners'))).toContain('gone is forgotten.');
    expect((await admin.get('/runners')).location).toBe('/admin/runners');
  });
});
