import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { createProject, upload } from '../../project-steps';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

describe('checksums of files on pages', () => {
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
  afterAll(() => web?.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Checksums ${(count += 1)}`);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
  });

  const words = (answer: TestAnswer) =>
    mainOf(answer)
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
  const sha = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
  const page = (name: string, expected?: string) =>
    browser.get(`/projects/${project.id}/checksum/${name}${expected === undefined ? '' : `?expected=${encodeURIComponent(expected)}`}`);
  const compute = (path: string, fields: Record<string, string> = {}) =>
    browser.postForm(`/projects/${project.id}/files/checksum`, { path, ...fields }, { page: '/projects' });
  const write = (name: string, content: string | Buffer) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };

  it('are there at once for what was uploaded', async () => {
    const content = randomBytes(100_000);
    await upload(browser, project.id, { 'a.tif': content });
    expect(words(await page('a.tif'))).toContain(`SHA-256 ${sha(content)} CRC-32 `);
  });

  it('are computed for other files when somebody asks, and are gone when the file changes', async () => {
    write('sub/made.csv', 'a,b\n');
    expect(words(await page('sub/made.csv'))).toContain('It has not been computed yet');
    const answer = await compute('sub/made.csv');
    expect(answer.location).toBe(`/projects/${project.id}/checksum/sub/made.csv`);
    expect(words(await browser.get(answer.location!))).toContain(sha('a,b\n'));
    appendFileSync(join(folder, 'sub/made.csv'), '1,2\n');
    expect(words(await page('sub/made.csv'))).toContain('It has not been computed yet');
  });

  it('are compared with what somebody pastes, also when they have to be computed first', async () => {
    write('a.bin', 'content');
    const asked = await compute('a.bin', { expected: `${sha('content').toUpperCase()}  copy of a.bin` });
    expect(words(await browser.get(asked.location!))).toContain('It matches: both files have the same content.');
    expect(words(await page('a.bin', sha('other')))).toContain('It does not match: the contents differ.');
    expect(words(await page('a.bin', 'd41d8cd98f00b204e9800998ecf8427e'))).toContain('This is no SHA-256.');
    const back = await compute('a.bin', { back: 'view', expected: '<b>' });
    expect(back.location).toBe(`/projects/${project.id}/view/a.bin?expected=%3Cb%3E`);
    const view = await browser.get(back.location!);
    expect(words(view)).toContain(`SHA-256 ${sha('content')}`);
    expect(words(view)).toContain('This is no SHA-256.');
    expect(view.body).toContain('name="back" value="view"');
    expect((await page('a.bin', '"><b>')).body).toContain('value="&quot;&gt;&lt;b&gt;"');
  });

  it('are refused for what is no file, with a sentence', async () => {
    write('sub/a.bin', 'x');
    expect((await compute('sub')).status).toBe(404);
    expect((await compute('gone.bin')).status).toBe(404);
    expect((await compute('')).status).toBe(404);
    expect((await compute('../a.bin')).status).toBe(422);
    expect((await page('sub')).status).toBe(404);
    expect((await page('..%2Fa.bin')).status).toBe(422);
  });

  it('come as a list that sha256sum checks, whatever the names are', async () => {
    const names = ['plain.txt', 'deep/er/with blank.txt', 'Größe 5 µm.csv', '(1).txt', '-n'];
    for (const name of names) {
      write(`in/${name}`, name);
      await compute(`in/${name}`);
    }
    // What pipelines write may have any name.
    const odd = Buffer.concat([Buffer.from(`${folder}/in/`), Buffer.from([0x62, 0x5c, 0x0a, 0xff, 0x0d])]);
    writeFileSync(odd, 'odd');
    await compute(`in/~b64~${Buffer.from([0x62, 0x5c, 0x0a, 0xff, 0x0d]).toString('base64url')}`);
    write('in/unknown.txt', 'not computed');
    write('outside.txt', 'x');
    await compute('outside.txt');
    const answer = await browser.get(`/projects/${project.id}/checksums.txt?path=in`);
    expect(answer.headers['content-disposition']).toBe('attachment; filename="checksums.txt"');
    const place = mkdtempSync(join(tmpdir(), 'showrunner-sums-'));
    try {
      const raw = await rawBody(`/projects/${project.id}/checksums.txt?path=in`);
      writeFileSync(join(place, 'sums'), raw);
      const said = execFileSync('sha256sum', ['--check', '--strict', join(place, 'sums')], { cwd: join(folder, 'in'), encoding: 'latin1' });
      expect(said.trim().split('\n')).toHaveLength(6);
      expect(answer.body).not.toContain('unknown.txt');
      expect(answer.body).not.toContain('outside.txt');
    } finally {
      rmSync(place, { recursive: true });
    }
    expect((await browser.get(`/projects/${project.id}/checksums.txt?path=nowhere`)).status).toBe(404);
  });

  async function rawBody(path: string): Promise<Buffer> {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(`http://127.0.0.1:${web.port}${path}`, { headers: { cookie } });
    return Buffer.from(await answer.arrayBuffer());
  }
});
