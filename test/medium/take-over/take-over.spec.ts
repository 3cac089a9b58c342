import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { Steps } from '../../../src/admin/take-over/steps';
import { AuditEntry } from '../../../src/common/audit/audit-entry.entity';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { AppConfig } from '../../../src/common/config/app-config';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { Project } from '../../../src/common/projects/project.entity';
import { Run, RunEvent } from '../../../src/common/queue/run.entity';
import { User } from '../../../src/common/users/user.entity';
import { addOddEntries, makeOldInstallation, type OldInstallation } from '../../old-installation';
import { makePipelines } from '../../pipeline-folder';
import { compileProduct } from '../../product';
import { mainOf, startTestWebApp, type TestWebApp } from '../../web-app';

const BLUR = '#!/bin/sh\n##~~ title: Blur\n##~~ image:file - the image\n##~~ sigma:number=1.5 [0..10] - radius\ncp "$1" blurred.tif\n';
const GIB = 1024 ** 3;

describe('take-over of an installation of PyShowwwcase', () => {
  let old: OldInstallation;
  let web: TestWebApp;
  let context: TestingModule;

  beforeAll(async () => {
    old = await makeOldInstallation();
    const filesRoot = join(old.folder, 'data', 'showrunner');
    mkdirSync(filesRoot);
    web = await startTestWebApp({ PIPELINES_DIR: makePipelines({ 'blur.sh': BLUR }), FILES_ROOT: filesRoot });
    const testing = Test.createTestingModule({ imports: [AdminModule] });
    context = await testing.overrideProvider(AppConfig).useValue(web.database.config).compile();
  }, 120_000);
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    await context?.close();
    await web?.close();
    await old?.close();
  });

  const words = (...more: string[]) => ['take-over', old.folder, `--database=${old.reader}`, '--pipeline=blur', ...more];
  const takeOver = (...more: string[]) => parseCommand(words(...more))(context);
  const rows = () => web.app.get(DataSource);
  const userOf = (email: string) => rows().getRepository(User).findOneBy({ email });
  const projectsOf = async (email: string) =>
    rows()
      .getRepository(Project)
      .findBy({ ownerId: (await userOf(email))!.id });
  const runsIn = ({ id }: Project) =>
    rows()
      .getRepository(Run)
      .find({ where: { projectId: id }, order: { id: 'ASC' } });
  const folderOf = (project: Project) => join(web.database.config.filesRoot, project.homeId, project.id);
  let spleenInode: number;

  it('looks first: says what would come and what is wrong, and changes nothing', async () => {
    await old.addPerson('ada', { id: '9007199254740993', admin: 1 });
    await old.addPerson('ben', { id: '9007199254740992', email: null });
    await old.addPerson('cy', { email: 'one@lab.test' });
    await old.addPerson('cyd', { email: 'ONE@lab.test' });
    await old.addPerson('dora', { active: 0 });
    await old.addPerson('Ada', { email: 'other.ada@lab.test' });
    await old.addPerson('eve', { hash: 'md5:abc' });
    const spleen = old.addProject('9007199254740993', 'Spleen', {
      'DAPI.tif': 2 * GIB,
      'analysis/cell_data.csv': 'cell,area\n1,20\n',
      'runs/kept.txt': 'mine',
    });
    addOddEntries(spleen);
    spleenInode = statSync(spleen).ino;
    old.addProject('9007199254740993', 'spleen', { 'a.txt': 'a', 'analysis/left.csv': 'x,y\n1,2\n' });
    old.addProject('9007199254740993', 'line\nbreak');
    old.addProject('ben', 'Liver', { 'b.txt': 'b' });
    old.addProject('cy', 'Kidney');
    old.addProject('dora', 'Skin', { 'd.txt': 'd', 'analysis/mask.csv': '1' });
    old.addProject('192.0.2.7', 'Guest work', { 'g.txt': 'g' });
    old.addProject('zed', 'Nobody');
    const times = { created: '2024-05-06 10:00:00', started: '2024-05-06 10:01:00', ended: '2024-05-06 10:31:00' };
    await old.addJob('ada', 'Spleen', { status: 'finished', code: '-image=DAPI.tif -sigma=2', ...times });
    await old.addJob('ada', 'Spleen', { status: 'error', code: 'a,b;c', ...times, ended: '2024-05-05 10:31:00' });
    await old.addJob('ada', 'Spleen', { code: "--image '/opt/data/projects/1/Spleen/DAPI.tif' --sigma 3.5" });
    await old.addJob('ada', 'Spleen', { code: '-image=gone.tif' });
    await old.addJob('ada', 'Spleen', { code: '-image=DAPI.tif -unknown=1' });
    await old.addJob('ada', 'No such', {});
    await old.addJob('dora', 'Skin', { status: 'started' });
    await web.browser().signUp('eve@lab.test');

    const report = await takeOver();
    for (const sentence of [
      'ben: there is no e-mail address',
      'cy (id 3), cyd (id 4) have the address one@lab.test in common',
      'dora may not log in there, and is suspended here.',
      'Ada (other.ada@lab.test), ada (ada@lab.test) differ only in capitals',
      'eve: eve@lab.test has an account here already that nobody has confirmed',
      '“Spleen” differ only in capitals',
      'has a name that no project can have; it is called “line\u{fffd}break” here',
      'links that lead out of the folder are shown, and neither followed nor downloaded (1: out)',
      'neither a file nor a folder is listed, and can only be deleted (1: pipe)',
      '“runs” gets another name',
      '192.0.2.7 with 1 project: it is of a guest',
      'zed with 1 project: the table of people has nobody',
      'Job a1b2 of dora in Skin is started. Let it end',
      'its values do not fit the pipeline “blur” here (image)',
      'its arguments are not those of the pipeline “blur” here. It asks for: -image=DAPI.tif -unknown=1',
      'its project is not taken over',
      'people     3\n',
      'projects   4 with 7 files, 2.1 GB',
      'runs       2 ended, 1 waiting; 3 projects with results',
      'ALLOW_GUESTS=on',
      'DEMO_USERLIST=ada,ben',
      'GUEST_MAX_PROJECTS was 10',
      'Nothing was changed, and nothing can be taken over before',
    ]) {
      expect(report).toContain(sentence);
    }
    expect(await userOf('ada@lab.test')).toBeNull();
    expect(statSync(spleen).ino).toBe(spleenInode);
    await expect(takeOver('--go')).rejects.toThrow('Nothing was taken over.');
    expect(await userOf('ada@lab.test')).toBeNull();
    expect(existsSync(join(web.database.config.settings.DATA_DIR, 'take-over', 'lock'))).toBe(false);
  });

  it('is killed in the middle, goes on when it is said again, and everything is there once', async () => {
    await old.master.query("DELETE FROM queue WHERE status = 'started'");
    const product = compileProduct();
    const env = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'test', ...web.database.environment, TEST_CRASH_AT: 'takeOver:11' };
    const child = spawn(process.execPath, [join(product.home, 'dist', 'admin.js'), ...words('--go', '--join')], { env, stdio: 'inherit' });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    product.remove();
    expect(signal).toBe('SIGKILL');
    expect(await userOf('ada@lab.test')).not.toBeNull();
    // Between any two of the other steps, too.
    for (let last = 1; last < 60; last += 1) {
      let count = 0;
      jest.spyOn(Steps.prototype, 'reached').mockImplementation(() => {
        count += 1;
        if (count === last) throw new Error('killed');
      });
      const outcome = await takeOver('--go', '--join').catch((error: Error) => error.message);
      jest.restoreAllMocks();
      // The cleaner would take it for what a run left that is gone.
      for (const project of await projectsOf('ada@lab.test')) expect(existsSync(join(folderOf(project), 'runs', 'kept.txt'))).toBe(false);
      if (outcome !== 'killed') break;
    }
    const again = await takeOver('--go', '--join');
    expect(again).toContain('Taken over: 0 people got an account, 0 projects were moved');

    const ada = (await userOf('ada@lab.test'))!;
    expect(ada).toMatchObject({ displayName: 'ada', isAdmin: true, createdMs: Date.parse('2021-03-04T05:06:07Z') });
    expect(ada.passwordHash).toMatch(/^sha256\+\$argon2id\$/);
    expect(await userOf('dora@lab.test')).toMatchObject({ passwordHash: expect.any(String), suspendedMs: expect.any(Number) });
    const projects = await projectsOf('ada@lab.test');
    expect(projects.map(({ name }) => name).sort()).toEqual(['Spleen', 'line\u{fffd}break', 'spleen']);
    const spleen = projects.find(({ name }) => name === 'Spleen')!;
    // The same folder under another name, and no copy of it.
    expect(statSync(folderOf(spleen)).ino).toBe(spleenInode);
    expect(statSync(join(folderOf(spleen), 'DAPI.tif')).size).toBe(2 * GIB);
    expect(readdirSync(folderOf(spleen)).sort()).toEqual(['DAPI.tif', 'out', 'pipe', 'runs', 'runs (2)', 'within']);
    expect(readdirSync(join(old.projects, '9007199254740993'))).toEqual([]);
    expect(existsSync(join(old.projects, 'cy', 'Kidney'))).toBe(true);
    expect(existsSync(join(old.projects, '192.0.2.7', 'Guest work'))).toBe(true);
    const runs = await runsIn(spleen);
    expect(runs.map(({ state }) => state).sort()).toEqual(['failed', 'queued', 'succeeded']);
    const done = runs.find(({ state }) => state === 'succeeded')!;
    expect(done).toMatchObject({
      note: 'Taken over from the older system, where it was job a1b2.',
      requestedMs: Date.parse('2024-05-06T10:00:00Z'),
      startedMs: Date.parse('2024-05-06T10:01:00Z'),
      finishedMs: Date.parse('2024-05-06T10:31:00Z'),
      keep: true,
    });
    expect(existsSync(join(folderOf(spleen), 'runs', String(done.id), 'analysis', 'cell_data.csv'))).toBe(true);
    const [skin] = await projectsOf('dora@lab.test');
    const [left, ...more] = await runsIn(skin);
    expect(more).toEqual([]);
    expect(left).toMatchObject({
      state: 'succeeded',
      pipelineTitle: 'Blur',
      startedMs: expect.any(Number),
      note: expect.stringContaining('These results'),
    });
    expect(readdirSync(join(folderOf(skin), 'runs', String(left?.id)))).toEqual(['analysis']);
    const events = await rows().getRepository(RunEvent).findBy({ runId: done.id });
    // Nobody gets a mail about it.
    expect(events).toMatchObject([{ toState: 'succeeded', mailed: true, atMs: done.finishedMs }]);
    const used = await rows().query('SELECT used_bytes FROM space_usage WHERE owner_id = ?', [ada.id]);
    expect(Number((used as { used_bytes: string }[])[0]?.used_bytes)).toBeGreaterThan(2 * GIB);
  });

  it('lets people log in with the password that they had, see projects and results, and ask for a new run', async () => {
    const browser = web.browser();
    expect((await browser.postForm('/login', { email: 'ada@lab.test', password: 'the words of ada' })).status).toBe(303);
    expect((await userOf('ada@lab.test'))!.passwordHash).toMatch(/^\$argon2id\$/);
    const spleen = (await projectsOf('ada@lab.test')).find(({ name }) => name === 'Spleen')!;
    expect(mainOf(await browser.get('/projects'))).toContain('Spleen');
    expect(mainOf(await browser.get(`/projects/${spleen.id}`))).toContain('DAPI.tif');
    const [done] = (await runsIn(spleen)).filter(({ state }) => state === 'succeeded');
    const page = await browser.get(`/runs/${done?.id}`);
    expect(page.status).toBe(200);
    expect(mainOf(page)).toContain('Taken over from the older system, where it was job a1b2.');
    expect(mainOf(page)).toContain('cell_data.csv');
    expect((await browser.get(`/runs/${done?.id}/files/analysis/cell_data.csv`)).body).toContain('1,20');
    const failed = (await runsIn(spleen)).find(({ state }) => state === 'failed');
    expect(mainOf(await browser.get(`/runs/${failed?.id}`))).toContain('a,b;c');
    expect((await browser.get(`/runs/${failed?.id}/log`)).status).toBeLessThan(500);
    const lower = (await projectsOf('ada@lab.test')).find(({ name }) => name === 'spleen')!;
    const left = mainOf(await browser.get(`/runs/${(await runsIn(lower))[0]?.id}`));
    expect(left).toContain('These results were in the project when it was taken over');
    expect(left).toContain('left.csv');
    expect(left).toContain('What it was given is not known here.');
    expect(left).not.toMatch(/It never started\.|Run again exactly/);
    const form = `/projects/${spleen.id}/run/blur`;
    const asked = await browser.postForm(form, { 'p.image': 'project:DAPI.tif', 'p.sigma': '4' }, { page: form });
    expect([asked.status, asked.location]).toEqual([303, expect.stringMatching(/^\/runs\/\d+/)]);
    const dora = await web.browser().postForm('/login', { email: 'dora@lab.test', password: 'the words of dora' });
    expect(dora.status).toBe(422);
    await context.get(AuditTrail, { strict: false }).settled();
    const [noted] = await rows().getRepository(AuditEntry).findBy({ action: 'site.takeOver' });
    expect(noted).toMatchObject({ actorName: expect.stringMatching(/^shell: /), objectName: expect.stringContaining('projects') });
  });

  it('goes on with all others where a folder is gone that was begun', async () => {
    const lung = old.addProject('dora', 'Lung');
    old.addProject('dora', 'Bone', { 'b.txt': 'b' });
    jest.spyOn(Steps.prototype, 'reached').mockImplementation(() => {
      throw new Error('killed');
    });
    await expect(takeOver('--go', '--join')).rejects.toThrow('killed');
    jest.restoreAllMocks();
    rmSync(join(old.projects, 'dora', 'Bone'), { recursive: true });
    await expect(takeOver('--go', '--join')).rejects.toThrow(/1 projects were moved[^]*Bone: The folder of the project Bone is neither at/);
    expect(existsSync(lung)).toBe(false);
    expect((await projectsOf('dora@lab.test')).map(({ name }) => name).sort()).toEqual(['Lung', 'Skin']);
  });

  it('gives projects of guests to an account, and moves all folders back, but those with runs of here', async () => {
    await expect(takeOver('--go', '--join', '--guests-to=ada@lab.test')).rejects.toThrow('1 projects were moved');
    const guest = (await projectsOf('ada@lab.test')).find(({ name }) => name === '192.0.2.7 Guest work')!;
    await context
      .get(ProjectFiles, { strict: false })
      .of(guest)
      .makeFolder([Buffer.from('made here')]);
    const [lung] = (await projectsOf('dora@lab.test')).filter(({ name }) => name === 'Lung');
    rmSync(folderOf(lung), { recursive: true });
    await rows().getRepository(Project).delete({ id: lung.id });
    mkdirSync(join(old.projects, '9007199254740993', 'spleen'));
    const answer = await parseCommand(['take-over', '--undo'])(context);
    expect(answer).toContain('Spleen stays: it has runs that were asked for here');
    expect(answer).toContain('spleen stays: something else is called');
    expect(answer).toContain('Lung is gone, here and there: nothing is left to move back.');
    expect(answer).toContain('3 of 7 projects are where they were');
    const [lower] = (await projectsOf('ada@lab.test')).filter(({ name }) => name === 'spleen');
    // Nothing of it was touched.
    expect(readdirSync(folderOf(lower)).sort()).toEqual(['a.txt', 'runs']);
    rmdirSync(join(old.projects, '9007199254740993', 'spleen'));
    expect(await parseCommand(['take-over', '--undo'])(context)).toContain('1 of 2 projects are where they were');
    expect(readdirSync(join(old.projects, '192.0.2.7', 'Guest work')).sort()).toEqual(['g.txt', 'made here']);
    expect(readdirSync(join(old.projects, '9007199254740993')).sort()).toEqual(['line\nbreak', 'spleen']);
    expect(readdirSync(join(old.projects, '9007199254740993', 'spleen')).sort()).toEqual(['a.txt', 'analysis']);
    expect((await projectsOf('ada@lab.test')).map(({ name }) => name)).toEqual(['Spleen']);
  });
});
