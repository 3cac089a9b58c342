import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { Project } from '../../../src/common/projects/project.entity';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { Space } from '../../../src/common/space/space';
import { SpaceReservation } from '../../../src/common/space/space.entity';
import { Trash } from '../../../src/common/trash/trash';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { multipart } from '../../multipart';
import { createProject, upload } from '../../project-steps';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

describe('limits of guests', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let pipelines: string;

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    writeFileSync(join(pipelines, 'say.sh'), '#!/bin/sh\n##~~ title: Say\n##~~ word:string=x - any word\n');
    chmodSync(join(pipelines, 'say.sh'), 0o755);
    web = await startTestWebApp({
      PIPELINES_DIR: pipelines,
      GUEST_PROJECTS: '3',
      GUEST_SPACE: '100 kB',
      GUEST_FILES: '7',
      GUEST_UPLOAD: '70 kB',
    });
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });
  beforeEach(async () => {
    browser = web.browser();
    await browser.enterAsGuest();
    project = await createProject(web, browser, 'First');
  });

  const space = () => web.app.get(Space);
  const owner = async () => (await web.app.get(UsersRepository, { strict: false }).findById(project.ownerId))!;
  const use = async () => space().useOf(await owner());
  const folderOf = ({ id, ownerId }: Project) => join(web.database.config.filesRoot, ownerId, id);
  const staged = () => {
    const folder = join(web.database.config.filesRoot, project.ownerId, '.staging');
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  const reservations = async () => (await web.database.connect()).getRepository(SpaceReservation).findBy({ ownerId: project.ownerId });
  const kb = (count: number) => randomBytes(count * 1000);
  const asScript = { accept: 'application/json' };

  it('allow so many projects, however many are asked for at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => browser.postForm('/projects', { name: `Another ${index}` }, { page: '/projects' })),
    );
    expect(answers.map((answer) => answer.status).sort((one, other) => one - other)).toEqual([303, 303, 422, 422, 422, 422]);
    expect(answers.find((answer) => answer.status === 422)!.body).toContain('You have 3 projects, and no more are allowed.');
    expect(readdirSync(join(web.database.config.filesRoot, project.ownerId))).toHaveLength(3);
    const again = await browser.postForm('/projects', { name: 'First' }, { page: '/projects' });
    expect(again.body).toContain('You have a project named First already.');
    await web.app.get(ProjectsRepository).delete(project.id);
    await createProject(web, browser, 'Instead');
  });

  it('take what fits, refuse what does not, and say what to do', async () => {
    await upload(browser, project.id, { 'a.bin': kb(60), 'b.txt': 'b' });
    expect(await use()).toMatchObject({ used: { bytes: 60_001, files: 2 }, reserved: { bytes: 0, files: 0 } });
    const refused = await upload(browser, project.id, { 'c.bin': kb(40) }, { headers: asScript });
    expect(refused.status).toBe(413);
    expect(refused.body).toContain('There is no room for 40.3 kB more: 60 kB of 100 kB are in use or reserved.');
    expect(refused.body).toContain('empty the trash');
    expect(readdirSync(folderOf(project))).toEqual(['a.bin', 'b.txt']);
    expect(staged()).toEqual([]);
    expect(await reservations()).toEqual([]);
  });

  it('hold for uploads side by side', async () => {
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => upload(browser, project.id, { [name]: kb(40) }, { headers: asScript })),
    );
    expect(answers.map((answer) => answer.status).sort((one, other) => one - other)).toEqual([200, 200, 413, 413]);
    expect((await use()).used).toEqual({ bytes: 80_000, files: 2 });
  });

  it('hold for an upload that does not say how large it is', async () => {
    await upload(browser, project.id, { 'a.bin': kb(60) });
    const send = async (files: Record<string, Buffer>) => {
      const token = await browser.token('/projects');
      const parts = Object.entries(files).map(([fileName, content]) => ({ name: 'files', fileName, content }));
      const { body, contentType } = multipart([{ name: '_csrf', content: token }, ...parts]);
      const headers = { 'content-type': contentType, 'transfer-encoding': 'chunked', ...asScript };
      return browser.send(`/projects/${project.id}/files`, { method: 'POST', headers, body });
    };
    const answer = await send({ 'fits.bin': kb(39), 'not.bin': kb(2) });
    expect(JSON.parse(answer.body)).toMatchObject({
      stored: [{ asked: 'fits.bin' }],
      refused: [{ asked: 'not.bin', message: expect.stringContaining('There is no room') as string }],
    });
    expect((await use()).used).toEqual({ bytes: 99_000, files: 2 });
    expect(await reservations()).toEqual([]);
  });

  it('count files, and have a largest one', async () => {
    const names = Array.from({ length: 9 }, (_, index) => [`${index}.txt`, 'x'] as const);
    const answer = await upload(browser, project.id, Object.fromEntries(names), { headers: asScript });
    expect((JSON.parse(answer.body) as { stored: unknown[] }).stored).toHaveLength(7);
    expect(answer.body).toContain('This space is full: 7 of 7 files are in use or reserved. Uploads and new runs are refused');
    const page = mainOf(await browser.get(`/projects/${project.id}`));
    expect(page).toContain('There is no room at the moment.');
    const other = web.browser();
    await other.enterAsGuest();
    project = await createProject(web, other, 'Large');
    expect(mainOf(await other.get(`/projects/${project.id}`))).toContain('Up to 70 kB a file.');
    const large = await upload(other, project.id, { 'large.bin': kb(71) }, { headers: asScript });
    expect(large.body).toContain('large.bin is larger than 70 kB');
    expect((await use()).used.bytes).toBe(0);
  });

  it('count what is in the trash, and nothing after it is emptied or the project is gone', async () => {
    await upload(browser, project.id, { 'a.bin': kb(50), 'b.bin': kb(20) });
    await browser.postForm(`/projects/${project.id}/files/delete`, { only: 'a.bin' }, { page: '/projects' });
    expect((await use()).used).toEqual({ bytes: 70_000, files: 2 });
    await web.app.get(Trash).empty(project);
    expect((await use()).used).toEqual({ bytes: 20_000, files: 1 });
    await browser.postForm(`/projects/${project.id}/delete`, { typed: 'First' }, { page: '/projects' });
    await until(async () => (await use()).used.bytes === 0);
  });

  it('refuse new runs in a full space, counting what runs have written since', async () => {
    await upload(browser, project.id, { 'a.bin': kb(60) });
    await space().measure(project.ownerId);
    const page = `/projects/${project.id}/run/say`;
    const fresh = (await browser.get(page)).body;
    const submission = /name="submission" value="([^"]+)"/.exec(fresh)![1];
    expect(fresh).not.toContain('space is full');
    const send = (word: string) => browser.postForm(page, { 'p.word': word, submission });
    const first = await send('one');
    expect(first.status).toBe(303);

    mkdirSync(join(folderOf(project), 'runs', '1'), { recursive: true });
    writeFileSync(join(folderOf(project), 'runs', '1', 'result.bin'), kb(40));
    await space().measure(project.ownerId);
    // Whoever opens the form reads it before they fill it in.
    const sentence = 'This space is full: 100 kB of 100 kB are in use or reserved. Uploads and new runs are refused';
    const form = mainOf(await browser.get(page));
    expect(form.indexOf(sentence)).toBeLessThan(form.indexOf('id="run-settings"'));
    expect(form).toContain('<dd>not yet: while the space is full, a run would be refused</dd>');
    // Every page says the same of it, with what frees most.
    for (const path of [page, '/space', '/projects', `/projects/${project.id}`, `/projects/${project.id}/run`]) {
      const main = mainOf(await browser.get(path));
      expect([path, main.includes(sentence), main.includes('Largest project:')]).toEqual([path, true, true]);
    }
    const late = await upload(browser, project.id, { 'b.bin': kb(1) }, { headers: asScript });
    expect(late.body).toContain(sentence);
    const refused = await send('two');
    expect(refused.status).toBe(422);
    expect(refused.body).toContain(sentence);
    expect((await send('one')).location).toBe(first.location);
  });

  it('are those of the person whom the project belongs to; without limits nothing is in the way', async () => {
    const account = web.browser();
    await account.signUp();
    const own = await createProject(web, account, 'Mine');
    const answer = await upload(account, own.id, { 'a.bin': kb(150) }, { headers: asScript });
    expect(answer.status).toBe(200);
  });

  it('of uploads come with checksums that are known at once', async () => {
    const content = kb(30);
    await upload(browser, project.id, { 'a.bin': content });
    const identity = (await web.app
      .get(ProjectFiles)
      .of(project)
      .identify([Buffer.from('a.bin')]))!;
    const [digests] = (await web.app.get(FileDigests).find(project.id, [identity])).values();
    expect(digests.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  });
});
