import { existsSync } from 'node:fs';
import { KeepLonger } from '../../../src/common/cleaning/keep-longer';
import { RemovalWarnings } from '../../../src/common/cleaning/removal-warnings';
import { RunRemoval } from '../../../src/common/cleaning/run-removal';
import { Mail } from '../../../src/common/mail/mail.entity';
import { NEVER_MS } from '../../../src/common/database/never';
import { Project } from '../../../src/common/projects/project.entity';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { aGuest, aUser } from '../../factories';
import { CleanerBench, DAY_MS } from './cleaner-bench';

const SETTINGS = { SMTP_URL: 'smtp://127.0.0.1:9', RETENTION_DAYS: '7', WARN_DAYS: '2' };

describe('before results are deleted', () => {
  let bench: CleanerBench;

  beforeEach(async () => (bench = await CleanerBench.open(SETTINGS)));
  afterEach(() => bench.close());

  const mails = () => bench.rows.getRepository(Mail).find({ where: { kind: 'expiring' }, order: { id: 'ASC' } });
  const deliver = () => bench.rows.getRepository(Mail).update({ kind: 'expiring' }, { sentMs: 1, textBody: '', htmlBody: '' });
  const keeping = () => bench.context.get(KeepLonger, { strict: false });
  const secretIn = ({ textBody }: Mail) => /\/expiring\/([\w-]{43})/.exec(textBody)![1];

  it('its owner gets one mail for all, once, and nothing goes before it was delivered', async () => {
    const person = aUser();
    const project = await bench.addPerson(person);
    const ids = [await bench.finishedRun(project), await bench.finishedRun(project)];
    bench.passDays(4.9);
    await bench.clean();
    expect(await mails()).toEqual([]);
    bench.passDays(0.2);
    await bench.clean();
    await bench.clean();
    const [mail, ...more] = await mails();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ recipient: person.email, runId: null, tries: 0 });
    for (const id of ids) expect(mail.textBody).toContain(`#${id} Nuclei`);
    expect(mail.textBody).toContain('/account#deletion-mails');
    // Only the hash of its secret stands anywhere else.
    const rest = JSON.stringify(await bench.rows.query('SELECT * FROM removal_warnings'));
    expect(rest).not.toContain(secretIn(mail));

    bench.passDays(2);
    await bench.clean();
    expect(ids.map((id) => existsSync(bench.resultOf(project, id)))).toEqual([true, true]);
    await deliver();
    await bench.clean();
    expect(ids.map((id) => existsSync(bench.resultOf(project, id)))).toEqual([false, false]);
    expect(await mails()).toHaveLength(1);
  });

  it.each([
    ['a mail that cannot be delivered keeps them for three days', {}, [true, false]],
    ['nobody waits for a mail that was given up', { nextTryMs: NEVER_MS }, [false, false]],
  ])('%s', async (_what, change, expected) => {
    const project = await bench.addPerson();
    const runId = await bench.finishedRun(project);
    bench.passDays(5.1);
    await bench.clean();
    if ('nextTryMs' in change) await bench.rows.getRepository(Mail).update({ kind: 'expiring' }, change);
    const found: boolean[] = [];
    for (const days of [2.8, 0.3]) {
      bench.passDays(days);
      await bench.clean();
      found.push(existsSync(bench.resultOf(project, runId)));
    }
    expect(found).toEqual(expected);
  });

  it('an hourly cleaner mails once a day, and what waits for the next mail stays until it was told', async () => {
    const project = await bench.addPerson();
    await bench.finishedRun(project);
    const second = await bench.finishedRun(project);
    await keeping().keepRun(second, { untilMs: (await bench.store.nowMs()) + 7.2 * DAY_MS });
    const written: number[] = [];
    for (const days of [5.01, 0.2, 0.5, 0.2]) {
      bench.passDays(days);
      await bench.clean();
      written.push((await mails()).length);
    }
    expect(written).toEqual([1, 1, 1, 2]);
    expect((await mails())[1].textBody).toContain(`#${second} Nuclei`);
    await deliver();
    bench.passDays(0.9);
    await bench.clean();
    expect(existsSync(bench.resultOf(project, second))).toBe(true);
    bench.passDays(0.5);
    await bench.clean();
    expect(existsSync(bench.resultOf(project, second))).toBe(false);
  });

  it('the owner of the project is told and can keep them, whoever asked for the run', async () => {
    const [owner, member] = [aUser(), aUser()];
    const project = await bench.addPerson(owner);
    await bench.addPerson(member);
    const runId = await bench.start(project, { ownerId: member.id });
    await bench.store.finish({ runId, fence: 1 }, { state: 'succeeded', exitCode: 0, note: null });
    bench.writeRun(project, runId);
    bench.passDays(5.1);
    await bench.clean();
    const [mail, ...more] = await mails();
    expect([mail.recipient, more]).toEqual([owner.email, []]);
    const warnings = bench.context.get(RemovalWarnings, { strict: false });
    expect(await warnings.keep(secretIn(mail))).toEqual({ kept: 1, tooLate: 0 });
    // What is not theirs any more is not theirs to keep.
    await bench.rows.getRepository(Project).update({ id: project.id }, { ownerId: member.id, name: 'Moved' });
    expect((await warnings.open(secretIn(mail)))?.runs).toEqual([]);
  });

  it('names fill no mail beyond what the outbox holds', async () => {
    const project = await bench.addPerson();
    await bench.rows.getRepository(Project).update({ id: project.id }, { name: '"'.repeat(200) });
    for (let count = 0; count < 50; count += 1) await bench.finishedRun(project);
    bench.passDays(5.1);
    await bench.clean();
    const [mail] = await mails();
    expect(Buffer.byteLength(mail.htmlBody)).toBeLessThan(65_536);
    expect(mail.textBody).toContain('25 more are listed there.');
  });

  it('what is overdue when mails begin stays for a day more', async () => {
    const project = await bench.addPerson();
    const runId = await bench.finishedRun(project);
    bench.passDays(30);
    await bench.clean();
    await deliver();
    bench.passDays(0.9);
    await bench.clean();
    expect(existsSync(bench.resultOf(project, runId))).toBe(true);
    bench.passDays(0.2);
    await bench.clean();
    expect(existsSync(bench.resultOf(project, runId))).toBe(false);
  });

  it('guests, and people who want none, get no mail, and their results go as ever', async () => {
    const projects = [
      await bench.addPerson(aGuest({ lastSeenMs: Date.now() + 365 * DAY_MS })),
      await bench.addPerson(aUser({ unwarnedMs: 1 })),
    ];
    for (const project of projects) await bench.finishedRun(project);
    bench.passDays(7.1);
    await bench.clean();
    expect(await mails()).toEqual([]);
    expect(await bench.count('queue')).toBe(0);
  });

  it('the link keeps what the mail listed, without a log-in, and nothing else; what is kept until a day is told of again', async () => {
    const project = await bench.addPerson();
    const [listed, other] = [await bench.finishedRun(project), await bench.finishedRun(project)];
    await keeping().keepRun(other, 'forEver');
    bench.passDays(5.5);
    await bench.clean();
    const warnings = bench.context.get(RemovalWarnings, { strict: false });
    const [mail] = await mails();
    const token = secretIn(mail);
    expect((await warnings.open(token))?.runs.map(({ id }) => id)).toEqual([listed]);
    expect((await bench.context.get(RunsRepository, { strict: false }).find(listed))?.keep).toBe(false);
    expect(await warnings.keep('x'.repeat(43))).toBeNull();
    expect(await warnings.keep(token)).toEqual({ kept: 1, tooLate: 0 });
    bench.passDays(100);
    await bench.clean();
    expect(existsSync(bench.resultOf(project, listed))).toBe(true);

    const untilMs = (await bench.store.nowMs()) + 10 * DAY_MS;
    await keeping().keepRun(listed, { untilMs });
    bench.passDays(8.5);
    await bench.clean();
    expect(await mails()).toHaveLength(2);
    await deliver();
    bench.passDays(2);
    await bench.clean();
    expect([listed, other].map((id) => existsSync(bench.resultOf(project, id)))).toEqual([false, true]);
  });
});

