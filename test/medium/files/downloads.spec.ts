import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { createProject } from '../../project-steps';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

describe('downloads', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let folder: string;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
    project = await createProject(web, browser, 'Downloads');
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    writeFileSync(join(folder, 'digits.bin'), '0123456789');
    writeFileSync(join(folder, 'report.html'), '<script>alert(1)</script>');
    writeFileSync(join(folder, 'picture.svg'), '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    writeFileSync(join(folder, 'note.txt'), 'hello');
  });
  afterAll(() => web.close());

  const get = (path: string, headers: Record<string, string> = {}) => browser.get(`/projects/${project.id}/files/${path}`, headers);

  it('send the file as an attachment that no browser runs', async () => {
    for (const name of ['report.html', 'picture.svg', 'digits.bin', 'note.txt']) {
      const answer = await get(name);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-disposition']).toBe(`attachment; filename="${name}"`);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['content-security-policy']).toContain('sandbox');
      expect(answer.headers['content-type']).not.toMatch(/html|svg|xml/);
    }
  });

  it('open only harmless kinds in place', async () => {
    expect((await get('note.txt?view=1')).headers['content-disposition']).toMatch(/^inline/);
    for (const name of ['report.html', 'picture.svg', 'digits.bin']) {
      expect((await get(`${name}?view=1`)).headers['content-disposition']).toMatch(/^attachment/);
    }
  });

  it('can be resumed', async () => {
    const whole = await get('digits.bin');
    expect(whole.body).toBe('0123456789');
    const etag = whole.headers.etag!;
    const part = await get('digits.bin', { range: 'bytes=3-5', 'if-range': etag });
    expect([part.status, part.body, part.headers['content-range']]).toEqual([206, '345', 'bytes 3-5/10']);
    expect((await get('digits.bin', { range: 'bytes=3-5', 'if-range': '"other"' })).status).toBe(200);
    expect((await get('digits.bin', { range: 'bytes=50-' })).status).toBe(416);
    expect((await get('digits.bin', { 'if-none-match': etag })).status).toBe(304);
    const head = await browser.send(`/projects/${project.id}/files/digits.bin`, { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '10', '']);
  });

  it.each([
    ['naïve "quoted".csv', `attachment; filename="na_ve _quoted_.csv"; filename*=UTF-8''na%C3%AFve%20%22quoted%22.csv`],
    ["it's 100%.txt", `attachment; filename="it's 100_.txt"; filename*=UTF-8''it%27s%20100%25.txt`],
  ])('keep the name %s', async (name, header) => {
    writeFileSync(join(folder, name), 'x');
    const answer = await get(encodeURIComponent(name));
    expect(answer.headers['content-disposition']).toBe(header);
  });

  it('never follow links, wait for FIFOs, or lend out hard links', async () => {
    writeFileSync(join(web.database.folder, 'secret'), 'secret');
    symlinkSync(join(web.database.folder, 'secret'), join(folder, 'link'));
    symlinkSync(web.database.folder, join(folder, 'out'));
    symlinkSync('loop', join(folder, 'loop'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    linkSync(join(web.database.folder, 'secret'), join(folder, 'hard'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    mkdirSync(join(folder, 'folder'));
    for (const name of ['link', 'out/secret', 'loop', 'dangling', 'hard', 'fifo', 'folder', 'folder/x', 'note.txt/x']) {
      const answer = await get(name);
      expect([name, answer.status]).toEqual([name, name === 'hard' ? 403 : 404]);
      expect(answer.body).not.toContain('secret\n');
    }
    expect((await browser.get(`/projects/${project.id}`)).status).toBe(200);
  });

  it('close every handle', async () => {
    const before = readdirSync('/proc/self/fd').length;
    for (let number = 0; number < 50; number += 1) {
      await get('digits.bin', number % 2 ? { range: 'bytes=0-1' } : {});
      await get('digits.bin', { range: 'bytes=50-' });
      await get('link');
    }
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 5);
  });
});
