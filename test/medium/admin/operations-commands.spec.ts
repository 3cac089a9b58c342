import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { AppConfig } from '../../../src/common/config/app-config';
import { Mail } from '../../../src/common/mail/mail.entity';
import { OutboxRepository } from '../../../src/common/mail/outbox.repository';
import { NEVER_MS } from '../../../src/common/database/never';
import { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { User } from '../../../src/common/users/user.entity';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aNewRun, aProject, aUser } from '../../factories';
import { HANDLE } from '../queue/queue-constants';
import { aRunner } from '../queue/queue-stage';

const DAY_MS = 86_400_000;
const RUNNER = aRunner('ws-1');

/** Commands with which an administrator looks after queue, runners, mail and cleaner, on one application. */
describe('node dist/admin, for operations', () => {
  const owner = aUser({ displayName: 'Mira' });
  const project = aProject({ ownerId: owner.id });
  let database: TestDatabase;
  let context: TestingModule;
  let store: QueueStore;
  let runs: RunsRepository;

  beforeAll(async () => {
    database = await openTestDatabase({ RETENTION_DAYS: '7' });
    context = await Test.createTestingModule({ imports: [AdminModule] })
      .overrideProvider(AppConfig)
      .useValue(database.config)
      .compile();
    store = context.get(QueueStore, { strict: false });
    runs = context.get(RunsRepository, { strict: false });
    await repository(User).insert(owner);
    await repository(Project).insert(project);
    await store.registerRunner(RUNNER);
  });
  afterEach(async () => {
    for (const run of await runs.listWaitingAndHeld()) {
      await store.requestCancel(run.id, 'Tidy.');
      await store.cancelStarting({ runId: run.id, fence: run.fence });
    }
  });
  afterAll(async () => {
    await context?.close();
    await database?.close();
  });

  const repository = <Entity extends object>(entity: new () => Entity) => context.get(DataSource, { strict: false }).getRepository(entity);
  const command = (...words: (string | number)[]) => parseCommand(words.map(String))(context);
  const ask = async () => (await store.enqueue(aNewRun({ ownerId: owner.id, projectId: project.id }))).runId;
  const claim = async () => (await store.claim(RUNNER, 9)).map(({ id }) => id);
  const refusal = (sentence: string) => expect.objectContaining({ message: expect.stringContaining(sentence) as string, exitStatus: 65 });

  it('puts runs that wait in order, on hold and back, and cancels with a reason', async () => {
    const [one, two, three] = [await ask(), await ask(), await ask()];
    expect(await command('move', `#${three}`, 'before', one)).toBe(`Run #${three} goes before run #${one} now.`);
    expect(await command('move', one, 'after', two)).toBe(`Run #${one} goes after run #${two} now.`);
    expect(await command('hold', two, '--reason', 'Half of the slide is missing.')).toContain(`node dist/admin release ${two}`);
    expect(await command('queue')).toMatch(new RegExp(`#${two} +scheduled .*an administrator in a shell: Half of the slide is missing`));
    expect(await claim()).toEqual([three, one]);
    expect(await command('release', two)).toContain(`Run #${two} takes part in the queue again`);
    const four = await ask();
    expect(await command('back', two)).toContain(`Run #${two} stands at the back of the line now`);
    expect(await command('cancel', four, '--reason', 'The disk is  full.')).toBe(`Run #${four} is cancelled.`);
    expect((await runs.find(four))?.note).toBe('Cancelled by an administrator, from the command line: The disk is full.');
    expect(await claim()).toEqual([two]);
  });

  it('says of a run in a chain what it waits for', async () => {
    const first = await ask();
    const { runId } = await store.enqueue(aNewRun({ ownerId: owner.id, projectId: project.id, afterRun: first }));
    const said = await command('queue');
    expect(said).toMatch(new RegExp(`#${runId} +scheduled .*Waits for run #${first}\\.`));
    expect(said).not.toContain('9999');
  });

  it('says which run it cannot do that to, and why', async () => {
    const [held, waits] = [await ask(), await ask()];
    expect((await store.claim(RUNNER, 1)).map(({ id }) => id)).toEqual([held]);
    await expect(command('move', waits, 'before', held)).rejects.toEqual(refusal(`Run #${held} no longer waits in the line`));
    await expect(command('back', held)).rejects.toEqual(refusal(`#${held}`));
    await expect(command('hold', held)).rejects.toEqual(refusal(`#${held}`));
    await expect(command('release', waits)).rejects.toEqual(refusal(`#${waits}`));
    for (const words of [['back'], ['hold'], ['release'], ['cancel']])
      await expect(command(...words, 999999)).rejects.toEqual(refusal('There is no run #999999'));
    await expect(command('hold', waits, '--reason', 'x'.repeat(301))).rejects.toThrow('at most 300');
    expect((await runs.find(waits))?.state).toBe('queued');
  });

  it('holds the whole queue, and lets it go on', async () => {
    const id = await ask();
    expect(await command('hold', '--all', '--reason', 'The storage moves.')).toContain('The queue is on hold: nothing new starts.');
    expect(await claim()).toEqual([]);
    expect(await command('queue')).toContain('The whole queue is on hold: The storage moves.');
    expect(await command('hold', '--all')).toBe('The queue was on hold already.');
    expect(await command('release', '--all')).toBe('The queue goes on.');
    expect(await command('release', '--all')).toBe('The queue was not on hold any more.');
    expect(await claim()).toEqual([id]);
  });

  it('forgets a runner that is gone, and none that lives', async () => {
    const gone = aRunner('gone');
    await store.registerRunner(gone);
    await expect(command('remove-runner', 'gone')).rejects.toEqual(refusal('gone stays in the list'));
    await expect(command('remove-runner', 'nobody')).rejects.toEqual(refusal('There is no runner named nobody. There are: gone, ws-1.'));
    await store.retireRunner(gone);
    expect(await command('remove-runner', 'gone')).toContain('gone is forgotten.');
    expect(await command('runners')).not.toContain('gone');
  });

  it('lists mails without their text, tries failed ones again and drops what was not sent', async () => {
    const mail = async (over: Partial<Mail>) => {
      const head = { runId: null, kind: 'reset', attempt: 0, recipient: 'mira@example.org', warningId: null } as const;
      const text = { textBody: 'http://lab/link/SECRET', htmlBody: 'SECRET' };
      const times = { createdMs: Date.now(), nextTryMs: Date.now() + DAY_MS, tries: 2, sentMs: null, lastError: null };
      const { identifiers } = await repository(Mail).insert({ ...head, ...text, ...times, ...over });
      return (identifiers[0] as { id: number }).id;
    };
    expect(await command('outbox')).toMatch(/^No mail server is set .*\n0 waiting, 0 failed, 0 sent in the last 7 days\.$/);
    const failed = await mail({ subject: 'A new password', lastError: '550 no such mailbox' });
    const givenUp = await mail({ subject: 'Old', nextTryMs: NEVER_MS, lastError: '421 away', textBody: '' });
    const sent = await mail({ subject: 'Sent', sentMs: Date.now() });
    const listed = await command('outbox');
    expect(listed).toMatch(new RegExp(`0 waiting, 2 failed, 1 sent[^]*${failed} +mira@example.org .* A new password +550 no such mailbox`));
    expect(listed).toMatch(new RegExp(`${givenUp} .*given up`));
    expect(listed).not.toContain('SECRET');
    for (const id of [givenUp, sent, 999]) await expect(command('outbox-retry', id)).rejects.toEqual(refusal('There is no such mail'));
    expect(await command('outbox-retry', '--all')).toBe('1 mail is tried again now, by a runner.');
    const due = await context.get(OutboxRepository, { strict: false }).findDue(9);
    expect(due.map(({ id }) => id)).toEqual([failed]);
    expect(await command('outbox-drop', givenUp)).toBe(`Mail ${givenUp} is taken out of the outbox.`);
    await expect(command('outbox-drop', sent)).rejects.toEqual(refusal(`There is no mail ${sent} that was not sent.`));
  });

  it('tells what goes when, and keeps runs and projects from it', async () => {
    const id = await ask();
    const [run] = await store.claim(RUNNER, 1);
    await expect(command('keep', id, '--for-ever')).rejects.toEqual(refusal(`Run #${id} is not over yet`));
    await store.authorise({ runId: id, fence: run.fence }, HANDLE);
    await store.finish({ runId: id, fence: run.fence }, { state: 'succeeded', exitCode: 0, note: null });
    const folder = join(database.config.filesRoot, project.homeId, project.id, 'runs', String(id));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.txt'), 'x'.repeat(2000));
    const dataSource = context.get(DataSource, { strict: false });
    // No run of the product can have ended earlier than it did.
    await dataSource.query('DROP TRIGGER IF EXISTS queue_guard');
    await dataSource.query('UPDATE queue SET finished_ms = finished_ms - ? WHERE id = ?', [6.5 * DAY_MS, id]);
    expect(await command('cleaner')).toBe('Nothing goes.');
    const goes = new RegExp(`^GOES +SIZE +OWNER +WHAT\\n20\\d\\d-\\d\\d-\\d\\d +2 kB +Mira +run ${id} .*\\n1 thing, 2 kB\\.$`);
    expect(await command('cleaner', '--days', 1)).toMatch(goes);
    for (const [what, sentence] of [
      [id, `Run #${id} is kept.`],
      [project.id, 'The project is kept, with all its runs.'],
    ] as const)
      for (const wish of [['--until', '2199-01-01'], ['--for-ever']]) {
        expect(await command('keep', what, ...wish)).toBe(sentence);
        expect(await command('cleaner', '--days', 1)).toBe('Nothing goes.');
        expect(await command('keep', what, '--as-usual')).toContain('goes by its age again.');
        expect(await command('cleaner', '--days', 1)).toMatch(goes);
      }
    await expect(command('keep', 999999, '--for-ever')).rejects.toEqual(refusal('There is no run #999999.'));
    await expect(command('keep', randomUUID(), '--for-ever')).rejects.toEqual(refusal('Its id stands in the address of its page.'));
    await expect(command('keep', id, '--until', '2020-01-01')).rejects.toThrow('That day is over');
    await expect(command('keep', id, '--until', 'soon')).rejects.toThrow('such as 2027-03-31');
  });

  it('leaves an entry of each change in the audit log, and of what came to nothing, and none of a look', async () => {
    const entries = await context.get(AuditRepository, { strict: false }).list({}, null, 1000);
    const told = new Set(entries.map(({ action, objectKind, outcome }) => `${action} ${objectKind} ${outcome}`));
    for (const line of [
      ...['move', 'hold', 'release', 'to-back', 'cancel'].flatMap((action) => [`run.${action} run done`, `run.${action} run failed`]),
      ...['runner.remove runner', 'mail.retry mail', 'mail.drop mail', 'run.keep run', 'run.keep project'].flatMap((what) => [
        `${what} done`,
        `${what} failed`,
      ]),
      'queue.hold site done',
      'queue.release site done',
    ])
      expect(told).toContain(line);
    for (const { actorName } of entries) expect(actorName).toMatch(/^shell: /);
    expect(entries.filter(({ action }) => !/^(run|runner|mail|queue)\.(?!list)/.test(action))).toEqual([]);
  });
});
