import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { Preset } from '../../../src/common/presets/preset.entity';
import { PresetsRepository } from '../../../src/common/presets/presets.repository';
import { Share } from '../../../src/common/shares/share.entity';
import { SharesRepository } from '../../../src/common/shares/shares.repository';
import { SweepsRepository } from '../../../src/common/sweeps/sweeps.repository';
import { aCapacity, aNewRun } from '../../factories';
import { makePipelines } from '../../pipeline-folder';
import { createProject, upload } from '../../project-steps';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const MANIFEST = `
title: Blur
command: [./blur.sh]
parameters:
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
`;
const HOUR_MS = 3_600_000;

describe('what was done by mistake', () => {
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let project: Project;
  let at: string;

  beforeAll(async () => {
    pipelines = makePipelines({ 'blur/pipeline.yaml': MANIFEST, 'blur/blur.sh': '#!/bin/sh\n' });
    web = await startTestWebApp({
      PIPELINES_DIR: pipelines,
      ADMIN_EMAILS: 'root@example.org',
      FREE_SPACE_RESERVE: '1 MB',
      SWEEP_RUNS: '12',
    });
    browser = web.browser();
    await browser.signUp();
    project = await createProject(web, browser, 'Spleen');
    at = `/projects/${project.id}`;
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const store = () => web.app.get(QueueStore, { strict: false });
  const runs = () => web.app.get(RunsRepository, { strict: false });
  const rowsOf = <Row extends object>(entity: new () => Row) => web.app.get(DataSource).getRepository(entity);

  /** Follows the answer of a form to the page, and presses Undo there. Null where the page offers none. */
  async function undo(
    { location }: TestAnswer,
    by = browser,
  ): Promise<{ before: string; after: TestAnswer; press: () => Promise<TestAnswer> } | null> {
    const before = await by.get(location!);
    const form = /<form method="post" action="([^"]+)"[^>]* data-undo>([^]*?)<\/form>/.exec(before.body);
    if (!form) return null;
    const plain = (value: string) => value.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
    const fields = [...form[2].matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]): [string, string] => [
      name,
      plain(value),
    ]);
    const press = () => by.postBody(form[1], new URLSearchParams(fields).toString());
    return { before: wordsOf(mainOf(before)), after: await press(), press };
  }
  const pageAfter = async ({ location, body }: TestAnswer) => wordsOf(location === undefined ? body : mainOf(await browser.get(location)));

  it('is offered once, and taken back by a form that needs no scripts and this session', async () => {
    const renamed = await browser.postForm(`${at}/rename`, { name: 'Splen' });
    const page = await browser.get(renamed.location!);
    expect(wordsOf(mainOf(page))).toMatch(/The project is now named Splen\. Undo/);
    expect((await browser.postBody(`${at}/rename`, 'name=Spleen')).status).toBe(403);
    expect(mainOf(await browser.get(renamed.location!))).not.toContain('data-undo');
    const undone = await undo(await browser.postForm(`${at}/rename`, { name: 'Liver' }));
    expect(mainOf(await browser.get(undone!.after.location!))).toContain('<h1>Splen</h1>');
    await browser.postForm(`${at}/rename`, { name: 'Spleen' });
  });

  describe('a link that was taken back', () => {
    const shares = () => web.app.get(SharesRepository, { strict: false });
    const make = async (): Promise<{ link: string; id: string }> => {
      const { body } = await browser.postForm(`${at}/shares`, { days: '7', note: '' }, { page: `${at}/shares` });
      const [share] = await shares().ofProject(project.id);
      return { link: /\/shared\/[A-Za-z0-9_-]{43}/.exec(body)![0], id: share.id };
    };
    const opens = async (link: string) => (await web.browser().get(link)).status;

    it('opens again, for whoever has it', async () => {
      const { link, id } = await make();
      const visitor = web.browser();
      await visitor.get(link);
      const answer = await browser.postForm(`${at}/shares/${id}/revoke`);
      expect([await opens(link), (await visitor.get(`${at}/shared`)).location]).toEqual([404, expect.stringMatching(/^\/login/)]);
      expect(await shares().ofProject(project.id)).toEqual([]);
      const undone = (await undo(answer))!;
      expect(undone.before).toContain('The link opens nothing any more. Undo');
      expect(await pageAfter(undone.after)).toContain('The link opens again.');
      expect([await opens(link), (await visitor.get(`${at}/shared`)).status]).toEqual([303, 200]);
      // Twice is once.
      expect(await pageAfter(await undone.press())).toContain('The link opens again.');
      await shares().revoke(project.id, id);
    });

    it('stays closed to others, and for good after an hour', async () => {
      const { link, id } = await make();
      await browser.postForm(`${at}/shares/${id}/revoke`);
      const other = web.browser();
      await other.signUp();
      const theirs = await createProject(web, other, 'Theirs');
      await other.postForm(`/projects/${theirs.id}/shares/${id}/restore`);
      expect((await other.postForm(`${at}/shares/${id}/restore`)).status).toBe(404);
      expect(await opens(link)).toBe(404);
      expect(await shares().useless()).toEqual([]);
      await rowsOf(Share).update({ id }, { revokedMs: Date.now() - HOUR_MS - 1000 });
      expect(await pageAfter(await browser.postForm(`${at}/shares/${id}/restore`))).toContain('That link is gone for good');
      expect(await opens(link)).toBe(404);
      expect(await shares().useless()).toEqual([id]);
    });

    it('does not open longer than it was made for', async () => {
      const { link, id } = await make();
      await browser.postForm(`${at}/shares/${id}/revoke`);
      await rowsOf(Share).update({ id }, { expiresMs: Date.now() - 1000 });
      expect(await pageAfter(await browser.postForm(`${at}/shares/${id}/restore`))).toContain('That link is gone for good');
      expect(await opens(link)).toBe(404);
    });
  });

  describe('a preset that was deleted', () => {
    const form = () => `${at}/run/blur`;
    const keep = async (sigma: string): Promise<string> => {
      const entries = JSON.stringify({ sigma });
      const { location } = await browser.postForm(`${form()}/presets`, { name: 'Plate 7', entries }, { page: form() });
      return /preset=([0-9a-f-]{36})/.exec(location ?? '')![1];
    };

    it('comes back with its values', async () => {
      const preset = await keep('2.5');
      const undone = (await undo(await browser.postForm(`${form()}/presets/${preset}/delete`, { 'p.sigma': '3' })))!;
      expect(undone.before).toContain('The preset was deleted. Undo');
      expect(undone.before).not.toContain('Plate 7');
      expect(undone.after.location).toBe(`${form()}?p.sigma=3`);
      expect(await pageAfter(undone.after)).toMatch(/The preset is back\..*Plate 7/);
      expect(mainOf(await browser.get(`${form()}?preset=${preset}`))).toContain('value="2.5"');
    });

    it('does not come back over one that took its name, which is found by its own number', async () => {
      const first = await keep('2.5');
      await browser.postForm(`${form()}/presets/${first}/delete`);
      const second = await keep('4.5');
      expect(second).not.toBe(first);
      expect(mainOf(await browser.get(`${form()}?preset=${second}`))).toContain('value="4.5"');
      expect(await pageAfter(await browser.postForm(`${form()}/presets/${first}/restore`))).toContain(
        'another one was kept under its name since',
      );
      expect(mainOf(await browser.get(`${form()}?preset=${second}`))).toContain('value="4.5"');
      await browser.postForm(`${form()}/presets/${second}/delete`);
    });

    it('is swept away when its hour is over', async () => {
      const presets = web.app.get(PresetsRepository, { strict: false });
      const preset = await keep('1.5');
      await browser.postForm(`${form()}/presets/${preset}/delete`);
      expect(await presets.useless()).toEqual([]);
      await rowsOf(Preset).update({ id: preset }, { deletedMs: Date.now() - HOUR_MS - 1000 });
      expect(await pageAfter(await browser.postForm(`${form()}/presets/${preset}/restore`))).toContain('gone for good');
      expect(await presets.useless()).toEqual([preset]);
    });
  });

  describe('a waiting run that was cancelled', () => {
    const ask = async (over: object = {}) => {
      const parameters = { sigma: 1.5 };
      const wish = aNewRun({ ownerId: project.ownerId, projectId: project.id, parameters, level: -3, ...over });
      return (await store().enqueue(wish)).runId;
    };
    const tidy = async () => {
      for (const run of await runs().listWaitingAndHeld()) await store().requestCancel(run.id, 'tidied up');
    };
    afterEach(tidy);

    it('is asked for once more, the same in all, however often that is sent', async () => {
      const id = await ask();
      const before = (await runs().find(id))!;
      const answer = await browser.postForm(`/runs/${id}/cancel`, { back: '/queue' });
      const undone = (await undo(answer))!;
      expect(undone.before).toContain(`Run #${id} is cancelled. Queue it again`);
      const [again, ...others] = await Promise.all([undone.press(), undone.press(), undone.press()]);
      expect(others.map(({ location }) => location)).toEqual(['/queue', '/queue']);
      expect(again.location).toBe('/queue');
      const [run, ...more] = await runs().listWaitingAndHeld();
      expect(more).toEqual([]);
      expect(await pageAfter(again)).toContain(`Run #${run.id} waits in the place of run #${id}.`);
      const same = [
        'pipelineId',
        'pipelineTitle',
        'projectId',
        'ownerId',
        'rank',
        'timeLimitSeconds',
        'maxStarts',
        'pipelineLimit',
        'engine',
        'needCpu',
        'needMemory',
        'needGpus',
      ] as const;
      for (const name of same) expect([name, run[name]]).toEqual([name, before[name]]);
      expect((await runs().details(run.id))!.parameters).toEqual((await runs().details(id))!.parameters);
      expect((await runs().find(id))!.state).toBe('cancelled');
      // Without a page to come back to it leads to the new run.
      expect((await browser.postForm(`/runs/${id}/requeue`)).location).toBe(`/runs/${run.id}`);
    });

    it('comes back neither once it had started, nor for somebody else', async () => {
      const runner = { ...aCapacity(), incarnation: randomUUID(), host: 'h', bootId: 'b', pokeAddress: null };
      await store().registerRunner(runner);
      const started = await ask();
      const [run] = await store().claim(runner, 1);
      expect(run.id).toBe(started);
      await store().authorise({ runId: run.id, fence: run.fence }, { kind: 'process', pid: 1, startTicks: '1', host: 'h', bootId: 'b' });
      const answer = await browser.postForm(`/runs/${started}/cancel`);
      expect(await undo(answer)).toBeNull();
      await store().finish({ runId: run.id, fence: run.fence }, { state: 'cancelled', exitCode: null, note: null });
      const refused = await browser.postForm(`/runs/${started}/requeue`);
      expect([refused.status, wordsOf(mainOf(refused))]).toEqual([409, expect.stringContaining(`Run #${started} does not come back.`)]);
      const other = web.browser();
      await other.signUp();
      const waiting = await ask();
      await browser.postForm(`/runs/${waiting}/cancel`);
      expect((await other.postForm(`/runs/${waiting}/requeue`)).status).toBe(403);
      await store().retireRunner(runner);
      expect(await runs().listWaitingAndHeld()).toEqual([]);
    });

    it('leads nowhere when its project is gone', async () => {
      const gone = await createProject(web, browser, 'Gone');
      const id = await ask({ projectId: gone.id });
      await browser.postForm(`/runs/${id}/cancel`);
      await rowsOf(Project).delete({ id: gone.id });
      expect((await browser.postForm(`/runs/${id}/requeue`)).status).toBe(404);
    });

    it('stands in its place among runs that were asked for together', async () => {
      const fields = { 'p.sigma': '1', 'sweep.1.parameter': 'sigma', 'sweep.1.values': '1..3', 'sweep.mode': 'all' };
      const { location } = await browser.postForm(`${at}/run/blur`, fields);
      const sweep = location!.split('/').at(-1)!;
      const sweeps = web.app.get(SweepsRepository, { strict: false });
      const membersOf = async () => (await sweeps.runsOf(sweep)).map(({ runId }) => runId);
      const before = await membersOf();
      // One was cancelled by itself, long before the others: it stays so.
      await browser.postForm(`/runs/${before[1]}/cancel`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const undone = (await undo(await browser.postForm(`${location}/cancel`)))!;
      expect(undone.before).toContain('2 runs were cancelled. Queue them again');
      expect(await pageAfter(undone.after)).toContain('2 runs wait again.');
      const after = await membersOf();
      expect(after[1]).toBe(before[1]);
      expect(new Set((await runs().listWaitingAndHeld()).map(({ id }) => id))).toEqual(new Set([after[0], after[2]]));
      const values = await Promise.all(after.map(async (id) => (await runs().details(id))!.parameters['sigma']));
      expect(values).toEqual(['1', '2', '3']);
      expect(await pageAfter(await undone.press())).toContain('None of these runs comes back.');
    });
  });

  it('a new name and a new place of files are taken back', async () => {
    await upload(browser, project.id, { 'a & b.txt': 'a', 'c.txt': 'c' });
    await browser.postForm(`${at}/files/folder`, { newName: 'raw' });
    const list = async (path = '') => wordsOf(/<tbody[^]*<\/tbody>/.exec(mainOf(await browser.get(`${at}${path}`)))?.[0] ?? '');
    const renamed = (await undo(await browser.postForm(`${at}/files/rename`, { name: 'a & b.txt', newName: 'x.txt' })))!;
    expect(renamed.before).toContain('Undo');
    expect(await list()).toContain('a & b.txt');
    const moved = (await undo(
      await browser.postForm(`${at}/files/move`, [
        ['name', 'a & b.txt'],
        ['name', 'c.txt'],
        ['to', 'raw'],
      ]),
    ))!;
    expect(moved.before).toContain('Undo');
    expect(moved.after.location).toBe(at);
    expect(await list()).toMatch(/a & b\.txt[^]*c\.txt/);
    expect(await list('?path=raw')).not.toContain('c.txt');
  });

  it('a move is not taken back where a name had to change', async () => {
    await browser.postForm(`${at}/files/folder`, { newName: 'second' });
    await upload(browser, project.id, { 'd.txt': 'd' });
    await browser.postForm(`${at}/files/copy`, { name: 'd.txt', to: 'second' });
    const answer = await browser.postForm(`${at}/files/move`, { name: 'd.txt', to: 'second', onConflict: 'keepBoth' });
    expect(await undo(answer)).toBeNull();
  });

  it('a runner that was paused goes on', async () => {
    const admin = web.browser();
    await admin.signUp('root@example.org');
    const runner = { ...aCapacity({ name: 'ws 1&2' }), incarnation: randomUUID(), host: 'h', bootId: 'b', pokeAddress: null };
    await store().registerRunner(runner);
    const paused = await admin.postForm('/admin/runners/mode', { runner: runner.name, mode: 'paused' });
    expect((await store().glance(runner.name)).mode).toBe('paused');
    expect(await undo(paused, admin)).not.toBeNull();
    expect((await store().glance(runner.name)).mode).toBe('active');
  });
});
