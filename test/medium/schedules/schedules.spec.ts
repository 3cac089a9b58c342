import { rmSync } from 'node:fs';
import type { Abstract, Type } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { PipelineSettings } from '../../../src/common/pipeline-settings/pipeline-settings';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { Run } from '../../../src/common/queue/run.entity';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { Schedule, ScheduleTick } from '../../../src/common/schedules/schedule.entity';
import { ScheduleTicksRepository } from '../../../src/common/schedules/schedule-ticks.repository';
import { AccountEnd } from '../../../src/common/account-end/account-end';
import { Mail } from '../../../src/common/mail/mail.entity';
import { User } from '../../../src/common/users/user.entity';
import { GoneSchedules } from '../../../src/cleaner/tasks/gone-schedules';
import { SchedulesRepository } from '../../../src/common/schedules/schedules.repository';
import { ScheduleClock } from '../../../src/web/schedules/schedule-clock';
import { makePipelines } from '../../pipeline-folder';
import { compileProduct, type Product } from '../../product';
import { createProject, upload } from '../../project-steps';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { startWebProcess, type WebProcess } from '../../web-process';
import { wordsOf } from '../show/show-stage';

const MANIFEST = `
title: Blur
command: [./blur.sh]
parameters:
  - { name: image, type: file, label: Image, accept: [.txt] }
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
`;
const HOUR_MS = 3_600_000;