it('a mail that was given up is written anew while there is time, and not once its runs are due', async () => {
  const bench = await CleanerBench.open({ ...SETTINGS, WARN_DAYS: '6' });
  const mails = bench.rows.getRepository(Mail);
  const project = await bench.addPerson();
  const runId = await bench.finishedRun(project);
  const written: number[] = [];
  for (const days of [1.1, 3, 3]) {
    bench.passDays(days);
    await bench.clean();
    written.push(await mails.countBy({ kind: 'expiring' }));
    await mails.update({ kind: 'expiring' }, { nextTryMs: NEVER_MS, textBody: '', htmlBody: '' });
  }
  expect(written).toEqual([1, 2, 2]);
  expect(existsSync(bench.resultOf(project, runId))).toBe(false);
  await bench.close();
});

describe('what is kept', () => {
  let bench: CleanerBench;

  beforeEach(async () => (bench = await CleanerBench.open({ KEEP_DAYS: '10' })));
  afterEach(() => bench.close());

  const keeping = () => bench.context.get(KeepLonger, { strict: false });
  const runs = () => bench.context.get(RunsRepository, { strict: false });

  it('by its owner stays as long as the settings say, by an administrator until a day or for ever', async () => {
    const project = await bench.addPerson();
    const [own, dated, ever] = [await bench.finishedRun(project), await bench.finishedRun(project), await bench.finishedRun(project)];
    expect(await keeping().keepAsOwner((await runs().find(own))!)).toBe(true);
    await keeping().keepRun(dated, { untilMs: (await bench.store.nowMs()) + 30 * DAY_MS });
    await keeping().keepRun(ever, 'forEver');
    const left: boolean[][] = [];
    for (const days of [16.9, 0.2, 12.8, 0.2]) {
      bench.passDays(days);
      await bench.clean();
      left.push([own, dated, ever].map((id) => existsSync(bench.resultOf(project, id))));
    }
    expect(left).toEqual([
      [true, true, true],
      [false, true, true],
      [false, true, true],
      [false, false, true],
    ]);
  });

  it('by the owner of a project for all its runs stays no longer than the settings say, unless it is kept for longer', async () => {
    const project = await bench.addPerson();
    const [own, dated] = [await bench.finishedRun(project), await bench.finishedRun(project)];
    await keeping().keepRun(dated, { untilMs: (await bench.store.nowMs()) + 30 * DAY_MS });
    const before = (await runs().find(dated))?.keepUntilMs;
    await keeping().keepAllAsOwner(project.id);
    const run = await runs().find(own);
    expect(run).toMatchObject({ keep: false, keepUntilMs: (run?.finishedMs ?? 0) + 17 * DAY_MS });
    expect(await runs().find(dated)).toMatchObject({ keep: false, keepUntilMs: before });
  });

  it('as a project covers all its runs, also those to come, until it is let go', async () => {
    const project = await bench.addPerson();
    const first = await bench.finishedRun(project);
    expect(await keeping().keepProject(project.id, 'forEver')).toEqual({ outcome: 'kept', tooLate: 0 });
    const second = await bench.finishedRun(project);
    bench.passDays(400);
    await bench.clean();
    expect([first, second].map((id) => existsSync(bench.resultOf(project, id)))).toEqual([true, true]);
    await keeping().keepProject(project.id, 'asUsual');
    await bench.clean();
    expect(await bench.count('queue')).toBe(0);
    expect(await keeping().keepProject('no such project', 'forEver')).toEqual({ outcome: 'not_found', tooLate: 0 });
  });

  it('in the moment of its removal either stays whole or is told to be too late, never both', async () => {
    const project = await bench.addPerson();
    const removal = bench.context.get(RunRemoval, { strict: false });
    const ids: number[] = [];
    for (let count = 0; count < 24; count += 1) ids.push(await bench.finishedRun(project));
    bench.passDays(8);
    const untilMs = (await bench.store.nowMs()) + 30 * DAY_MS;
    const outcomes = await Promise.all(
      ids.map(async (id, index) => {
        const remove = removal.remove({ id });
        if (index % 3 > 0) await new Promise((resolve) => setTimeout(resolve, index % 3));
        const outcome = await keeping().keepRun(id, index % 2 === 0 ? 'forEver' : { untilMs });
        await remove;
        return { id, outcome };
      }),
    );
    for (const { id, outcome } of outcomes) {
      const isThere = existsSync(bench.resultOf(project, id)) && existsSync(bench.logOf(id)) && (await runs().find(id)) !== null;
      expect([id, isThere]).toEqual([id, outcome === 'kept']);
    }
  });

  it('as a project in the moment of a removal is overlooked by nobody: what was said to be kept is there', async () => {
    for (let round = 0; round < 12; round += 1) {
      const project = await bench.addPerson();
      const id = await bench.finishedRun(project);
      await bench.rows.query('UPDATE queue SET doomed_ms = NULL WHERE id = ?', [id]);
      bench.passDays(8);
      const [, { tooLate }] = await Promise.all([
        bench.context.get(RunRemoval, { strict: false }).remove({ id }),
        new Promise((resolve) => setTimeout(resolve, round % 4)).then(() => keeping().keepProject(project.id, 'forEver')),
      ]);
      const isThere = existsSync(bench.resultOf(project, id));
      // A run that is gone altogether before the project was kept is no promise that was broken.
      if (tooLate === 0 && (await runs().find(id)) !== null) expect(isThere).toBe(true);
      await bench.rows.getRepository(Project).update({ id: project.id }, { keepUntilMs: null });
    }
  });

  it('a removal that was broken off goes on, and cannot be kept any more', async () => {
    const project = await bench.addPerson();
    const id = await bench.finishedRun(project);
    bench.passDays(8);
    expect(await runs().doom(id, await bench.store.nowMs(), false)).toBe(true);
    expect(await keeping().keepRun(id, 'forEver')).toBe('too_late');
    expect(await keeping().keepAsOwner((await runs().find(id))!)).toBe(false);
    await bench.clean();
    expect(await bench.count('queue')).toBe(0);
  });

  it('every cleaning is written down with what it did', async () => {
    const project = await bench.addPerson();
    await bench.finishedRun(project);
    await bench.clean();
    bench.passDays(8);
    await bench.clean();
    const rows = await bench.rows.query<{ finished_ms: number | null; failures: number; details: string }[]>(
      'SELECT * FROM cleanings ORDER BY id',
    );
    expect(rows.map(({ failures }) => failures)).toEqual([0, 0]);
    expect(JSON.parse(rows[1].details)).toContainEqual(expect.objectContaining({ name: 'expired runs', count: 1, bytes: 1500 }));
    expect(rows.every(({ finished_ms }) => finished_ms !== null)).toBe(true);
  });
});
