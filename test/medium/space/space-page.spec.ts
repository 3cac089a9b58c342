import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { Space } from '../../../src/common/space/space';
import { aNewRun } from '../../factories';
import { createProject, upload } from '../../project-steps';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

describe('the page of what uses a space', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;

  beforeAll(async () => {
    web = await startTestWebApp({ GUEST_SPACE: '100 kB', GUEST_PROJECTS: '4', GUEST_FILES: '1000', ADMIN_EMAILS: 'admin@example.org' });
  });
  afterAll(() => web?.close());
  beforeEach(async () => {
    browser = web.browser();
    await browser.enterAsGuest();
    project = await createProject(web, browser, 'Spleen <4>');
  });

  const words = (answer: TestAnswer) =>
    mainOf(answer)
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
  const write = (path: string, bytes: number) => {
    const whole = join(web.database.config.filesRoot, project.ownerId, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, randomBytes(bytes));
  };

  it('lists projects, results, trash and half-sent uploads with the ways to free them', async () => {
    await upload(browser, project.id, { 'a.bin': randomBytes(20_000), 'b.bin': randomBytes(11_000) });
    await browser.postForm(`/projects/${project.id}/files/delete`, { only: 'b.bin' }, { page: '/projects' });
    const { runId } = await web.app
      .get(QueueStore)
      .enqueue(aNewRun({ ownerId: project.ownerId, projectId: project.id, pipelineTitle: 'Nuclei & co' }));
    write(`${project.id}/runs/${runId}/masks.tif`, 30_000);
    write(`${project.id}/runs/${runId}/deep/table.csv`, 500);
    write(`.staging/${project.id}.${randomUUID()}.part`, 4000);
    write(`${randomUUID()}/orphan.bin`, 700);
    const terms = { projectId: project.id, what: 'upload', forMs: 60_000 } as const;
    await web.app.get(Space).reserve(project.ownerId, { bytes: 6000, files: 1 }, terms);
    const page = await browser.get('/space');
    expect(words(page)).toContain('72.2 kB of 100 kB used');
    expect(words(page)).toContain('Files 20.7 kB Results 30.5 kB Trash and uploads under way 21 kB');
    expect(words(page)).toMatch(/Spleen &lt;4&gt; .*20 kB 30.5 kB 11 kB 10 kB 71.5 kB Left over from deleted projects Files 700 bytes/);
    expect(words(page)).toMatch(new RegExp(`#${runId} Nuclei &amp; co not finished not finished 30.5 kB`));
    expect(words(page)).toContain('Projects 1 of 4 Files 7 of 1,000 Largest upload 5 GB');
    for (const link of [`/projects/${project.id}?path=runs`, `/projects/${project.id}/trash`, `/runs/${runId}`]) {
      expect(page.body.replaceAll('&#x3D;', '=')).toContain(`href="${link}"`);
    }
  });

  it('folds what is small where there are many projects, and adds all of it up', async () => {
    const own = web.browser();
    await own.signUp();
    const projects: Project[] = [];
    for (let number = 1; number <= 13; number += 1) projects.push(await createProject(web, own, `Project ${number}`));
    const { ownerId } = projects[0];
    for (const [index, { id }] of projects.entries()) {
      const folder = join(web.database.config.filesRoot, ownerId, id);
      writeFileSync(join(folder, 'a.bin'), randomBytes(1000 * (index + 1)));
    }
    await createProject(web, own, 'Still empty');
    await web.app.get(Space).measure(ownerId);
    const page = mainOf(await own.get('/space'));
    // What is empty is a number, and kinds that nobody has are no columns.
    expect(words({ body: `<main>${page}</main>` } as TestAnswer)).toContain('1 more project holds no files.');
    expect(page).not.toContain('>Still empty<');
    expect(page).not.toContain('>Trash</th>');
    const [seen, more] = page.split('<details class="fold">');
    expect(words({ body: `<main>${seen}</main>` } as TestAnswer)).toMatch(
      /Project 13 .* 13 kB .*Project 4 .* 4 kB .*All projects 91 kB 91 kB/,
    );
    expect(seen).not.toMatch(/>Project [123]</);
    expect(more).toMatch(/3 more projects<\/span> <span class="meta">6 kB<\/span>[^]*>Project 3<[^]*>Project 2<[^]*>Project 1</);
  });

  it('is fresh after something was deleted, and measures when asked', async () => {
    await upload(browser, project.id, { 'a.bin': randomBytes(20_000) });
    expect(words(await browser.get('/space'))).toContain('20 kB of 100 kB used');
    write(`${project.id}/more.bin`, 5000);
    expect(words(await browser.get('/space'))).toContain('20 kB of 100 kB used');
    const answer = await browser.postForm('/space/measure', {}, { page: '/space' });
    expect(words(await browser.get(answer.location!))).toContain('The space was measured.');
    expect(words(await browser.get('/space'))).toContain('25 kB of 100 kB used');
    await upload(browser, project.id, { 'b.bin': randomBytes(1000) });
    expect(words(await browser.get('/space'))).toMatch(/Spleen &lt;4&gt; Files 26 kB 26 kB 26 kB/);
  });

  it('warns before it is full, and says what being full means; both pages of projects show how full it is', async () => {
    write(`${project.id}/a.bin`, 91_000);
    await web.app.get(Space).measure(project.ownerId);
    expect(words(await browser.get('/space'))).toContain('91 percent of this space is used.');
    expect(words(await browser.get('/projects'))).toContain('91 kB of 100 kB used');
    const page = await browser.get(`/projects/${project.id}`);
    expect(words(page)).toContain('91 kB of 100 kB used');
    expect(page.body).toContain(`href="/projects/${project.id}/space"`);
    expect(page.body).toContain('class="meter meter-warn" value="91"');
    write(`${project.id}/b.bin`, 9000);
    await web.app.get(Space).measure(project.ownerId);
    expect(words(await browser.get('/space'))).toContain('This space is full: 100 kB of 100 kB are in use or reserved.');
  });

  it('shows an administrator the space of the owner of a project, and nobody else', async () => {
    write(`${project.id}/a.bin`, 12_000);
    await web.app.get(Space).measure(project.ownerId);
    const admin = web.browser();
    await admin.signUp('admin@example.org');
    const page = await admin.get(`/projects/${project.id}/space`);
    expect(words(page)).toMatch(/Space of Guest .* 12 kB of 100 kB used/);
    expect(page.body).not.toContain('/space/measure');
    expect(words(await admin.get('/space'))).toContain('There are no files yet.');
    const stranger = web.browser();
    await stranger.enterAsGuest();
    expect((await stranger.get(`/projects/${project.id}/space`)).status).toBe(404);
  });

  it('is not mentioned to people without limits who use little', async () => {
    const account = web.browser();
    await account.signUp();
    await createProject(web, account, 'Mine');
    expect(words(await account.get('/projects'))).not.toContain('used');
    expect(words(await account.get('/space'))).toContain('0 bytes used. There is no limit.');
  });
});
