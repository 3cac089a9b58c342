import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aCapacity, aNewRun, aProject } from '../../factories';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { SweepsRepository } from '../../../src/common/sweeps/sweeps.repository';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { createProject, upload } from '../../project-steps';
import { follow, linkTo } from '../../account-links';
import { mainOf, startTestWebApp, type TestWebApp } from '../../web-app';

const SCRIPT = '#!/bin/sh\n##~~ input - the file to count\n##~~ output - where the count goes\nwc -l "$1" > "$2"\n';

describe('home and help', () => {
  let web: TestWebApp;
  let pipelines: string;

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'pipelines-'));
    writeFileSync(join(pipelines, 'count-lines.sh'), SCRIPT, { mode: 0o755 });
    mkdirSync(join(pipelines, 'boxed'));
    writeFileSync(join(pipelines, 'boxed', 'pipeline.yaml'), "title: Boxed\ndocker: { image: busybox }\ncommand: ['true']\n");
    mkdirSync(join(pipelines, 'stitcher'));
    writeFileSync(join(pipelines, 'stitcher', 'pipeline.yaml'), 'title: [');
    const settings = { PIPELINES_DIR: pipelines, ADMIN_EMAILS: 'root@example.org', RETENTION_DAYS: '11', GUEST_DAYS: '3' };
    web = await startTestWebApp({
      ...settings,
      SMTP_URL: 'smtp://127.0.0.1:25',
      SITE_NAME: 'Bio <Core>',
      CONTACT_EMAIL: 'help@example.org',
    });
  });
  afterAll(async () => {
    await web.close();
    rmSync(pipelines, { recursive: true });
  });

  it('tells a newcomer what this is, how to begin and what can be run', async () => {
    const { status, body } = await web.browser().get('/');
    expect(status).toBe(200);
    expect(body).toContain('Bio &lt;Core&gt;');
    expect(body).toMatch(/<a class="btn btn-primary btn-lg" href="\/signup">Sign up<\/a>/);
    expect(body).toContain('Continue as guest');
    expect(body).toContain('until 3 days after');
    for (const path of ['/', '/signup', '/login'])
      expect((await web.browser().get(path)).body).toContain('Results are deleted 11 days after their run, unless you press Keep.');
    expect(body).toContain('Count lines');
    expect(body).not.toContain('stitcher');
    expect(body).toContain('mailto:help@example.org');
  });

  it('calls no runner ready that takes nothing', async () => {
    const store = web.app.get(QueueStore);
    const told = async () => / pipelines? · ([^·]*) ·/.exec(mainOf(await web.browser().get('/')))?.[1];
    expect(await told()).toBe('no runner is alive');
    const identity = { ...aCapacity({ name: 'ws-1' }), incarnation: 'a', host: 'lab', bootId: 'b', pokeAddress: null };
    await store.registerRunner(identity);
    expect(await told()).toBe('1 runner ready');
    await store.setRunnerMode('ws-1', 'paused');
    expect(await told()).toBe('no runner takes runs');
    await store.retireRunner(identity);
  });

  it('shows the dashboard to somebody who is logged in, with their runs and no one else’s', async () => {
    const browser = web.browser();
    const { email } = await browser.signUp();
    expect(mainOf(await browser.get('/'))).toContain('Create project');
    const me = (await web.app.get(UsersRepository).findByEmail(email))!;
    const store = web.app.get(QueueStore);
    const mine = await store.enqueue(aNewRun({ ownerId: me.id }));
    const theirs = await store.enqueue(aNewRun());
    const main = mainOf(await browser.get('/'));
    expect(main).toContain(`href="/runs/${mine.runId}"`);
    expect(main).not.toContain(`home-run-${theirs.runId}"`);
    expect(main).not.toContain('stitcher');
  });

  it('finds the other latest runs behind however many that were asked for together', async () => {
    const browser = web.browser();
    const { email } = await browser.signUp();
    const { id: ownerId } = (await web.app.get(UsersRepository).findByEmail(email))!;
    const [store, sweeps] = [web.app.get(QueueStore), web.app.get(SweepsRepository, { strict: false })];
    const project = aProject({ ownerId });
    await web.app.get(ProjectsRepository, { strict: false }).add(project);
    const ask = async () => (await store.enqueue(aNewRun({ projectId: project.id, ownerId }))).runId;
    const sweep = async (count: number): Promise<string> => {
      const row = { pipelineId: 'nuclei', pipelineTitle: 'Nuclei', axes: [], mode: 'all' as const, runCount: count };
      const id = randomUUID();
      await sweeps.add({ ...row, id, projectId: project.id, ownerId });
      for (let position = 0; position < count; position += 1) await sweeps.addRun(id, position, await ask());
      return id;
    };
    const single = [await ask(), await ask()];
    const ids = [await sweep(70), await sweep(60)];
    const other = await ask();
    const lines = async () => [...mainOf(await browser.get('/')).matchAll(/id="home-(?:run|sweep)-([\w-]+)"/g)].map(([, line]) => line);
    const expected = [String(other), ids[1], ids[0], String(single[1]), String(single[0])];
    expect(await lines()).toEqual(expected);
    for (const run of await web.app.get(RunsRepository).liveOfOwner(ownerId)) await store.requestCancel(run.id, 'test');
    expect(await lines()).toEqual(expected);
  });

  it('proposes the pipeline that could run on the files that are there, and lists last what nobody carries out', async () => {
    const store = web.app.get(QueueStore);
    const identity = {
      ...aCapacity({ name: 'ws-2', engines: ['process'] }),
      incarnation: 'a',
      host: 'lab',
      bootId: 'b',
      pokeAddress: null,
    };
    await store.registerRunner(identity);
    const browser = web.browser();
    await browser.signUp();
    const { id } = await createProject(web, browser, 'Lines');
    expect(mainOf(await browser.get('/'))).toContain(
      `<a class="btn btn-primary" href="/projects/${id}#upload-area">Upload files in the project</a>`,
    );
    await upload(browser, id, { 'lines.txt': 'one' });
    const main = mainOf(await browser.get('/'));
    expect(main).toContain(`<a class="btn btn-primary" href="/projects/${id}/run/count-lines">Run Count lines</a>`);
    expect(main).toMatch(/Count lines[^]*Boxed[^]*It needs Docker/);
    const { ownerId } = (await web.app.get(ProjectsRepository, { strict: false }).findById(id))!;
    const { runId } = await store.enqueue(aNewRun({ projectId: id, ownerId }));
    const watching = mainOf(await browser.get('/'));
    expect(watching).toContain(`href="/runs/${runId}">Show`);
    expect(watching).toMatch(
      new RegExp(`id="home-next"[^]*<a class="btn" href="/projects/${id}" title="Lines">Open the project</a>[^]*id="home-runs"`),
    );
    await store.requestCancel(runId, 'test');
    expect(mainOf(await browser.get('/'))).toContain('Run Count lines</a>');
    await store.retireRunner(identity);
  });

  it('tells administrators which pipeline is broken, and that the others are not', async () => {
    const admin = web.browser();
    await admin.signUp('root@example.org');
    await follow(admin, await linkTo(web, 'root@example.org', 'confirm'));
    const { body } = await admin.get('/');
    expect(mainOf({ body } as never)).toMatch(/The pipeline in stitcher[^]* is switched off\./);
    expect(body).toContain('Administrator');
  });

  it('explains the place with the figures of this installation', async () => {
    const browser = web.browser();
    const read = mainOf(await browser.get('/help'));
    for (const id of ['projects', 'runs', 'states', 'results', 'mails', 'who-sees-what', 'programs', 'trouble'])
      expect(read).toContain(`id="${id}"`);
    // Where files lie, and limits of people, are no business of strangers.
    for (const part of ['big-files', 'href="/space"', 'Guests have no address']) expect(read).not.toContain(part);
    expect((await browser.get('/')).body).toContain('href="/help"');
    await browser.enterAsGuest();
    const page = await browser.get('/help');
    expect(page.body.match(/class="btn[^"]*" href="\/signup"/g)).toHaveLength(1);
    const main = mainOf(page);
    expect(main).toContain('11 days after the run has ended');
    for (const state of ['queued', 'timed_out', 'lost']) expect(main).toContain(`data-run-state="${state}"`);
    expect(main).toContain('Guests have no address');
  });

  it('keeps the theme that was chosen without a flash of the other', async () => {
    const browser = web.browser();
    expect((await browser.get('/')).body).not.toContain('data-bs-theme');
    const answer = await browser.postForm('/theme', { theme: 'dark', back: '/' }, { page: '/' });
    expect(answer.status).toBe(303);
    expect((await browser.get('/')).body).toContain('<html lang="en" data-bs-theme="dark">');
  });

  it('loads nothing from elsewhere and has no inline script or style', async () => {
    const { body, headers } = await web.browser().get('/');
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(body).not.toMatch(/\sstyle=|<style|<script>/);
    expect(headers['content-security-policy']).toContain("style-src 'self'");
  });
});
