import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { endedTask, extract, folderOf } from '../../archive-steps';
import { createProject } from '../../project-steps';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

/** TEST_ARCHIVE_MB=4500 goes beyond what fits into 32 bits, in one file and in the place of the next. */
const MEGABYTES = Number(process.env['TEST_ARCHIVE_MB'] ?? 200);
/** Of server and client together: two pieces on their way, and what the engine has not yet cleared away. */
const MOST_GROWTH = 150 * 1024 * 1024;

describe('an archive of many megabytes', () => {
  let web: TestWebApp;
  let browser: TestBrowser;

  beforeAll(async () => {
    web = await startTestWebApp({ USER_SPACE: '0' });
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());

  it(
    `of ${MEGABYTES} MB is downloaded and unpacked again, and needs no memory to speak of`,
    async () => {
      const project = await createProject(web, browser, 'Large');
      const folder = folderOf(web, project);
      writeFileSync(join(folder, 'large.bin'), 'begin');
      truncateSync(join(folder, 'large.bin'), MEGABYTES * 1024 * 1024);
      writeFileSync(join(folder, 'small.txt'), 'after it');
      const before = process.memoryUsage().rss;
      let most = before;
      const look = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
      const begin = Date.now();
      await download(`/projects/${project.id}/zip`, join(folder, 'again.zip'));
      const seconds = (Date.now() - begin) / 1000;
      clearInterval(look);
      process.stdout.write(
        `zip: ${MEGABYTES} MB in ${seconds.toFixed(1)} s, memory grew by ${Math.round((most - before) / 1024 / 1024)} MB at most\n`,
      );
      expect(most - before).toBeLessThan(MOST_GROWTH);
      await extract(browser, project, 'again.zip');
      expect(await endedTask(web, project, 'again.zip', 30_000 + MEGABYTES * 100)).toMatchObject({ state: 'done', resultPath: 'Large' });
      expect(readdirSync(join(folder, 'Large')).sort()).toEqual(['large.bin', 'small.txt']);
      expect(statSync(join(folder, 'Large', 'large.bin')).size).toBe(MEGABYTES * 1024 * 1024);
      expect(await hashOf(join(folder, 'Large', 'large.bin'))).toBe(await hashOf(join(folder, 'large.bin')));
    },
    60_000 + MEGABYTES * 300,
  );

  async function download(path: string, target: string): Promise<void> {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    await new Promise<void>((resolve, reject) => {
      get({ port: web.port, host: '127.0.0.1', path, headers: { host: `localhost:${web.port}`, cookie } }, (answer) => {
        pipeline(answer, createWriteStream(target)).then(resolve, reject);
      }).on('error', reject);
    });
  }
});

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}
