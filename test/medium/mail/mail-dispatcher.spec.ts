import { AppConfig } from '../../../src/common/config/app-config';
import { AccountMails } from '../../../src/common/mail/account-mails';
import { Mail } from '../../../src/common/mail/mail.entity';
import { NoticeWriter } from '../../../src/common/mail/notice-writer';
import { MailTemplates } from '../../../src/common/mail/mail-templates';
import { pauseAfter } from '../../../src/common/retry-pause';
import { OutboxRepository } from '../../../src/common/mail/outbox.repository';
import { NEVER_MS } from '../../../src/common/database/never';
import { Run, RunEvent } from '../../../src/common/queue/run.entity';
import { aUser } from '../../factories';
import { startMailServer } from '../../mail-server';
import { MailBench } from './mail-bench';

const DONE = { state: 'succeeded', exitCode: 0, note: null } as const;

describe('the outbox', () => {
  let bench: MailBench;

  beforeEach(async () => {
    bench = await MailBench.open();
  });
  afterEach(() => bench.close());

  async function finishedRun(email?: string): Promise<number> {
    const { person, project } = await bench.addPerson(email === undefined ? aUser() : aUser({ email }));
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    await bench.live(runId, DONE);
    return runId;
  }

  it('keeps mails while the server is away, tries one of them at a time, and sends all when it is back', async () => {
    const gone = await startMailServer();
    await gone.close();
    await finishedRun();
    await finishedRun();
    const dispatcher = await bench.dispatcher(gone.url);
    await dispatcher.work();
    await dispatcher.work();
    const waiting = await bench.mails();
    expect(waiting.map((mail) => mail.tries)).toEqual([1, 0, 0, 0]);
    expect(waiting[0].lastError).toMatch(/ECONNREFUSED/);
    expect(waiting[0].nextTryMs - waiting[0].createdMs).toBeGreaterThan(9_000);

    const back = await startMailServer({ port: gone.port });
    await bench.passTime();
    await (await bench.dispatcher(back.url)).work();
    expect(back.mails).toHaveLength(4);
    expect((await bench.mails()).every((mail) => mail.sentMs !== null)).toBe(true);
    await back.close();
  });

  it('does not let one refused mail hold up the others, and gives it up after three days', async () => {
    const server = await startMailServer({
      refuse: ([recipient]) => (recipient === 'gone@example.org' ? { code: 550, message: 'No such person' } : null),
    });
    await finishedRun('gone@example.org');
    await finishedRun('mira@example.org');
    const dispatcher = await bench.dispatcher(server.url);
    await dispatcher.work();
    expect(server.mails.map((mail) => mail.recipients[0])).toEqual(['mira@example.org', 'mira@example.org']);

    await bench.dataSource.query('UPDATE mails SET created_ms = created_ms - ? WHERE sent_ms IS NULL', [3 * 86_400_000]);
    await bench.passTime();
    await dispatcher.work();
    const refused = (await bench.mails()).filter((mail) => mail.recipient === 'gone@example.org');
    expect(refused.map((mail) => [mail.tries, mail.nextTryMs, mail.sentMs])).toEqual([
      [2, NEVER_MS, null],
      [2, NEVER_MS, null],
    ]);
    expect(refused[0].lastError).toMatch(/No such person/);
    await server.close();
  });

  it('forgets what a mail about an account said as soon as it is sent, or given up: it opens the account', async () => {
    const server = await startMailServer({
      refuse: ([recipient]) => (recipient === 'gone@example.org' ? { code: 550, message: 'No such person' } : null),
    });
    const outbox = new OutboxRepository(
      bench.dataSource.getRepository(Mail),
      bench.dataSource.getRepository(RunEvent),
      bench.dataSource.getRepository(Run),
    );
    const { config } = bench.database;
    const withServer = new AppConfig({ ...config.settings, SMTP_URL: server.url }, config.database);
    const mails = new AccountMails(withServer, new NoticeWriter(withServer, new MailTemplates(config)), outbox);
    for (const recipient of ['mira@example.org', 'gone@example.org']) {
      await mails.write('reset', recipient, { link: 'http://lab1/link/SECRET', values: { hours: 2 } });
    }
    const dispatcher = await bench.dispatcher(server.url);
    await dispatcher.work();
    expect(server.mails.map(({ recipients, headers }) => [recipients[0], headers['subject']])).toEqual([
      ['mira@example.org', 'Set a new password'],
    ]);
    expect(server.mails[0].raw.replaceAll('=\r\n', '').match(/http:\/\/lab1\/link\/SECRET/g)).toHaveLength(2);
    const held = async (recipient: string) =>
      (await bench.mails()).filter((mail) => mail.recipient === recipient).map((mail) => mail.textBody + mail.htmlBody);
    expect([await held('mira@example.org'), (await held('gone@example.org'))[0].includes('SECRET')]).toEqual([[''], true]);
    await bench.dataSource.query('UPDATE mails SET created_ms = created_ms - ? WHERE sent_ms IS NULL', [3 * 86_400_000]);
    await bench.passTime();
    await dispatcher.work();
    expect(await held('gone@example.org')).toEqual(['']);
    await server.close();
  });

  it('writes and sends each mail once under several dispatchers at the same time', async () => {
    const server = await startMailServer();
    for (let count = 0; count < 10; count += 1) await finishedRun();
    const dispatchers = await Promise.all([1, 2, 3].map(() => bench.dispatcher(server.url)));
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.work()));
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.work()));
    const subjects = server.mails.map((mail) => mail.headers['subject']);
    expect(subjects).toHaveLength(20);
    expect(new Set(subjects).size).toBe(20);
    await server.close();
  });

  it('repeats harmlessly what a dispatcher left half done', async () => {
    const server = await startMailServer();
    await finishedRun();
    const dispatcher = await bench.dispatcher(server.url);
    await dispatcher.work();
    // As after a crash between writing the mails and marking the events.
    await bench.dataSource.query('UPDATE run_events SET mailed = 0');
    await dispatcher.work();
    expect(server.mails).toHaveLength(2);
    await server.close();
  });

  it('sends a mail whose dispatcher died again after its lease, with the same message id', async () => {
    const server = await startMailServer();
    await finishedRun();
    await (await bench.dispatcher(server.url)).work();
    // As after a crash between the server's yes and the note of it.
    await bench.dataSource.query('UPDATE mails SET sent_ms = NULL, next_try_ms = 0 WHERE id = 1');
    await (await bench.dispatcher(server.url)).work();
    const ids = server.mails.map((mail) => mail.headers['message-id']);
    expect(ids).toHaveLength(3);
    expect(ids[2]).toBe(ids[0]);
    await server.close();
  });

  it('tells of a start once, though the run was taken back before it began, and nothing of a take-over', async () => {
    const server = await startMailServer();
    const { person, project } = await bench.addPerson(aUser());
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    const first = await bench.start(runId);
    await bench.store.unstart({ runId, fence: first.fence });
    const second = await bench.start(runId);
    await bench.store.takeOver({ runId, fence: second.fence }, { name: 'r1', incarnation: 'i1' }, 60);
    await (await bench.dispatcher(server.url)).work();
    expect(server.mails.map((mail) => mail.headers['subject'])).toEqual([`Job #${runId} [nuclei] Started`]);
    await server.close();
  });

  it('waits longer after each failure, an hour at most', () => {
    expect([1, 2, 3, 9, 10, 60].map(pauseAfter)).toEqual([10, 20, 40, 2560, 3600, 3600]);
  });
});
