import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { AppConfig } from '../../../src/common/config/app-config';
import { PipelineCatalogue } from '../../../src/common/pipelines/pipeline-catalogue';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const SCRIPT = (heading: string) => `#!/bin/sh\n##~~ title: ${heading}\n##~~ label=a - what to say\necho\n`;

describe('who may run a pipeline', () => {
  let folder: string;
  let web: TestWebApp;
  let context: TestingModule;
  const browsers = new Map<string, TestBrowser>();
  const projects = new Map<string, string>();
  let earlier: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-access-'));
    const put = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o755 });
    put('open.sh', SCRIPT('Open to all'));
    put('members.sh', SCRIPT('Of members').replace('##~~ label', '##~~ access: accounts\n##~~ label'));
    put('core.sh', SCRIPT('Of the core').replace('##~~ label', '##~~ access: Imaging Core, carl@example.org\n##~~ label'));
    put('torn.sh', SCRIPT('Torn').replace('##~~ label', '##~~ access: administrators\n##~~ time: never\n##~~ label'));
    mkdirSync(join(folder, 'lost'));
    writeFileSync(join(folder, 'lost', 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    const yaml = (access: string) => `title: Lost group\ncommand: [./run.sh]\naccess:\n  ${access}\nsources:\n  names: {list: names.txt}\n`;
    writeFileSync(join(folder, 'lost', 'names.txt'), 'one\n');
    writeFileSync(join(folder, 'lost', 'pipeline.yaml'), yaml('groups: [nowhere]'));
    web = await startTestWebApp({ PIPELINES_DIR: folder, ADMIN_EMAILS: 'admin@example.org' });
    context = await Test.createTestingModule({ imports: [AdminModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config)
      .compile();
    for (const name of ['admin', 'ana', 'carl', 'guest']) {
      const browser = web.browser();
      if (name === 'guest') await browser.enterAsGuest();
      else await browser.signUp(`${name}@example.org`);
      browsers.set(name, browser);
      projects.set(name, (await browser.postForm('/projects', { name: 'Mine' }, { page: '/projects' })).location!);
    }
  }, 60_000);
  afterAll(async () => {
    await context?.close();
    await web?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const command = (...words: string[]) => parseCommand(words)(context);
  const of = (name: string) => ({ browser: browsers.get(name)!, at: projects.get(name)! });
  /** What the list of pipelines offers to somebody, and so do the page of the project and the first page. */
  async function offered(name: string): Promise<string[]> {
    const { browser, at } = of(name);
    const pages = await Promise.all([browser.get(`${at}/run`), browser.get(at), browser.get('/')]);
    const [list, ...others] = pages.map((page) => [...new Set([...mainOf(page).matchAll(/\/run\/(\w+)["?]/g)].map(([, id]) => id))].sort());
    for (const other of others) expect(other).toEqual(list);
    return list;
  }
  /** What each way to a pipeline answers. */
  async function answers(name: string, id: string): Promise<number[]> {
    const { browser, at } = of(name);
    const form = `${at}/run/${id}`;
    const fields = { 'p.label': 'x' };
    return [
      (await browser.get(form)).status,
      (await browser.postForm(`${form}/preview`, fields)).status,
      (await browser.postForm(`${form}/presets/new`, fields)).status,
      (await browser.postForm(`${form}/presets`, { ...fields, name: 'kept' })).status,
      (await browser.postForm(form, fields)).status,
      (await browser.postForm(form, { 'sweep.1.parameter': 'label', 'sweep.1.values': 'a\nb' })).status,
    ];
  }

  it('is what its manifest says: guests, accounts, people by address, groups, administrators', async () => {
    expect(await offered('guest')).toEqual(['open']);
    expect(await offered('ana')).toEqual(['members', 'open']);
    expect(await offered('carl')).toEqual(['core', 'members', 'open']);
    expect(await offered('admin')).toEqual(['core', 'lost', 'members', 'open']);
    for (const [name, isTold] of [
      ['ana', false],
      ['admin', true],
    ] as const)
      expect([name, mainOf(await of(name).browser.get(`${of(name).at}/run`)).includes('torn')]).toEqual([name, isTold]);
    const strangers = wordsOf(mainOf(await web.browser().get('/')));
    expect([strangers.includes('Open to all'), strangers.includes('Of members')]).toEqual([true, false]);
    await command('group-add', 'imaging core', 'ana@example.org');
    expect(await offered('ana')).toContain('core');
    await command('group-remove', 'imaging core', 'ana@example.org');
    expect(await offered('ana')).not.toContain('core');
  });

  it('hides a pipeline from whoever may not run it, by every way, and says of it what it says of none', async () => {
    expect(await answers('carl', 'core')).toEqual([200, 200, 200, 303, 303, 303]);
    for (const id of ['core', 'lost', 'torn', 'nothing']) expect([id, await answers('ana', id)]).toEqual([id, Array(6).fill(404)]);
    const { browser, at } = of('ana');
    const said = async (id: string) =>
      wordsOf(mainOf(await browser.get(`${at}/run/${id}`)))
        .replaceAll(id, '…')
        .replace(/r-\S+/, '');
    expect(await said('core')).toBe(await said('nothing'));
    for (const way of ['sources/names', 'sources/names/all']) expect((await browser.get(`${at}/run/lost/${way}`)).status).toBe(404);
    expect((await browser.postForm(`${at}/run/lost/sources/names/known`, { names: 'one' })).status).toBe(404);
    expect((await of('admin').browser.get(`${of('admin').at}/run/lost`)).status).toBe(200);
  });

  it('is not told by the queue either, nor by what one searches for there', async () => {
    const queue = async (name: string, words: string) =>
      wordsOf(mainOf(await of(name).browser.get(`/queue?q=${encodeURIComponent(words)}`)));
    for (const name of ['ana', 'guest']) {
      expect(await queue(name, '')).toContain('Another pipeline');
      for (const words of ['', 'of the core', 'carl'])
        expect([words, await queue(name, words)]).toEqual([words, expect.not.stringContaining('Of the core')]);
      expect(await queue(name, 'of the core')).not.toContain('Another pipeline');
    }
    expect(await queue('carl', 'of the core')).toContain('Of the core');
  });

  it('keeps earlier runs readable, and lets nobody run them again who may not any more', async () => {
    const { browser, at } = of('ana');
    earlier = (await browser.postForm(`${at}/run/members`, { 'p.label': 'x' })).location!;
    await browser.postForm(`${earlier}/cancel`);
    expect(mainOf(await browser.get(earlier))).toContain(`${earlier}/again`);
    expect(await command('pipeline-access', 'members', 'carl@example.org')).toBe(
      'members can be run by: carl@example.org (as an administrator said).',
    );
    const page = await browser.get(earlier);
    expect([page.status, mainOf(page).includes(`${earlier}/again`)]).toEqual([200, false]);
    expect((await browser.postForm(`${earlier}/again`)).status).toBe(404);
    expect((await browser.postForm(`${earlier}/requeue`)).status).toBe(404);
    expect(await offered('carl')).toContain('members');
    expect(await command('pipeline-access', 'members', 'manifest')).toBe('members can be run by: accounts (as its manifest says).');
    expect((await browser.postForm(`${earlier}/again`)).status).toBe(303);
  });

  it('can be said by an administrator on a page, where nothing typed is lost', async () => {
    const { browser } = of('admin');
    const list = wordsOf(mainOf(await browser.get('/admin/pipelines')));
    expect(list).toMatch(/Line 4: “never” is no duration|Line 4/);
    expect(list).toContain('Its pipeline.yaml names a group that does not exist: nowhere.');
    expect(list).toMatch(/Of the core.*group Imaging Core.*carl@example\.org/);
    const page = '/admin/pipelines/open';
    const wrong = await browser.postForm(`${page}/access`, { choice: 'named', people: 'ana@example.org\nnobody@example.org' });
    expect([wrong.status, wordsOf(mainOf(wrong))]).toEqual([422, expect.stringContaining('called nobody@example.org')]);
    expect(wrong.body).toContain('ana@example.org\nnobody@example.org');
    expect((await browser.postForm(`${page}/access`, { choice: 'named' })).status).toBe(422);
    expect((await browser.postForm(`${page}/access`, { choice: 'named', people: 'ana@example.org' })).status).toBe(303);
    expect(await offered('guest')).toEqual([]);
    expect(await offered('ana')).toContain('open');
    await browser.postForm(`${page}/access`, { choice: 'manifest' });
    expect(await offered('guest')).toEqual(['open']);
    expect((await browser.get('/admin/pipelines/nothing')).status).toBe(404);
    expect((await browser.postForm('/admin/pipelines/nothing/state', { state: 'off' })).status).toBe(404);
  });

  it('is nobody while it is off, with a sentence at the list and the form; what was asked for goes on', async () => {
    const { browser } = of('admin');
    const waiting = (await of('ana').browser.postForm(`${of('ana').at}/run/open`, { 'p.label': 'before' })).location!;
    const off = await browser.postForm('/admin/pipelines/open/state', { state: 'off', note: 'Back on  Friday' });
    expect(off.status).toBe(303);
    const after = await browser.get('/admin/pipelines/open');
    expect(wordsOf(mainOf(after))).toMatch(
      /Open to all is off: nobody can ask for runs of it\. 1 run that waits will still start\..*Back on Friday/,
    );
    expect(after.body).toContain('name="state" value="on"');
    const { browser: ana, at } = of('ana');
    expect(wordsOf(mainOf(await ana.get(`${at}/run`)))).toContain('Switched off: Back on Friday');
    expect(wordsOf(mainOf(await ana.get(`${at}/run/open`)))).toMatch(/Switched off at the moment:.*Back on Friday/);
    const refused = await ana.postForm(`${at}/run/open`, { 'p.label': 'typed before' });
    expect([refused.status, wordsOf(mainOf(refused))]).toEqual([422, expect.stringContaining('so nothing was started: Back on Friday')]);
    expect(refused.body).toContain('value="typed before"');
    await ana.postForm(`${waiting}/cancel`);
    expect((await ana.postForm(`${waiting}/requeue`)).status).toBe(409);
    expect(await command('pipelines')).toMatch(/open {2,}off {2,}everyone[^]*open: off: Back on Friday/);
    expect(await command('pipeline-on', 'open')).toBe('open is on.');
    expect((await ana.postForm(`${waiting}/requeue`)).status).toBe(303);
    expect(await command('pipeline-off', 'open', '--note', 'gone fishing')).toContain('open is off');
    expect(wordsOf(mainOf(await ana.get(`${at}/run`)))).toContain('Switched off: gone fishing');
    for (const words of [['pipeline-off'], ['pipeline-off', 'open', 'gone'], ['pipeline-on', 'a', 'b']])
      expect(() => parseCommand(words)).toThrow('needs the name of one pipeline');
  });

  it('is not told by the queue either while it is faulty, or gone and an administrator had kept it from people', async () => {
    await command('pipeline-access', 'members', 'carl@example.org');
    await of('carl').browser.postForm(`${of('carl').at}/run/members`, { 'p.label': 'y' });
    writeFileSync(
      join(folder, 'core.sh'),
      SCRIPT('Of the core').replace('##~~ label', '##~~ access: administrators\n##~~ time: never\n##~~ label'),
      { mode: 0o755 },
    );
    rmSync(join(folder, 'members.sh'));
    await until(async () =>
      (await web.app.get(PipelineCatalogue, { strict: false }).list()).every(({ manifest }) => manifest.id !== 'members'),
    );
    const queue = async (name: string, words = '') => wordsOf(mainOf(await of(name).browser.get(`/queue?q=${encodeURIComponent(words)}`)));
    for (const words of ['', 'carl']) {
      const said = await queue('guest', words);
      expect(said).not.toMatch(/Of the core|Of members/);
    }
    expect(await queue('guest')).toContain('Another pipeline');
    expect(await queue('admin')).toMatch(/Of members[^]*Of the core|Of the core[^]*Of members/);
  });

  it('stays closed under another name: a new pipeline waits for a word while what kept people out has none', async () => {
    const { browser: admin } = of('admin');
    const put = (name: string, heading: string) => writeFileSync(join(folder, name), SCRIPT(heading), { mode: 0o755 });
    // Pages and commands are two programs, and each looks into the folder once a second.
    const shows = async (id: string) => {
      for (const program of [web.app, context])
        await until(async () => (await program.get(PipelineCatalogue, { strict: false }).find(id)) !== undefined);
    };
    put('secret.sh', 'Secret');
    await shows('secret');
    await command('pipeline-access', 'secret', 'administrators');
    await command('pipeline-gone', 'members');
    renameSync(join(folder, 'secret.sh'), join(folder, 'public.sh'));
    put('torn2.sh', 'Torn again\n##~~ time: never');
    await shows('public');
    expect(await answers('ana', 'public')).toEqual(Array(6).fill(404));
    expect(wordsOf(mainOf(await of('ana').browser.get('/')))).not.toContain('torn2');
    const overview = wordsOf(mainOf(await admin.get('/admin')));
    expect(overview).toContain('New pipelines that only administrators may run: public and torn2');
    expect(overview).toContain('1 pipeline is missing: secret');
    const page = wordsOf(mainOf(await admin.get('/admin/pipelines')));
    expect(page).toMatch(/Missing pipelines.*secret changed by.*For: Administrators only/);
    expect(page).toContain('new: say who may run it');
    expect(await command('pipelines')).toMatch(/public: is new[^]*secret is not there: can be run by: administrators/);

    expect((await admin.postForm('/admin/pipelines/secret/renamed', { now: '' })).status).toBe(422);
    expect((await admin.postForm('/admin/pipelines/open/renamed', { now: 'public' })).status).toBe(422);
    expect((await admin.postForm('/admin/pipelines/secret/renamed', { now: 'public' })).status).toBe(303);
    expect(await command('pipeline-access', 'public')).toBe('public can be run by: administrators (as an administrator said).');
    expect(wordsOf(mainOf(await admin.get('/admin/pipelines')))).not.toContain('Missing pipelines');
    // Nothing is lost any more: new ones are open as their manifests say.
    put('late.sh', 'Late');
    await shows('late');
    expect(await offered('ana')).toContain('late');

    // What was off is as closed, until it is said that it is gone, or of the new one who may run it.
    await command('pipeline-off', 'late');
    renameSync(join(folder, 'late.sh'), join(folder, 'later.sh'));
    put('other.sh', 'Other');
    await shows('other');
    expect(await offered('ana')).not.toContain('other');
    await admin.postForm('/admin/pipelines/other/access', { choice: 'manifest' });
    expect(await offered('ana')).toContain('other');
    expect(await offered('ana')).not.toContain('later');
    expect((await admin.postForm('/admin/pipelines/late/gone')).status).toBe(303);
    expect(await offered('ana')).toContain('later');
    expect((await admin.postForm('/admin/pipelines/late/gone')).status).toBe(303);
    expect((await admin.postForm('/admin/pipelines/nothing/gone')).status).toBe(404);

    // A name that was here once and was given up is as new as one that never was.
    put('hidden.sh', 'Hidden');
    await shows('hidden');
    await command('pipeline-access', 'hidden', 'administrators');
    rmSync(join(folder, 'other.sh'));
    await until(async () => (await web.app.get(PipelineCatalogue, { strict: false }).find('other')) === undefined);
    expect(await offered('ana')).not.toContain('other');
    renameSync(join(folder, 'hidden.sh'), join(folder, 'other.sh'));
    await shows('other');
    expect(await offered('ana')).not.toContain('other');
    expect(await answers('ana', 'other')).toEqual(Array(6).fill(404));
  });
});
