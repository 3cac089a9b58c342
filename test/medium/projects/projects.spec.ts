import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { aCapacity, aNewRun } from '../../factories';
import { createProject, upload } from '../../project-steps';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import type { Project } from '../../../src/common/projects/project.entity';

const SIGMA = { name: 'sigma', type: 'number', label: 'Smoothing', default: 1.5, unit: '' };

describe('projects', () => {
  let web: TestWebApp;
  let browser: TestBrowser;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());

  const folderOf = (project: Project) => join(web.database.config.filesRoot, project.ownerId, project.id);
  const words = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  const enqueue = (project: Project, parameters: Record<string, unknown> = {}, manifest: Record<string, unknown> = {}) =>
    web.app.get(QueueStore, { strict: false }).enqueue(aNewRun({ projectId: project.id, ownerId: project.ownerId, parameters, manifest }));

  describe('list and creation', () => {
    it('shows a newcomer how to begin', async () => {
      const other = web.browser();
      await other.signUp();
      const page = await other.get('/projects');
      expect(page.status).toBe(200);
      expect(words(mainOf(page))).toMatch(/Start with a project .* Project name Create project/);
    });

    it('creates a project with its folder and lists it with its files', async () => {
      const project = await createProject(web, browser, '  Spleen, slide 4 ');
      expect(project.name).toBe('Spleen, slide 4');
      await upload(browser, project.id, { 'a.tif': 'x'.repeat(1500) });
      // On a busy machine a page shows the last amount until it is measured anew.
      let list = '';
      await until(async () => /1 file · 1\.5 kB/.test((list = words(mainOf(await browser.get('/projects'))))));
      expect(list).toMatch(/Spleen, slide 4 1 file · 1\.5 kB/);
      expect(list).toContain('no runs yet');
    });

    it.each([
      ['', /Give the project a name/],
      ['   ', /Give the project a name/],
      ['\u200b', /Give the project a name/],
      ['a\u0000b', /invisible/],
      ['a\nb', /invisible/],
      ['x\u202ey', /invisible/],
      ['x'.repeat(201), /200 characters/],
    ])('refuses the name %j beside its field', async (name, sentence) => {
      const answer = await browser.postForm('/projects', { name }, { page: '/projects' });
      expect(answer.status).toBe(422);
      expect(mainOf(answer)).toMatch(sentence);
    });

    it.each(['x'.repeat(200), '../../etc', '{{constructor}}', '<img src=x onerror=alert(1)>', "O'Neil & co", '日本 🙂'])(
      'takes the name %j as text',
      async (name) => {
        const project = await createProject(web, browser, name);
        expect(project.name).toBe(name);
        const page = await browser.get(`/projects/${project.id}`);
        expect(page.status).toBe(200);
        expect(page.body).not.toContain('<img src=x');
      },
    );

    it('refuses a name that the person has already, also when asked twice at once, and takes it from somebody else', async () => {
      const name = 'Twice at once';
      const answers = await Promise.all([1, 2, 3].map(() => browser.postForm('/projects', { name }, { page: '/projects' })));
      expect(answers.filter((answer) => answer.status === 303)).toHaveLength(1);
      expect(answers.filter((answer) => answer.status === 422)).toHaveLength(2);
      const refused = answers.find((answer) => answer.status === 422)!;
      expect(mainOf(refused)).toContain('You have a project named Twice at once already');
      expect(mainOf(refused)).toContain('value="Twice at once"');
      const other = web.browser();
      await other.signUp();
      await createProject(web, other, name);
    });

    it('shows long lists in pages', async () => {
      const other = web.browser();
      await other.signUp();
      const { ownerId } = await createProject(web, other, 'Project 1');
      const creation = web.app.get(ProjectCreation, { strict: false });
      for (let number = 2; number <= 61; number += 1) await creation.create(ownerId, `Project ${number}`);
      expect(words(mainOf(await other.get('/projects')))).toMatch(/61 projects .*Page 1 of 2 Next/);
      const second = words(mainOf(await other.get('/projects?page=2')));
      expect(second).toMatch(/Project 1 .*Previous Page 2 of 2/);
      expect((await other.get('/projects?page=999')).status).toBe(200);
      expect((await other.get('/projects?page[]=a')).status).toBe(200);
    });
  });

  describe('renaming and deleting', () => {
    it('renames, and refuses a taken name', async () => {
      const project = await createProject(web, browser, 'Old name');
      await createProject(web, browser, 'Occupied');
      const renamed = await browser.postForm(`/projects/${project.id}/rename`, { name: 'New name' }, { page: '/projects' });
      expect(renamed.location).toBe(`/projects/${project.id}`);
      expect(mainOf(await browser.get(`/projects/${project.id}`))).toContain('New name');
      const refused = await browser.postForm(`/projects/${project.id}/rename`, { name: 'Occupied' }, { page: '/projects' });
      expect(refused.status).toBe(422);
      expect(mainOf(refused)).toContain('named Occupied already');
    });

    it('deletes only after the name was typed', async () => {
      const project = await createProject(web, browser, 'Do not lose me');
      await upload(browser, project.id, { 'a.txt': 'a' });
      const refused = await browser.postForm(`/projects/${project.id}/delete`, { typed: 'something' }, { page: '/projects' });
      expect(refused.status).toBe(422);
      expect(mainOf(refused)).toContain('This is not the name');
      expect(existsSync(join(folderOf(project), 'a.txt'))).toBe(true);
    });

    it('deletes files, runs and the row, and nothing of others', async () => {
      const project = await createProject(web, browser, 'Short-lived');
      const neighbour = await createProject(web, browser, 'Neighbour');
      await upload(browser, project.id, { 'a.txt': 'a' });
      await upload(browser, neighbour.id, { 'b.txt': 'b' });
      symlinkSync(folderOf(neighbour), join(folderOf(project), 'link'));
      const { runId } = await enqueue(project);
      const kept = await enqueue(neighbour);
      const store = web.app.get(QueueStore, { strict: false });
      await store.requestCancel(runId, 'test');
      await store.requestCancel(kept.runId, 'test');
      const control = join(web.database.config.runsRoot, String(runId));
      mkdirSync(control, { recursive: true });
      const answer = await browser.postForm(`/projects/${project.id}/delete`, { typed: 'Short-lived' }, { page: '/projects' });
      expect(answer.location).toBe('/projects');
      expect((await browser.get(`/projects/${project.id}`)).status).toBe(404);
      const runs = web.app.get(RunsRepository, { strict: false });
      expect(await runs.find(runId)).toBeNull();
      expect(await runs.details(runId)).toBeNull();
      expect(await runs.events(runId)).toEqual([]);
      expect(await runs.find(kept.runId)).not.toBeNull();
      const owner = join(web.database.config.filesRoot, project.ownerId);
      await until(() => !existsSync(control) && readdirSync(join(owner, '.staging')).length === 0);
      expect(existsSync(folderOf(project))).toBe(false);
      expect(readFileSync(join(folderOf(neighbour), 'b.txt'), 'utf8')).toBe('b');
    });

    it('refuses to delete while a run of it is not finished', async () => {
      const project = await createProject(web, browser, 'Busy');
      const { runId } = await enqueue(project);
      const answer = await browser.postForm(`/projects/${project.id}/delete`, { typed: 'Busy' }, { page: '/projects' });
      expect(answer.status).toBe(409);
      expect(mainOf(answer)).toContain('1 run of this project is not finished');
      expect(existsSync(folderOf(project))).toBe(true);
      await web.app.get(QueueStore, { strict: false }).requestCancel(runId, 'test');
    });
  });

  describe('page', () => {
    it('lists folders and files, and says what links are', async () => {
      const project = await createProject(web, browser, 'Mixed');
      mkdirSync(join(folderOf(project), 'markers', '2026'), { recursive: true });
      writeFileSync(join(folderOf(project), 'markers', '2026', 'deep.csv'), 'a,b\n');
      symlinkSync('/etc', join(folderOf(project), 'etc'));
      await upload(browser, project.id, { 'image10.png': 'x', 'image9.png': 'x' });
      const page = mainOf(await browser.get(`/projects/${project.id}`));
      expect(words(page)).toMatch(/markers .*Folder.* image9\.png .* image10\.png/);
      expect(words(page)).toContain('points elsewhere and is not opened');
      expect(page).not.toContain('path=etc');
      const below = mainOf(await browser.get(`/projects/${project.id}?path=markers%2F2026`));
      expect(words(below)).toMatch(/all markers 2026 .*deep\.csv/);
    });

    it('shows folders of many files page by page', async () => {
      const project = await createProject(web, browser, 'Many');
      for (let number = 1; number <= 450; number += 1) writeFileSync(join(folderOf(project), `f${number}.txt`), '');
      const first = words(mainOf(await browser.get(`/projects/${project.id}`)));
      expect(first).toContain('Page 1 of 5');
      expect(first).not.toContain('f101.txt');
      const last = words(mainOf(await browser.get(`/projects/${project.id}?page=9`)));
      expect(last).toMatch(/f401\.txt .*f450\.txt .*Page 5 of 5/);
    });

    it('shows names that are not text, lets them be downloaded and deleted', async () => {
      const project = await createProject(web, browser, 'Odd names');
      const odd = Buffer.from([0xff, 0x41, 0x0a, 0x2e, 0x74]);
      writeFileSync(Buffer.concat([Buffer.from(`${folderOf(project)}/`), odd]), 'odd content');
      writeFileSync(join(folderOf(project), '<img src=x onerror=alert(1)>'), 'html');
      const page = await browser.get(`/projects/${project.id}`);
      expect(page.body).not.toContain('<img src=x');
      const name = `~b64~${odd.toString('base64url')}`;
      const file = await browser.get(`/projects/${project.id}/files/${name}`);
      expect(file.body).toBe('odd content');
      expect(file.headers['content-disposition']).toMatch(/^attachment; filename="_A_\.t"/);
      const deleted = await browser.postForm(`/projects/${project.id}/files/delete`, { path: '', only: name }, { page: '/projects' });
      expect(deleted.status).toBe(303);
      expect(readdirSync(folderOf(project))).toEqual(['<img src=x onerror=alert(1)>']);
    });

    it('names its latest results, or says that there are none', async () => {
      const project = await createProject(web, browser, 'Results');
      expect(words(mainOf(await browser.get(`/projects/${project.id}/show`)))).toContain('No results yet');
      const { runId } = await enqueue(project);
      await web.app.get(QueueStore, { strict: false }).requestCancel(runId, 'test');
      expect((await browser.get(`/projects/${project.id}/show`)).location).toBe(`/runs/${runId}`);
      const page = words(mainOf(await browser.get(`/projects/${project.id}`)));
      expect(page).toMatch(new RegExp(`Runs .*cancelled .*#${runId} Nuclei .*Show`));
    });

    it('shows what came to something before what was cancelled since, and tells runs apart', async () => {
      const store = web.app.get(QueueStore, { strict: false });
      const project = await createProject(web, browser, 'Two runs');
      const good = await enqueue(project, { sigma: 2.5 }, { parameters: [SIGMA] });
      const runner = { ...aCapacity(), incarnation: 'a', host: 'lab', bootId: 'b', pokeAddress: null };
      await store.registerRunner(runner);
      const { id, fence } = (await store.claim(runner, 100)).find((run) => run.id === good.runId)!;
      await store.authorise({ runId: id, fence }, { kind: 'process', pid: 1, startTicks: '1', host: 'lab', bootId: 'b' });
      await store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
      const { runId } = await enqueue(project);
      await store.requestCancel(runId, 'test');
      await store.retireRunner(runner);
      expect((await browser.get(`/projects/${project.id}/show`)).location).toBe(`/runs/${id}`);
      expect(words(mainOf(await browser.get(`/projects/${project.id}`)))).toMatch(new RegExp(`#${id} Nuclei .*Smoothing: 2.5`));
    });
  });

  it('tells how to bring large files where the server has an inbox', async () => {
    const without = await createProject(web, browser, 'No inbox');
    expect(mainOf(await browser.get(`/projects/${without.id}`))).not.toContain('/inbox');
    expect((await browser.get(`/projects/${without.id}/inbox`)).status).toBe(404);
    const inbox = join(web.database.folder, "it's an inbox");
    mkdirSync(inbox);
    const other = await startTestWebApp({ INBOX_DIR: inbox, PICKUP_HOST: 'guest@lab1' });
    try {
      const person = other.browser();
      await person.signUp();
      const project = await createProject(other, person, 'With inbox');
      expect(mainOf(await person.get(`/projects/${project.id}`))).toContain(`href="/projects/${project.id}/inbox"`);
      const page = mainOf(await person.get(`/projects/${project.id}/inbox`));
      expect(page).toContain(`scp FILE &#x27;guest@lab1:${inbox.replace("'", '&#x27;\\&#x27;&#x27;')}/&#x27;`);
    } finally {
      await other.close();
    }
  });
});
