import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FoundFiles } from '../../../src/browser/form/found-names';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import type { Project } from '../../../src/common/projects/project.entity';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const MANIFEST = `
title: Stitch
command: [./stitch.sh]
parameters:
  - { name: first, type: file, accept: [tif], label: First }
  - { name: second, type: file, accept: [tif], label: Second, required: false }
  - { name: masks, type: files, accept: [tif], label: Masks, required: false }
  - { name: notes, type: text, required: false }
  - name: rows
    type: table
    required: false
    columns:
      - { name: image, type: file, accept: [tif], required: false }
`;
const COUNT = 4900;
/** Nothing that packs well, as names of microscopes are. */
const nameOf = (number: number) => `${createHash('sha256').update(String(number)).digest('hex').repeat(3)}-${number}.tif`;

describe('the form of a project with very many files', () => {
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let project: Project;
  let page: string;

  const newProject = async (email: string) => {
    const person = await web.app.get(UsersRepository).findByEmail(email);
    return web.app.get(ProjectCreation).create(person!.id, 'Spleen');
  };
  const submissionOf = (html: string) => /name="submission" value="([^"]+)"/.exec(html)![1];
  const found = (body: string) => JSON.parse(body) as FoundFiles;

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    mkdirSync(join(pipelines, 'stitch'));
    writeFileSync(join(pipelines, 'stitch', 'pipeline.yaml'), MANIFEST);
    writeFileSync(join(pipelines, 'stitch', 'stitch.sh'), '#!/bin/sh\n');
    chmodSync(join(pipelines, 'stitch', 'stitch.sh'), 0o755);
    web = await startTestWebApp({ PIPELINES_DIR: pipelines });
    browser = web.browser();
    const { email } = await browser.signUp();
    project = await newProject(email);
    page = `/projects/${project.id}/run/stitch`;
    const folder = await web.app.get(ProjectFiles).of(project).pathForProgram([]);
    for (let number = 0; number < COUNT; number += 1) writeFileSync(join(folder, nameOf(number)), '');
    writeFileSync(join(folder, 'needle.txt'), '');
  }, 60_000);

  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  it('stays light, and says how many there are', async () => {
    const { body } = await browser.get(page);
    expect(gzipSync(body).length).toBeLessThan(25_000);
    expect(body).toMatch(/4,900 files of this project\. \d+ of them are listed here; search for the others by their names\./);
    const options = body.match(/<option value="project:/g)!.length;
    expect(options).toBeGreaterThan(10);
    expect(options).toBeLessThan(100);
    expect(body).toContain(`data-files-at="${page}/files/first"`);
    expect(body).toContain(`data-source="${page}/files/rows.image"`);
  });

  it('answers a search with the files that the field takes, and nobody else’s', async () => {
    const answer = await browser.get(`${page}/files/first?q=-4321.tif`);
    expect(found(answer.body)).toMatchObject({ count: 1, total: COUNT, fault: '' });
    expect(found(answer.body).files[0]).toMatchObject({ value: `project:${nameOf(4321)}`, group: 'Files of this project' });
    const all = found((await browser.get(`${page}/files/masks?q=tif`)).body);
    expect([all.count, all.names.length, all.files.length]).toEqual([COUNT, 50, 50]);
    expect(found((await browser.get(`${page}/files/first?q=needle`)).body).count).toBe(0);
    expect(found((await browser.get(`${page}/files/rows.image?q=-4321.tif`)).body).names).toEqual([nameOf(4321)]);
    const statuses = await Promise.all(['notes', 'rows', 'rows.no', 'first.x'].map((field) => browser.get(`${page}/files/${field}?q=a`)));
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    const other = web.browser();
    await other.signUp();
    expect((await other.get(`${page}/files/first?q=a`)).status).toBe(404);
  });

  it('finds without scripts, keeps what is entered, and starts a run with what was found', async () => {
    const { body } = await browser.get(page);
    // Enter in a field of a browser without scripts presses the first button, which must not start a run.
    expect(body).toMatch(/<noscript><button [^>]*name="find"[^>]*preview"/);
    const entered = { submission: submissionOf(body), 'p.notes': 'my words', 'p.second': `project:${nameOf(77)}` };
    const searched = await browser.postForm(`${page}/preview`, { ...entered, 'find.first': '-4321.TIF', find: 'first' });
    expect(searched.status).toBe(200);
    expect(searched.body).toContain(`<option value="project:${nameOf(4321)}">`);
    expect(searched.body).toContain('1 file fits “-4321.TIF”.');
    expect(searched.body).toContain('name="find.first" value="-4321.TIF"');
    expect(searched.body).toContain(`<option value="project:${nameOf(77)}" selected>`);
    expect(searched.body).toMatch(/my words<\/textarea>/);
    expect(searched.body).not.toContain('error-text');
    const refused = await browser.postForm(page, { ...entered, 'p.first': '', 'find.first': '-4321.TIF' });
    expect([refused.status, refused.body.includes('value="-4321.TIF"')]).toEqual([422, true]);
    const started = await browser.postForm(page, { ...entered, 'p.first': `project:${nameOf(4321)}` });
    expect(started.status).toBe(303);
    const run = await web.app.get(RunsRepository).details(Number(/\d+$/.exec(started.location ?? '')?.[0]));
    expect(run!.parameters).toMatchObject({ first: `project:${nameOf(4321)}`, second: `project:${nameOf(77)}` });
  });

  it('ticks all that are found beside what is ticked, and holds them all', async () => {
    const { body } = await browser.get(page);
    const entered = { submission: submissionOf(body), 'p.masks': `project:${nameOf(5)}` };
    const taken = await browser.postForm(`${page}/preview`, { ...entered, 'find.masks': '-432', take: 'masks' });
    const ticked = [...taken.body.matchAll(/name="p\.masks" value="project:[0-9a-f]+-(\d+)\.tif" checked/g)].map(([, number]) => number);
    expect(new Set(ticked)).toEqual(new Set(['432', '4320', '4321', '4322', '4323', '4324', '4325', '4326', '4327', '4328', '4329', '5']));
  });
});
