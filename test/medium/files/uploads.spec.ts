import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { multipart } from '../../multipart';
import { createProject, upload } from '../../project-steps';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

describe('uploads', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let folder: string;
  let staging: string;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp({ MAX_UPLOAD: '3 MB', FREE_SPACE_RESERVE: '1 MB' });
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    project = await createProject(web, browser, `Uploads ${(count += 1)}`);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    staging = join(web.database.config.filesRoot, project.ownerId, '.staging');
  });

  const left = () => (existsSync(staging) ? readdirSync(staging).filter((name) => name.endsWith('.part')) : []);
  const sentence = async (path = '') => mainOf(await browser.get(`/projects/${project.id}${path}`)).replace(/<[^>]*>/g, ' ');
  const asScript = { accept: 'application/json' };

  it('store several files at once, byte for byte, and say so', async () => {
    const picture = randomBytes(2_500_000);
    const answer = await upload(browser, project.id, { 'a.tif': picture, 'empty.txt': '', 'Größe 5 µm.csv': 'x,y\r\n--\r\n' });
    expect(answer.status).toBe(303);
    expect(answer.location).toBe(`/projects/${project.id}`);
    expect(readFileSync(join(folder, 'a.tif')).equals(picture)).toBe(true);
    expect(readFileSync(join(folder, 'Größe 5 µm.csv'), 'utf8')).toBe('x,y\r\n--\r\n');
    expect(statSync(join(folder, 'empty.txt')).size).toBe(0);
    expect(statSync(join(folder, 'a.tif')).mode & 0o777).toBe(0o640);
    expect(await sentence()).toContain('3 files were uploaded.');
    expect(left()).toEqual([]);
  });

  it('overwrite nothing: a name that is taken gets a number', async () => {
    await upload(browser, project.id, { 'DAPI.tif': 'first' });
    await upload(browser, project.id, { 'DAPI.tif': 'second' });
    expect(await sentence()).toContain('There was a DAPI.tif already, so the new one is named DAPI (2).tif.');
    await Promise.all([3, 4, 5, 6].map((number) => upload(browser, project.id, { 'DAPI.tif': String(number) })));
    expect(readdirSync(folder).sort()).toEqual([
      'DAPI (2).tif',
      'DAPI (3).tif',
      'DAPI (4).tif',
      'DAPI (5).tif',
      'DAPI (6).tif',
      'DAPI.tif',
    ]);
    expect(readFileSync(join(folder, 'DAPI.tif'), 'utf8')).toBe('first');
  });

  describe('whose name is taken', () => {
    const send = (onConflict: string, files: Record<string, string>, headers = {}) =>
      upload(browser, project.id, files, { fields: { onConflict }, headers });
    const contents = () => Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

    it('do what the form says: keep both, replace, skip', async () => {
      await send('keepBoth', { 'a.txt': 'one' });
      await send('keepBoth', { 'a.txt': 'two' });
      expect(contents()).toEqual({ 'a.txt': 'one', 'a (2).txt': 'two' });
      await send('replace', { 'a.txt': 'three', 'b.txt': 'b' });
      expect(contents()).toEqual({ 'a.txt': 'three', 'a (2).txt': 'two', 'b.txt': 'b' });
      expect(readdirSync(staging).filter((name) => name.endsWith('.trash'))).toHaveLength(1);
      expect((await send('skip', { 'a.txt': 'four', 'c.txt': 'c' })).status).toBe(303);
      expect(await sentence()).toContain('c.txt was uploaded. a.txt is here already, so it was left out.');
      expect((await send('skip', { 'a.txt': 'five', 'b.txt': 'five' })).status).toBe(303);
      expect(await sentence()).toContain('2 files were left out, because they are here already.');
      expect(contents()).toEqual({ 'a.txt': 'three', 'a (2).txt': 'two', 'b.txt': 'b', 'c.txt': 'c' });
      expect(left()).toEqual([]);
    });

    it('tell a script that wants to ask what is there; the very same file is no question', async () => {
      await send('keepBoth', { 'a.txt': 'one', 'b.txt': 'same' });
      mkdirSync(join(folder, 'dir'));
      const answer = await send('ask', { 'a.txt': 'two', 'b.txt': 'same', 'c.txt': 'new', dir: 'x', runs: 'x' }, asScript);
      const { stored, skipped, refused } = JSON.parse(answer.body) as Record<'stored' | 'skipped' | 'refused', Record<string, unknown>[]>;
      expect([stored.map(({ name }) => name), skipped]).toEqual([['b.txt', 'c.txt'], []]);
      expect(refused.map(({ asked, key }) => [asked, key])).toEqual([
        ['a.txt', 'uploads.exists'],
        ['dir', 'uploads.folderExists'],
        ['runs', 'uploads.folderExists'],
      ]);
      expect(refused[0]?.['values']).toMatchObject({ name: 'a.txt', size: '3 bytes' });
      rmSync(join(folder, 'dir'), { recursive: true });
      expect(contents()).toEqual({ 'a.txt': 'one', 'b.txt': 'same', 'c.txt': 'new' });
      expect((await send('ask', { 'b.txt': 'same' }, asScript)).status).toBe(200);
      expect((await send('ask', { 'b.txt': 'other' }, asScript)).status).toBe(409);
    });

    it('are refused with a choice that there is none', async () => {
      expect((await send('overwrite', { 'a.txt': 'x' })).status).toBe(422);
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  it('never write through a link or onto a folder', async () => {
    symlinkSync(join(web.database.folder, 'planted'), join(folder, 'link.txt'));
    mkdirSync(join(folder, 'dir'));
    symlinkSync(web.database.folder, join(folder, 'out'));
    await upload(browser, project.id, { 'link.txt': 'x', dir: 'y' });
    expect(readdirSync(folder).sort()).toEqual(['dir', 'dir (2)', 'link (2).txt', 'link.txt', 'out']);
    expect(existsSync(join(web.database.folder, 'planted'))).toBe(false);
    const answer = await upload(browser, project.id, { 'x.txt': 'x' }, { path: 'out' });
    expect(answer.status).toBe(404);
    await upload(browser, project.id, { 'out/x.txt': 'x' });
    expect(existsSync(join(web.database.folder, 'x.txt'))).toBe(false);
  });

  it('go into the folder that is open, and keep the folders of a dropped folder', async () => {
    mkdirSync(join(folder, 'day 1'));
    const answer = await upload(browser, project.id, { 'scans/C7/a.tif': 'a', 'b.tif': 'b' }, { path: 'day 1' });
    expect(answer.location).toBe(`/projects/${project.id}?path=day+1`);
    expect(readFileSync(join(folder, 'day 1', 'scans', 'C7', 'a.tif'), 'utf8')).toBe('a');
    expect(readdirSync(join(folder, 'day 1')).sort()).toEqual(['b.tif', 'scans']);
  });

  it('store names composed', async () => {
    await upload(browser, project.id, { 'Mu\u0308ller.txt': 'x' });
    expect(readdirSync(folder)).toEqual(['M\u00fcller.txt']);
    expect(await sentence()).toContain('M\u00fcller.txt was uploaded.');
  });

  it.each([
    '../../../etc/cron.d/x',
    '..',
    'a/../../x',
    '/etc/passwd',
    'a\\b.txt',
    'CON.txt',
    'a:b',
    'x.',
    'a\u0000b',
    'a\u001bb',
    ' a',
    'ä'.repeat(128),
  ])('refuse the name %j with a sentence, and keep the good files beside it', async (name) => {
    const answer = await upload(browser, project.id, { [name]: 'x', 'good.txt': 'good' }, { headers: asScript });
    expect(answer.status).toBe(200);
    const { stored, refused } = JSON.parse(answer.body) as { stored: { name: string }[]; refused: { message: string }[] };
    expect(stored).toEqual([{ asked: 'good.txt', name: 'good.txt' }]);
    expect(refused[0]?.message).toMatch(/name|dots|path/i);
    expect(readdirSync(folder)).toEqual(['good.txt']);
    expect(left()).toEqual([]);
  });

  it('show the page again with the reason when nothing could be stored', async () => {
    const answer = await upload(browser, project.id, { 'CON.txt': 'x' });
    expect(answer.status).toBe(422);
    expect(mainOf(answer)).toContain('The name CON.txt is reserved on Windows');
    const nothing = await upload(browser, project.id, { '': '' });
    expect(nothing.status).toBe(422);
    expect(mainOf(nothing)).toContain('Choose a file first');
  });

  it('keep results for runs: a file named runs gets a number, and nothing is put among results', async () => {
    await upload(browser, project.id, { runs: 'x' });
    expect(readdirSync(folder)).toEqual(['runs (2)']);
    const answer = await upload(browser, project.id, { 'runs/12/faked.png': 'x' });
    expect(answer.status).toBe(422);
    expect(readdirSync(folder)).toEqual(['runs (2)']);
  });

  it('refuse what is larger than the limit, and leave nothing of it', async () => {
    const answer = await upload(browser, project.id, { 'big.bin': Buffer.alloc(3_000_001), 'small.bin': 'small' }, { headers: asScript });
    expect(JSON.parse(answer.body)).toMatchObject({
      stored: [{ name: 'small.bin' }],
      refused: [{ message: expect.stringContaining('big.bin is larger than 3 MB') as string }],
    });
    expect(readdirSync(folder)).toEqual(['small.bin']);
    expect(left()).toEqual([]);
    expect((await upload(browser, project.id, { 'big.bin': Buffer.alloc(3_000_001) })).status).toBe(413);
    expect((await upload(browser, project.id, { 'exact.bin': Buffer.alloc(3_000_000) })).status).toBe(303);
  });

  it('check the token before a byte is stored', async () => {
    for (const token of [null, 'wrong', '']) {
      expect((await upload(browser, project.id, { 'a.txt': 'x' }, { token })).status).toBe(403);
    }
    const token = await browser.token('/projects');
    const late = multipart([
      { name: 'files', fileName: 'a.txt', content: 'x' },
      { name: '_csrf', content: token },
    ]);
    const headers = { 'content-type': late.contentType };
    expect((await browser.send(`/projects/${project.id}/files`, { method: 'POST', headers, body: late.body })).status).toBe(403);
    expect(readdirSync(folder)).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('answer broken forms with a page and go on serving', async () => {
    const token = await browser.token('/projects');
    const good = multipart([
      { name: '_csrf', content: token },
      { name: 'files', fileName: 'a.txt', content: 'x'.repeat(1000) },
    ]);
    const post = (contentType: string, body: Buffer | string) =>
      browser.send(`/projects/${project.id}/files`, { method: 'POST', headers: { 'content-type': contentType }, body });
    const answers = await Promise.all([
      post('multipart/form-data', good.body),
      post('multipart/form-data; boundary=other', good.body),
      post(good.contentType, good.body.subarray(0, good.body.length - 20)),
      post(good.contentType, good.body.subarray(0, 120)),
      post(good.contentType, ''),
      post('application/x-www-form-urlencoded', '_csrf=x'),
      post('text/plain', 'hello'),
      post(good.contentType, Buffer.concat([Buffer.from(`--${good.contentType.split('=')[1]}\r\n`), Buffer.alloc(200_000, 'a: b\r\n')])),
    ]);
    for (const { status } of answers) expect([403, 413, 422]).toContain(status);
    expect(readdirSync(folder)).toEqual([]);
    expect(left()).toEqual([]);
    expect((await post(good.contentType, good.body)).status).toBe(303);
  });

  it('refuse folders so deep that no page could open them', async () => {
    const answer = await upload(browser, project.id, { [`${'deep/'.repeat(64)}a.txt`]: 'x' });
    expect(mainOf(await browser.visit(answer.location ?? `/projects/${project.id}`))).not.toContain('was uploaded');
    expect(readdirSync(folder)).toEqual([]);
    expect(left()).toEqual([]);
    expect((await upload(browser, project.id, { [`${'deep/'.repeat(63)}a.txt`]: 'x' })).status).toBe(303);
    expect(existsSync(join(folder, ...Array<string>(63).fill('deep'), 'a.txt'))).toBe(true);
  });

  it('leave nothing when the browser goes away in the middle', async () => {
    const token = await browser.token('/projects');
    const { body, contentType } = multipart([
      { name: '_csrf', content: token },
      { name: 'files', fileName: 'cut.bin', content: Buffer.alloc(2_000_000, 7) },
    ]);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const request = httpRequest({
      host: '127.0.0.1',
      port: web.port,
      path: `/projects/${project.id}/files`,
      method: 'POST',
      headers: {
        host: `localhost:${web.port}`,
        origin: browser.origin,
        cookie,
        'content-type': contentType,
        'content-length': body.length,
      },
    });
    request.on('error', () => undefined);
    request.write(body.subarray(0, 1_500_000));
    await until(() => left().some((name) => statSync(join(staging, name)).size > 1_000_000));
    request.destroy();
    await until(() => left().length === 0);
    expect(readdirSync(folder)).toEqual([]);
    expect(openFilesBelow(web.database.folder).filter((name) => name.includes('.part'))).toEqual([]);
  });
});

describe('uploads to a disk without room', () => {
  it('are refused before they begin', async () => {
    const web = await startTestWebApp({ FREE_SPACE_RESERVE: '900000 TB' });
    try {
      const browser = web.browser();
      await browser.signUp();
      const project = await createProject(web, browser, 'No room');
      const answer = await upload(browser, project.id, { 'a.txt': 'x' });
      expect(answer.status).toBe(413);
      expect(answer.body).toContain('The disk of the server is full. Uploads and new runs are refused');
    } finally {
      await web.close();
    }
  });
});

function openFilesBelow(root: string): string[] {
  const names = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return names.filter((name) => name.startsWith(root));
}
