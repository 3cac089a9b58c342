import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { aNewRun } from '../../factories';
import { createProject } from '../../project-steps';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

describe('deleting files', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let folder: string;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Deleting ${(count += 1)}`);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(folder, name), name);
    mkdirSync(join(folder, 'sub', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'sub', 'deep', 'd.txt'), 'd');
  });

  const post = (path: string, fields: [string, string][]): Promise<TestAnswer> =>
    browser.postForm(`/projects/${project.id}/files/${path}`, fields, { page: '/projects' });
  const undoOf = (answer: TestAnswer) => new URL(answer.location!, 'http://x').searchParams.get('undo')!;
  const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

  it('takes several at once, and brings them back', async () => {
    const answer = await post('delete', [
      ['path', ''],
      ['name', 'a.txt'],
      ['name', 'sub'],
    ]);
    expect(readdirSync(folder).sort()).toEqual(['b.txt', 'c.txt']);
    const page = mainOf(await browser.get(answer.location!));
    expect(text(page)).toMatch(/2 entries were deleted\..*It can still be brought back\. Undo/);
    await post('restore', [
      ['path', ''],
      ['undo', undoOf(answer)],
    ]);
    expect(readFileSync(join(folder, 'sub', 'deep', 'd.txt'), 'utf8')).toBe('d');
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('a.txt');
    expect(readdirSync(join(web.database.config.filesRoot, project.ownerId, '.staging'))).toEqual([]);
  });

  it('brings back beside what took the name meanwhile, and only once', async () => {
    const answer = await post('delete', [['only', 'a.txt']]);
    writeFileSync(join(folder, 'a.txt'), 'newer');
    await post('restore', [['undo', undoOf(answer)]]);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('newer');
    expect(readFileSync(join(folder, 'a (2).txt'), 'utf8')).toBe('a.txt');
    const again = await post('restore', [['undo', undoOf(answer)]]);
    expect(again.status).toBe(404);
    expect(again.body).toContain('gone for good');
  });

  it('asks for a choice when nothing was selected', async () => {
    const answer = await post('delete', [['path', 'sub']]);
    expect(answer.location).toBe(`/projects/${project.id}?path=sub`);
    expect(mainOf(await browser.get(answer.location!))).toContain('Select something first');
  });

  it.each([
    ['the input itself', '', 'b.txt'],
    ['a folder that holds the input', '', 'sub'],
    ['the input in a folder', 'sub/deep', 'd.txt'],
    ['the results', 'runs', 'RUN'],
    ['something in the results', 'runs/RUN', 'x.png'],
  ])('refuses what a run that is not finished needs: %s', async (_what, path, name) => {
    const store = web.app.get(QueueStore, { strict: false });
    const parameters = { image: 'project:b.txt', more: ['project:sub/deep/d.txt', 'inbox:a.txt'], word: 'project:' };
    const { runId } = await store.enqueue(aNewRun({ projectId: project.id, ownerId: project.ownerId, parameters }));
    const results = join(folder, 'runs', String(runId));
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, 'x.png'), 'x');
    const [where, what] = [path.replace('RUN', String(runId)), name.replace('RUN', String(runId))];
    const fields: [string, string][] = [
      ['path', where],
      ['name', 'a.txt'],
      ['name', what],
    ];
    const answer = await post('delete', where === '' ? fields : fields.filter(([, value]) => value !== 'a.txt'));
    expect(answer.status).toBe(409);
    expect(answer.body).toContain(`run #${runId}`);
    expect(existsSync(join(folder, where, what))).toBe(true);
    expect(existsSync(join(folder, 'a.txt'))).toBe(true);
    await store.requestCancel(runId, 'test');
    expect(
      (
        await post(
          'delete',
          fields.filter(([, value]) => value !== 'a.txt'),
        )
      ).status,
    ).toBe(303);
  });

  it('keeps the folder of all results', async () => {
    mkdirSync(join(folder, 'runs', '7'), { recursive: true });
    expect((await post('delete', [['only', 'runs']])).status).toBe(409);
    expect(
      (
        await post('delete', [
          ['path', 'runs'],
          ['only', '7'],
        ])
      ).status,
    ).toBe(303);
  });
});
