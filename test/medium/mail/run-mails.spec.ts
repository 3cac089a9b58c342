import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { aGuest, aUser } from '../../factories';
import { ProjectMember } from '../../../src/common/members/project-member.entity';
import { startMailServer, type TestMailServer } from '../../mail-server';
import { MailBench } from './mail-bench';

/** The text part, decoded. */
function bodyOf(raw: string): string {
  return raw
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/(?:=[0-9A-F]{2})+/g, (hex) => Buffer.from(hex.replaceAll('=', ''), 'hex').toString('utf8'));
}

describe('mails about runs', () => {
  let bench: MailBench;
  let server: TestMailServer;
  let outbox: string;

  beforeEach(async () => {
    server = await startMailServer();
    outbox = join(mkdtempSync(join(tmpdir(), 'showrunner-mails-')), 'out box');
    bench = await MailBench.open({ PUBLIC_URL: 'http://lab.test/show', PICKUP_HOST: 'guest@lab1', OUTBOX_DIR: outbox });
  });
  afterEach(async () => {
    await bench.close();
    rmSync(dirname(outbox), { recursive: true, force: true });
    await server.close();
  });

  it('tell at the start and at the end, with subject, cause, link, deletion date and pick-up command', async () => {
    const { person, project } = await bench.addPerson(aUser({ email: 'mira@example.org' }));
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id, pipelineTitle: 'Nuclei & more' });
    const dispatcher = await bench.dispatcher(server.url);
    const { fence } = await bench.start(runId);
    await dispatcher.work();
    expect(server.mails.map((mail) => mail.headers['subject'])).toEqual([`Job #${runId} [nuclei] Started`]);

    mkdirSync(join(outbox, String(runId)), { recursive: true });
    await bench.store.finish({ runId, fence }, { state: 'succeeded', exitCode: 0, note: '4 of 4 steps succeeded.' });
    await dispatcher.work();
    const mail = server.mails[1];
    expect(mail.headers).toMatchObject({
      subject: `Job #${runId} [nuclei] Complete`,
      to: 'mira@example.org',
      'auto-submitted': 'auto-generated',
    });
    expect(mail.recipients).toEqual(['mira@example.org']);
    const body = bodyOf(mail.raw);
    const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' }).format(Date.now() + 7 * 86_400_000);
    expect(body).toContain(`http://lab.test/show/runs/${runId}`);
    expect(body).toContain(`scp -r 'guest@lab1:${outbox}/${runId}' .`);
    expect(body).toContain(`rsync -aP --partial 'guest@lab1:${outbox}/${runId}/' run-${runId}/`);
    expect(body).toContain(`Kept until: ${date}`);
    expect(body).toContain('Spleen <4>');
    expect(body).toContain('Spleen &lt;4&gt;');
    expect(body).toContain('Nuclei &amp; more is complete');
    expect(body).toContain('4 of 4 steps succeeded.');
  });

  it('name no copy in the outbox that is not there', async () => {
    const { person, project } = await bench.addPerson(aUser({ email: 'mira@example.org' }));
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    const dispatcher = await bench.dispatcher(server.url);
    const { fence } = await bench.start(runId);
    await bench.store.finish({ runId, fence }, { state: 'failed', exitCode: 1, note: null });
    await dispatcher.work();
    const body = bodyOf(server.mails.at(-1)!.raw);
    expect(body).toContain('Kept until');
    expect(body).not.toMatch(/scp|rsync/);
  });

  it.each([
    ['partial', 'Partly complete'],
    ['failed', 'Failed'],
    ['timed_out', 'Timed out'],
    ['lost', 'Lost'],
    ['cancelled', 'Cancelled'],
  ] as const)('call %s what it is: %s', async (state, word) => {
    const { person, project } = await bench.addPerson(aUser());
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    await bench.live(runId, { state, exitCode: 3, note: 'The program ended with exit status 3.' });
    await (await bench.dispatcher(server.url)).work();
    expect(server.mails.map((mail) => mail.headers['subject'])).toEqual([
      `Job #${runId} [nuclei] Started`,
      `Job #${runId} [nuclei] ${word}`,
    ]);
    expect(bodyOf(server.mails[1].raw)).toContain('exit status 3');
  });

  it('tell of a run that was cancelled while it waited, without results to fetch', async () => {
    const { person, project } = await bench.addPerson(aUser());
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    await bench.store.requestCancel(runId, 'Cancelled by Mira.');
    await (await bench.dispatcher(server.url)).work();
    expect(server.mails.map((mail) => mail.headers['subject'])).toEqual([`Job #${runId} [nuclei] Cancelled`]);
    const body = bodyOf(server.mails[0].raw);
    expect(body).toContain('Cancelled by Mira.');
    expect(body).not.toContain('scp');
  });

  it('go to members of a project for what they asked for, and no more once they are taken out', async () => {
    const [{ project }, { person: member }] = [await bench.addPerson(aUser()), await bench.addPerson(aUser({ email: 'rob@example.org' }))];
    const members = bench.dataSource.getRepository(ProjectMember);
    const row = { id: randomUUID(), projectId: project.id, kind: 'person', subject: member.id, label: 'rob', role: 'run' } as const;
    await members.insert({ ...row, createdMs: 1 });
    const runId = await bench.enqueue({ ownerId: member.id, projectId: project.id });
    const dispatcher = await bench.dispatcher(server.url);
    const { fence } = await bench.start(runId);
    await dispatcher.work();
    expect(server.mails.map(({ recipients }) => recipients)).toEqual([['rob@example.org']]);
    await members.delete({ projectId: project.id });
    await bench.store.finish({ runId, fence }, { state: 'failed', exitCode: 1, note: 'What the program said last.' });
    await dispatcher.work();
    expect(server.mails).toHaveLength(1);
    expect(await bench.dataSource.query('SELECT id FROM run_events WHERE mailed = 0')).toEqual([]);
  });

  it('are not sent to guests, and their events do not come up again', async () => {
    const { person, project } = await bench.addPerson(aGuest());
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    await bench.live(runId, { state: 'succeeded', exitCode: 0, note: null });
    await (await bench.dispatcher(server.url)).work();
    expect(await bench.mails()).toEqual([]);
    expect(server.mails).toEqual([]);
    expect(await bench.dataSource.query('SELECT id FROM run_events WHERE mailed = 0')).toEqual([]);
  });

  it.each([
    'a@lab.test\r\nBcc: victim@evil.test',
    'a@lab.test, victim@evil.test',
    'group: a@lab.test, victim@evil.test;',
    '"a b"@lab.test',
  ])('go nowhere when a stored address is no plain one: %j', async (email) => {
    const { person, project } = await bench.addPerson(aUser({ email }));
    const sane = await bench.addPerson(aUser({ email: 'sane@example.org' }));
    const first = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    await bench.store.requestCancel(first, 'x');
    const second = await bench.enqueue({ ownerId: sane.person.id, projectId: sane.project.id });
    await bench.store.requestCancel(second, 'x');
    await (await bench.dispatcher(server.url)).work();
    expect(server.mails.map((mail) => mail.recipients)).toEqual([['sane@example.org']]);
  });

  it('go to one recipient even if a row of the outbox was tampered with', async () => {
    const { person, project } = await bench.addPerson(aUser());
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    await bench.store.requestCancel(runId, 'x');
    const nobody = await bench.dispatcher('smtp://127.0.0.1:1');
    await nobody.work();
    await bench.dataSource.query(
      `UPDATE mails SET next_try_ms = 0, recipient = 'a@lab.test, victim@evil.test', subject = 'x\r\nBcc: v@evil.test'`,
    );
    await (await bench.dispatcher(server.url)).work();
    expect(server.mails).toEqual([]);
    await bench.dataSource.query(`UPDATE mails SET next_try_ms = 0, recipient = 'a@lab.test'`);
    await (await bench.dispatcher(server.url)).work();
    expect(server.mails.map((mail) => [mail.recipients, mail.headers['bcc']])).toEqual([[['a@lab.test'], undefined]]);
  });

  it('become files where no mail server is configured', async () => {
    const { person, project } = await bench.addPerson(aUser({ email: 'mira@example.org' }));
    const runId = await bench.enqueue({ ownerId: person.id, projectId: project.id });
    await bench.live(runId, { state: 'failed', exitCode: 3, note: 'It ended with exit status 3.' });
    await (await bench.dispatcher()).work();
    const folder = bench.database.config.mailDir;
    const files = readdirSync(folder).toSorted();
    expect(files).toEqual([`000001-run-${runId}-started.eml`, `000002-run-${runId}-finished.eml`]);
    const mail = readFileSync(join(folder, files[1]), 'utf8');
    expect(mail).toContain(`Subject: Job #${runId} [nuclei] Failed`);
    expect(mail).toContain('To: mira@example.org');
  });
});
