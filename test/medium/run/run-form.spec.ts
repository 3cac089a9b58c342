import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatEntryPath } from '../../../src/common/files/entry-name';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { Project } from '../../../src/common/projects/project.entity';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { follow, linkTo } from '../../account-links';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const SCRIPT = `#!/bin/sh
##~~ title: Blur
##~~ time: 10m
##~~ input [.tif .png] - the image
##~~ sigma:number=1.5 [0..10 px] - blur radius
##~~ label:string? - any words
##~~ kernel:choice=box [box|gauss] - its shape
##~~ fast:boolean=yes - less exact
##~~ output=blurred.png [.png] - the result
`;

const MANIFEST = `
title: Merge
summary: Merges tables
command: [./merge.sh]
parameters:
  - { name: tables, type: files, accept: [csv], label: Tables }
  - { name: notes, type: text, required: false }
  - { name: depth, type: integer, default: 3, min: 1, advanced: true }
`;

describe('the run form', () => {
  let web: TestWebApp;
  let pipelines: string;
  let inbox: string;
  let browser: TestBrowser;
  let project: Project;
  let page: string;
  let email: string;

  const script = (name: string, text: string) => {
    mkdirSync(join(pipelines, name, '..'), { recursive: true });
    writeFileSync(join(pipelines, name), text);
    chmodSync(join(pipelines, name), 0o755);
  };
  const put = async (name: Buffer | string, content = 'x') => {
    const directory = web.app.get(ProjectFiles).of(project);
    const file = await directory.createFile([Buffer.from(name)]);
    await file.writeFile(content);
    await file.close();
  };
  const newProject = async (of: TestBrowser, address: string) => {
    void of;
    const person = await web.app.get(UsersRepository).findByEmail(address);
    return web.app.get(ProjectCreation).create(person!.id, 'Spleen');
  };
  const submissionOf = (html: string) => /name="submission" value="([^"]+)"/.exec(html)![1];
  const good = (over: Record<string, string> = {}) => ({
    'p.input': 'project:a.tif',
    'p.sigma': '0.50',
    'p.label': '',
    'p.kernel': 'gauss',
    'p.fast': 'false',
    'p.output': 'out',
    ...over,
  });

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'showrunner-pipelines-'));
    inbox = mkdtempSync(join(tmpdir(), 'showrunner-inbox-'));
    script('blur.sh', SCRIPT);
    mkdirSync(join(pipelines, 'merge'));
    writeFileSync(join(pipelines, 'merge', 'pipeline.yaml'), MANIFEST);
    script('merge/merge.sh', '#!/bin/sh\n');
    script('broken.sh', '#!/bin/sh\n##~~ x:numbr - y\n');
    web = await startTestWebApp({
      PIPELINES_DIR: pipelines,
      INBOX_DIR: inbox,
      PICKUP_HOST: 'guest@lab1',
      SMTP_URL: 'smtp://127.0.0.1:25',
      ADMIN_EMAILS: 'boss@example.org',
    });
    browser = web.browser();
    ({ email } = await browser.signUp());
    project = await newProject(browser, email);
    page = `/projects/${project.id}/run/blur`;
    await put('a.tif', 'four');
    await put('table.csv');
    writeFileSync(join(inbox, 'big.tif'), 'x');
  });

  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
    rmSync(inbox, { recursive: true, force: true });
  });

  it('lists pipelines that are ready or say what they need, and broken ones to administrators only', async () => {
    const list = await browser.get(`/projects/${project.id}/run`);
    expect(mainOf(list)).toMatch(new RegExp(`href="/projects/${project.id}/run/blur"[^>]*>Blur</a>`));
    expect(mainOf(list)).toContain('Merges tables');
    expect(list.body).not.toContain('broken.sh');
    expect(mainOf(list)).toContain('Not available at the moment: broken. The administrator knows of it.');
    const refused = await browser.get(`/projects/${project.id}/run/broken`);
    expect([refused.status, /Did you mean/.test(refused.body)]).toEqual([503, false]);
    expect(mainOf(refused)).toContain('The pipeline “broken” is not available at the moment.');
    const boss = web.browser();
    await boss.signUp('boss@example.org');
    await follow(boss, await linkTo(web, 'boss@example.org', 'confirm'));
    const theirs = await newProject(boss, 'boss@example.org');
    const all = await boss.get(`/projects/${theirs.id}/run`);
    expect(mainOf(all)).toContain('broken.sh');
    expect(mainOf(all)).toContain('Did you mean number?');
  });

  it('draws a field for each parameter, offers the files that fit, and chooses the only one', async () => {
    const answer = await browser.get(page);
    const main = mainOf(answer);
    expect(answer.status).toBe(200);
    expect(main).toMatch(/<label for="p-sigma">Sigma <span class="unit">0 to 10 px<\/span><\/label>/);
    expect(main).toMatch(/<option value="project:a.tif" selected>a.tif · 4 bytes<\/option>/);
    expect(main).toMatch(/<optgroup label="Shared inbox">\s*<option value="inbox:big.tif">/);
    expect(main).not.toContain('table.csv');
    expect(main).toMatch(/id="p-fast"[^>]* checked/);
    expect(main).toContain('blur radius');
    expect(main).toContain(`scp FILE guest@lab1:${inbox}/`);
    expect(main).toContain(`You get a mail at ${email}`);
    expect(main).not.toContain('aria-invalid');
    expect(main).toMatch(
      /<pre class="args"[^>]*><b>blur\.sh<\/b>\s+a\.tif\s+1\.5\s+&#x27;&#x27;\s+box\s+true\s+results\/blurred\.png<\/pre>/,
    );
  });

  it('is filled with the files that were ticked in the project, and makes several runs of several files', async () => {
    const formAfter = async (...names: string[]) => {
      const ticked = names.map((name): [string, string] => ['name', name]);
      const { location } = await browser.postForm(`/projects/${project.id}/run`, ticked, { page: '/projects' });
      const href = /href="([^"]*\/run\/blur[^"]*)"/
        .exec(mainOf(await browser.get(location!)))![1]
        .replaceAll('&amp;', '&')
        .replaceAll('&#x3D;', '=');
      return { href, form: mainOf(await browser.get(href)) };
    };
    await put('second.tif');
    const one = await formAfter('second.tif');
    expect(one.form).toMatch(/<option value="project:second.tif"[^>]* selected>/);
    const { form } = await formAfter('a.tif', 'second.tif', 'table.csv');
    expect(form).toMatch(/<textarea[^>]*name="sweep.1.values"[^>]*>\s*project:a.tif\s+project:second.tif\s*</);
    expect((await formAfter('table.csv')).href).toBe(page);
    await web.app
      .get(ProjectFiles)
      .of(project)
      .remove([Buffer.from('second.tif')]);
  });

  it('leads with uploading where no file fits, and names first what was changed', async () => {
    const fresh = mainOf(await browser.get(page));
    expect(fresh).not.toMatch(/id="run-upload-first"|<dt>Changed<\/dt>/);
    expect(fresh).toContain('<button class="btn btn-primary w-100">');
    const changed = mainOf(await browser.get(`${page}?p.sigma=2.5&p.fast=false`));
    expect(changed).toMatch(
      /id="run-facts">\s*<dt>Changed<\/dt><dd>[^]*href="#p-sigma" data-field-link>Sigma<\/a> <b class="text-break">2\.5 px<\/b>[^]*Fast<\/a> <b class="text-break">no<\/b>[^]*<dt>Reads<\/dt>/,
    );
    const user = await web.app.get(UsersRepository).findByEmail(email);
    const empty = await web.app.get(ProjectCreation).create(user!.id, 'Empty');
    // The inbox has images and no tables.
    const merge = mainOf(await browser.get(`/projects/${empty.id}/run/merge`));
    expect(merge).toMatch(
      /Put files into the project first\.[^]*href="\/projects\/[^"]*#upload-area">Upload files in the project<\/a>[^]*id="run-settings"/,
    );
    expect(merge).toContain('<button class="btn w-100">');
    expect(mainOf(await browser.get(`/projects/${empty.id}/run/blur`))).not.toContain('id="run-upload-first"');
  });

  it('queues what was asked for, exactly as typed, with the manifest as it is now', async () => {
    const { body } = await browser.get(page);
    const label = 'a,b=c "d" \'e\' $(id) -rf 🧬';
    const answer = await browser.postForm(page, { ...good({ 'p.label': label }), submission: submissionOf(body) });
    expect(answer.status).toBe(303);
    const runId = Number(/\/runs\/(\d+)$/.exec(answer.location ?? '')?.[1]);
    const runs = web.app.get(RunsRepository);
    expect(await runs.find(runId)).toMatchObject({
      pipelineId: 'blur',
      pipelineTitle: 'Blur',
      projectId: project.id,
      state: 'queued',
      timeLimitSeconds: 600,
    });
    const details = await runs.details(runId);
    expect(details?.parameters).toEqual({ input: 'project:a.tif', sigma: '0.50', label, kernel: 'gauss', fast: false, output: 'out.png' });
    expect(details?.manifest).toMatchObject({
      id: 'blur',
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'sigma' })]),
    });
    const touched = await web.app.get(ProjectsRepository).findById(project.id);
    expect(touched!.changedMs).toBeGreaterThanOrEqual(project.changedMs);
  });

  it('makes one run of a double click, and another when a value was changed', async () => {
    const submission = submissionOf((await browser.get(page)).body);
    const twice = await Promise.all([1, 2].map(() => browser.postForm(page, { ...good(), submission })));
    expect(twice.map(({ status }) => status)).toEqual([303, 303]);
    expect(twice[0].location).toBe(twice[1].location);
    const changed = await browser.postForm(page, { ...good({ 'p.sigma': '2' }), submission });
    expect(changed.location).not.toBe(twice[0].location);
  });

  it('does not lead to the run of somebody else by its submission id', async () => {
    const submission = submissionOf((await browser.get(page)).body);
    const mine = await browser.postForm(page, { ...good(), submission });
    const other = web.browser();
    const { email: address } = await other.signUp();
    const theirs = await newProject(other, address);
    await web.app
      .get(ProjectFiles)
      .of(theirs)
      .createFile([Buffer.from('a.tif')])
      .then((file) => file.close());
    const answer = await other.postForm(`/projects/${theirs.id}/run/blur`, { ...good(), submission });
    expect(answer.status).toBe(303);
    expect(answer.location).not.toBe(mine.location);
  });

  it('says what is wrong beside the fields and once near Run, and keeps what was entered', async () => {
    const submission = submissionOf((await browser.get(page)).body);
    const answer = await browser.postForm(page, { ...good({ 'p.sigma': '1,5', 'p.input': '', 'p.label': '<b> "kept"' }), submission });
    const main = mainOf(answer);
    expect(answer.status).toBe(422);
    expect(main).toContain('2 settings to correct:');
    expect(main).toMatch(/<a href="#p-sigma"[^>]*>Sigma<\/a>/);
    expect(main).toMatch(/id="p-sigma-error"[^>]*><span.*Write the number with a point, such as 1\.5\./s);
    expect(main).toContain('value="1,5"');
    expect(main).toContain('value="&lt;b&gt; &quot;kept&quot;"');
    expect(main).toContain(`name="submission" value="${submission}"`);
    expect(main).toMatch(/id="p-kernel"[\s\S]*<option value="gauss" selected>/);
    expect(main).not.toMatch(/id="p-fast"[^>]* checked/);
  });

  it.each([
    ['a file of another project', { 'p.input': 'project:../other/a.tif' }],
    ['a file outside', { 'p.input': 'inbox:../../etc/passwd' }],
    ['a file that is gone', { 'p.input': 'project:gone.tif' }],
    ['a folder', { 'p.input': 'project:runs' }],
    ['another kind', { 'p.input': 'project:table.csv' }],
    ['a place that there is not', { 'p.input': 'etc:passwd' }],
    ['an output elsewhere', { 'p.output': '../up' }],
    ['a name that the pipeline does not have', { 'p.other': 'x' }],
    ['the name of all objects', { 'p.__proto__': 'x', 'p.sigma': 'NaN' }],
  ])('refuses %s', async (_what, over) => {
    const answer = await browser.postForm(page, good(over));
    expect(answer.status).toBe(422);
    expect(mainOf(answer)).toMatch(/error-text/);
  });

  it('offers and takes a file whatever its name', async () => {
    const odd = ['-rf.tif', 'a "b" <c> & d.tif', 'ünï 🧬.tif', 'project:x.tif', ' blank .tif', '%2e%2e.tif', '~b64~x.tif', 'new\nline.tif'];
    for (const name of odd) await put(name);
    const { body } = await browser.get(page);
    for (const name of odd) {
      const reference = `project:${formatEntryPath([Buffer.from(name)])}`;
      expect(body).toContain(`<option value="${escapeHtml(reference)}">`);
      const answer = await browser.postForm(page, good({ 'p.input': reference }));
      expect([name, answer.status]).toEqual([name, 303]);
    }
  });

  it('shows the command for what is entered, and marks what differs', async () => {
    const answer = await browser.postForm(`${page}/preview`, good({ 'p.label': "it's", 'p.sigma': '' }));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(/1\.5\s+<mark>&#x27;it&#x27;\\&#x27;&#x27;s&#x27;<\/mark>\s+<mark>gauss<\/mark>\s+<mark>false<\/mark>/);
    const wrong = await browser.postForm(`${page}/preview`, good({ 'p.sigma': '11' }));
    expect(wrong.body).toContain('<mark>?</mark>');
  });

  it('takes several files and folds advanced settings away until one is wrong', async () => {
    const merge = `/projects/${project.id}/run/merge`;
    const { body } = await browser.get(merge);
    expect(body).toMatch(/type="checkbox" name="p.tables" value="project:table.csv" checked/);
    expect(body).toMatch(/<details class="fold">/);
    await put('more.csv');
    const pairs: [string, string][] = [
      ['p.tables', ''],
      ['p.tables', 'project:table.csv'],
      ['p.tables', 'project:more.csv'],
      ['p.notes', 'one\r\ntwo'],
    ];
    const answer = await browser.postForm(merge, [...pairs, ['p.depth', '4']]);
    expect(answer.status).toBe(303);
    const details = await web.app.get(RunsRepository).details(Number(answer.location!.split('/').at(-1)));
    expect(details?.parameters).toEqual({ tables: ['project:table.csv', 'project:more.csv'], notes: 'one\ntwo', depth: '4' });
    const none = await browser.postForm(merge, [
      ['p.tables', ''],
      ['p.depth', '0'],
    ]);
    expect(none.status).toBe(422);
    expect(none.body).toMatch(/<details class="fold" open>/);
    expect(none.body).toContain('Choose at least 1 file.');
  });

  it('fills itself in from an earlier run, for those who may read it', async () => {
    const first = await browser.postForm(page, good({ 'p.label': 'from before' }));
    const number = first.location!.split('/').at(-1);
    const { body } = await browser.get(`${page}?from=${number}`);
    expect(body).toContain('value="from before"');
    expect(body).toContain('value="0.50"');
    expect(body).toContain(`run #${number}`);
    const other = web.browser();
    const { email: address } = await other.signUp();
    const theirs = await newProject(other, address);
    expect((await other.get(`/projects/${theirs.id}/run/blur?from=${number}`)).status).toBe(403);
    expect((await browser.get(`${page}?from=999999`)).status).toBe(404);
    expect((await browser.get(`${page}?from[]=1`)).status).toBe(404);
  });

  it('offers results in a group of their run, after the own files, and does not count them', async () => {
    const made = await browser.postForm(page, good({ 'p.label': 'with results' }));
    const number = made.location!.split('/').at(-1)!;
    const results = web.app.get(ProjectFiles).of(project);
    const folder = [Buffer.from('runs'), Buffer.from(number)];
    for (const [index] of folder.entries()) await results.makeFolder(folder.slice(0, index + 1));
    await results.createFile([...folder, Buffer.from('areas.png')]).then((file) => file.close());
    const { body } = await browser.get(page);
    const groups = [...body.matchAll(/<optgroup label="([^"]*)">/g)].map(([, label]) => label);
    expect(groups).toEqual(['Files of this project', `Results of Blur #${number}`, 'Shared inbox']);
    expect(body).toContain(`<option value="project:runs/${number}/areas.png">areas.png (#${number}) · empty</option>`);
    const counted = async (path: string) => /(\d+) files? of this project/.exec((await browser.get(path)).body)?.[1];
    expect(await counted(`/projects/${project.id}/run`)).toBe(await counted(`/projects/${project.id}`));
  });

  it('is hidden from others, asks strangers to log in, and knows no other pipeline', async () => {
    const other = web.browser();
    await other.signUp();
    for (const path of [page, `/projects/${project.id}/run`]) {
      expect((await other.get(path)).status).toBe(404);
      expect((await web.browser().get(path)).location).toContain('/login');
    }
    expect((await other.postForm(page, good())).status).toBe(404);
    expect((await browser.get(`/projects/${project.id}/run/broken`)).status).toBe(503);
    expect((await browser.postBody(page, new URLSearchParams(good()).toString())).status).toBe(403);
  });

  it('tells guests that they get no mail', async () => {
    const guest = web.browser();
    await guest.enterAsGuest();
    const made = await guest.postForm('/projects', { name: 'Mine' }, { page: '/projects' });
    const { body } = await guest.get(`${guest.below(made.location ?? '')}/run/merge`);
    expect(body).toContain('Guests get no mail');
    expect(body).toContain('no file of the kind .csv');
  });
});

function escapeHtml(text: string): string {
  const signs: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#x27;',
    '`': '&#x60;',
    '=': '&#x3D;',
  };
  return text.replace(/[&<>"'`=]/g, (sign) => signs[sign]);
}