describe('schedules', () => {
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let email: string;
  let project: Project;
  let tables: DataSource;

  beforeAll(async () => {
    pipelines = makePipelines({ 'blur/pipeline.yaml': MANIFEST, 'blur/blur.sh': '#!/bin/sh\n' });
    web = await startTestWebApp({ PIPELINES_DIR: pipelines, ADMIN_EMAILS: 'root@example.org' });
    tables = web.app.get(DataSource);
    browser = web.browser();
    ({ email } = await browser.signUp());
    project = await createProject(web, browser, 'Spleen');
    await upload(browser, project.id, { 'a.txt': 'a' });
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const at = () => `/projects/${project.id}/schedules`;
  const form = () => `/projects/${project.id}/run/blur/schedule`;
  const service = <Service>(type: Type<Service> | Abstract<Service>) => web.app.get<Service>(type, { strict: false });
  const entriesIn = (main: string) =>
    JSON.parse(/name="entries" value="([^"]*)"/.exec(main)![1].replaceAll('&quot;', '"').replaceAll('&#x3D;', '=')) as object;
  const schedules = () => tables.getRepository(Schedule);
  const find = (id: string) => schedules().findOneByOrFail({ id });
  const ticksOf = (scheduleId: string) => tables.getRepository(ScheduleTick).find({ where: { scheduleId }, order: { tickMs: 'ASC' } });
  const runs = () => tables.getRepository(Run).find({ order: { id: 'ASC' } });
  const words = async (path: string) => wordsOf(mainOf(await browser.get(path)));

  async function make(over: Record<string, string> = {}): Promise<string> {
    const asked = await browser.postForm(form(), { 'p.image': 'project:a.txt', 'p.sigma': '2.5' });
    const fields = {
      pipeline: 'blur',
      entries: JSON.stringify(entriesIn(mainOf(asked))),
      name: 'Nightly',
      cron: '0 * * * *',
      timeZone: 'UTC',
      skipsRunning: 'yes',
    };
    const answer = await browser.postForm(at(), { ...fields, ...over });
    expect([answer.status, answer.location]).toEqual([303, expect.stringContaining(`${at()}/`)]);
    return answer.location!.split('/').at(-1)!;
  }

  /** As if its time had come, so many hours ago. */
  async function letItBeDue(id: string, hours = 0): Promise<number> {
    const nowMs = await service(QueueStore).nowMs();
    const tickMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - hours * HOUR_MS;
    await schedules().update({ id }, { nextMs: tickMs });
    return tickMs;
  }

  async function look(): Promise<void> {
    // One that the clock of the application itself has begun is not this one.
    await service(ScheduleClock).look();
    await service(ScheduleClock).look();
  }

  async function endRuns(): Promise<void> {
    for (const { id } of await service(RunsRepository).liveOfProject(project.id)) await service(QueueStore).requestCancel(id, 'a test');
  }

  it('are made from the form of a pipeline, which says what is wrong first, and show in plain words when that is', async () => {
    const wrong = await browser.postForm(form(), { 'p.image': '', 'p.sigma': '9' });
    expect([wrong.status, mainOf(wrong)]).toEqual([422, expect.stringContaining('id="run-form"')]);
    const asked = mainOf(await browser.postForm(form(), { 'p.image': 'project:a.txt', 'p.sigma': '2.5' }));
    expect(entriesIn(asked)).toEqual({ image: 'project:a.txt', sigma: '2.5' });
    const entries = JSON.stringify(entriesIn(asked));
    const typed = { pipeline: 'blur', entries, name: 'Mine', timeZone: 'Europe/Vienna', cron: '0 2 * *' };
    const faulty = await browser.postForm(at(), typed);
    expect([faulty.status, wordsOf(mainOf(faulty))]).toEqual([422, expect.stringContaining('has five parts')]);
    expect(mainOf(faulty)).toContain('value="Mine"');
    const plain = { ...typed, often: 'workdays', at: '07:00' };
    expect(wordsOf(mainOf(await browser.postForm(at(), { ...plain, look: 'yes' })))).toContain('Monday to Friday, at 07:00');
    const untimed = await browser.postForm(at(), { ...plain, at: '7' });
    expect([untimed.status, mainOf(untimed)]).toEqual([422, expect.stringMatching(/id="schedule-at-error">.*hours and minutes/)]);
    const half = mainOf(await browser.postForm(at(), { ...typed, cron: '0 25 * * *', look: 'yes' }));
    expect(half).toMatch(/id="schedule-times"[^]*“25” is no hour/);
    expect(await schedules().count()).toBe(0);
    const id = await make({ name: 'Mine', often: 'day', at: '02:30', timeZone: 'Europe/Vienna' });
    const page = await words(`${at()}/${id}`);
    for (const part of ['Mine', 'Every day, at 02:30', 'Europe/Vienna', 'Smoothing: 2.5', 'Its time has not come yet.'])
      expect(page).toContain(part);
    expect(await words(at())).toContain('Every day, at 02:30');
    expect(await words(`/projects/${project.id}`)).toContain('Mine');
    for (const path of ['/queue', '/queue?whose=mine', '/queue?state=waiting']) expect(await words(path)).toMatch(/Coming.*Mine.*at 02:30/);
    expect(mainOf(await browser.get('/queue'))).toContain(`action="${at()}/${id}/pause"`);
    const root = web.browser();
    await root.signUp('root@example.org');
    // They hear of it, and may not stop what others have asked for.
    expect(mainOf(await root.get('/queue'))).toContain(`href="${at()}/${id}"`);
    expect(mainOf(await root.get('/queue'))).not.toContain(`${id}/pause`);
    expect(mainOf(await root.get('/queue?whose=mine'))).not.toContain(id);
    for (const path of ['/queue?q=Mine', '/queue?state=failed']) expect(await words(path)).not.toContain('at 02:30');
    expect(mainOf(await browser.get(`${at()}/${id}/change`))).toMatch(/value="day" selected[^]*value="02:30"/);
    await browser.postForm(`${at()}/${id}/delete`);
    expect(await words('/queue')).not.toContain('Coming');
    expect((await browser.get(`${at()}/${id}`)).status).toBe(404);
    await browser.postForm(`${at()}/${id}/restore`);
    expect((await find(id)).nextMs).toBeGreaterThan(Date.now());
    await browser.postForm(`${at()}/${id}/delete`);
  });

  it('start once when their time has come, whoever looks, and say so wherever the run is shown', async () => {
    const id = await make();
    const tickMs = await letItBeDue(id);
    await Promise.all([look(), look()]);
    const [run] = (await runs()).slice(-1);
    expect(await ticksOf(id)).toEqual([expect.objectContaining({ tickMs, outcome: 'started', runId: run.id })]);
    expect(run).toMatchObject({ pipelineId: 'blur', projectId: project.id });
    expect((await find(id)).nextMs).toBe(tickMs + HOUR_MS);
    expect(await service(ScheduleTicksRepository).latestOf([id, 'none'])).toEqual(new Map([[id, expect.objectContaining({ tickMs })]]));
    for (const path of [`/runs/${run.id}`, '/queue']) expect(await words(path)).toContain('Started by schedule “Nightly”');
    const stranger = web.browser();
    await stranger.signUp();
    expect(wordsOf(mainOf(await stranger.get('/queue')))).not.toContain('Nightly');

    // While that run is not over, the next time is passed over, which is no reason for a mail.
    await schedules().update({ id }, { nextMs: tickMs - 1000, cron: '0 0 1 1 *' });
    await look();
    expect((await ticksOf(id))[0]).toMatchObject({ outcome: 'skipped', runId: null });
    expect(await words(`${at()}/${id}`)).toContain(`Run ${run.id} was not over yet.`);
    expect(await tables.getRepository(Mail).countBy({ kind: 'schedule' })).toBe(0);
    await endRuns();
    await browser.postForm(`${at()}/${id}/delete`);
  });

  it('make up for the last time that nobody was there for, and note the others', async () => {
    const id = await make({ cron: '0 * * * *' });
    const before = (await runs()).length;
    const first = await letItBeDue(id, 5);
    await look();
    const ticks = await ticksOf(id);
    expect(ticks.map(({ tickMs, outcome, missed }) => [tickMs, outcome, missed])).toEqual([
      [first, 'missed', 5],
      [first + 5 * HOUR_MS, 'started', 0],
    ]);
    expect((await runs()).length).toBe(before + 1);
    expect(await words(`${at()}/${id}`)).toContain('The server was off: 5 times passed.');
    await endRuns();
    await browser.postForm(`${at()}/${id}/delete`);
  });

  it('that a process has taken and left lying start all the same, once', async () => {
    const id = await make({ skipsRunning: '' });
    const tickMs = await letItBeDue(id, 1);
    const before = (await runs()).length;
    await service(ScheduleTicksRepository).claim(id, tickMs);
    await schedules().update({ id }, { nextMs: Date.now() + HOUR_MS });
    await look();
    expect((await runs()).length).toBe(before);
    await tables.getRepository(ScheduleTick).update({ scheduleId: id }, { atMs: 1 });
    await look();
    const [done] = await ticksOf(id);
    expect([done.outcome, (await runs()).length]).toEqual(['started', before + 1]);
    // It had come as far as the queue before it died: the values are others by now, and still it is the same run.
    await tables.getRepository(ScheduleTick).update({ scheduleId: id }, { atMs: 1, outcome: 'claimed', runId: null });
    await schedules().update({ id }, { entries: { image: 'project:a.txt', sigma: '3' } });
    await look();
    expect([(await ticksOf(id))[0].runId, (await runs()).length]).toEqual([done.runId, before + 1]);
    await endRuns();
    await browser.postForm(`${at()}/${id}/delete`);
  });

  it('ask anew each time what their owner may do; what is in the way is noted, and told by one mail until they start again', async () => {
    const id = await make({ skipsRunning: '' });
    const mails = () => tables.getRepository(Mail).findBy({ kind: 'schedule' });
    const users = tables.getRepository(User);
    const settings = service(PipelineSettings);
    let hours = 20;
    async function skippedBecause(sentence: string): Promise<void> {
      await letItBeDue(id, (hours -= 1));
      await schedules().update({ id }, { cron: '0 0 1 1 *' });
      await look();
      const last = (await ticksOf(id)).at(-1)!;
      expect([last.outcome, last.why]).toEqual(['skipped', expect.stringContaining(sentence)]);
    }
    await users.update({ email }, { suspendedMs: 1 });
    await skippedBecause('whySuspended');
    await users.update({ email }, { suspendedMs: null, leavingMs: Date.now() });
    await skippedBecause('whyLeft');
    await users.update({ email }, { leavingMs: null });
    await settings.switchOff('blur', 'Out of order', 'a test');
    await skippedBecause('pipelineOffNote');
    expect(await words(`${at()}/${id}`)).toContain('Out of order');
    await settings.switchOn('blur', 'a test');
    await settings.setAccess('blur', 'administrators', 'a test');
    await skippedBecause('noSuchPipeline');
    await settings.setAccess('blur', null, 'a test');
    await schedules().update({ id }, { entries: { image: 'project:gone.txt', sigma: '1' } });
    await skippedBecause('whyValues');
    const owner = await users.findOneByOrFail({ email });
    await tables.query('UPDATE projects SET owner_id = ? WHERE id = ?', ['00000000-0000-4000-8000-000000000001', project.id]);
    await skippedBecause('whyNoAccess');
    await tables.query('UPDATE projects SET owner_id = ? WHERE id = ?', [owner.id, project.id]);
    const [mail, ...more] = await mails();
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ recipient: email, subject: 'Schedule “Nightly” could not start' });
    expect(mail.textBody).toContain('suspended');
    await schedules().update({ id }, { entries: { image: 'project:a.txt', sigma: '1' } });
    await letItBeDue(id, (hours -= 1));
    await look();
    expect((await ticksOf(id)).at(-1)!.outcome).toBe('started');
    expect((await find(id)).toldMs).toBeNull();
    await endRuns();
    await browser.postForm(`${at()}/${id}/delete`);
  });

  it('pause, go on without what passed meanwhile, and are changed by nobody else', async () => {
    const id = await make();
    await browser.postForm(`${at()}/${id}/pause`);
    expect(await find(id)).toMatchObject({ nextMs: null, pausedMs: expect.any(Number) as number });
    const changed = await browser.postForm(`${at()}/${id}`, {
      entries: JSON.stringify({ image: 'project:a.txt', sigma: '4' }),
      name: 'Weekly',
      cron: '0 6 * * mon',
      timeZone: 'UTC',
    });
    expect(changed.status).toBe(303);
    expect(await find(id)).toMatchObject({ name: 'Weekly', nextMs: null, skipsRunning: false, entries: { sigma: '4' } });
    await browser.postForm(`${at()}/${id}/resume`);
    expect((await find(id)).nextMs).toBeGreaterThan(Date.now());
    expect(await ticksOf(id)).toEqual([]);
    const stranger = web.browser();
    await stranger.signUp();
    for (const path of ['', '/pause', '/delete', '/change'])
      expect([path, (await stranger.postForm(`${at()}/${id}${path}`)).status]).toEqual([path, 404]);
    const guest = web.browser();
    await guest.enterAsGuest();
    const own = await createProject(web, guest, 'Of a guest');
    expect((await guest.postForm(`/projects/${own.id}/run/blur/schedule`, {})).status).toBe(403);
  });

  it('pause with the account, and are tidied away with the project', async () => {
    const [left] = await schedules().findBy({ name: 'Weekly' });
    await tables.query('UPDATE users SET leaving_ms = 1 WHERE id = ?', [left.ownerId]);
    await service(AccountEnd).close({ id: left.ownerId, email: null, leavingMs: 1 });
    expect(await find(left.id)).toMatchObject({ nextMs: null, pausedMs: expect.any(Number) as number });
    await schedules().update({ id: left.id }, { projectId: '00000000-0000-4000-8000-000000000002' });
    await tables.query('UPDATE schedules SET deleted_ms = 1 WHERE deleted_ms IS NOT NULL');
    const chore = new GoneSchedules(web.database.config, service(SchedulesRepository), service(ScheduleTicksRepository));
    const waste = await chore.find(Date.now());
    expect(waste.map(({ what }) => what)).toContain('schedules that nobody sees: 6');
    for (const one of waste) await one.remove();
    for (const one of await chore.find(Date.now())) await one.remove();
    expect([await schedules().count(), await tables.getRepository(ScheduleTick).count()]).toEqual([0, 0]);
  });

  describe('with several web processes', () => {
    let product: Product;
    const processes: WebProcess[] = [];

    beforeAll(async () => {
      product = compileProduct();
      for (let count = 1; count <= 2; count += 1)
        processes.push(await startWebProcess(product, web.database, { PIPELINES_DIR: pipelines }));
    }, 100_000);
    afterAll(async () => {
      await Promise.all(processes.map((one) => one.kill()));
      product?.remove();
    });

    it('start exactly one run for each time, also where one of them is killed in the middle of it', async () => {
      const again = web.browser();
      ({ email } = await again.signUp());
      browser = again;
      project = await createProject(web, again, 'Liver');
      await upload(again, project.id, { 'a.txt': 'a' });
      const startedOf = (ids: string[]) => tables.getRepository(ScheduleTick).countBy({ scheduleId: In(ids), outcome: 'started' });
      const before = (await runs()).length;
      const made: string[] = [];
      for (let index = 0; index < 12; index += 1) made.push(await make({ name: `S${index}`, skipsRunning: '', cron: '0 * * * *' }));
      for (const id of made) await letItBeDue(id);
      await until(async () => (await runs()).length > before, 20_000);
      await processes[0].kill();
      await tables.query("UPDATE schedule_ticks SET at_ms = 1 WHERE outcome = 'claimed'");
      await until(async () => (await startedOf(made)) === made.length, 30_000);
      const ticks = await Promise.all(made.map(ticksOf));
      expect(ticks.map((some) => some.length)).toEqual(made.map(() => 1));
      const numbers = ticks.flatMap((some) => some.map(({ runId }) => runId));
      expect(new Set(numbers).size).toBe(made.length);
      expect((await runs()).length).toBe(before + made.length);
    }, 60_000);
  });
});
