import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Project } from '../../../src/common/projects/project.entity';
import { multipart } from '../../multipart';
import { compileProduct, type Product } from '../../product';
import { createProject } from '../../project-steps';
import { until } from '../../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { startWebProcess, type WebProcess } from '../../web-process';

const MEGABYTE = 1024 * 1024;
const DOWNLOADS = 30;
const FORGOTTEN = 'A fault that nobody waited for';

/** A rejection that nobody hears of ends a process: here it would be the one that serves everybody. */
describe('the web process goes on', () => {
  let web: TestWebApp;
  let product: Product;
  let server: WebProcess;
  let browser: TestBrowser;
  let project: Project;

  beforeAll(async () => {
    web = await startTestWebApp();
    product = compileProduct();
    const person = web.browser();
    await person.signUp();
    project = await createProject(web, person, 'Hung up');
    server = await startWebProcess(product, web.database);
    browser = server.browserOf(person);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await web.close();
    product.remove();
  });

  const open = (path: string, more: { method?: string; headers?: Record<string, string> } = {}) => {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { host: `localhost:${server.port}`, cookie, ...more.headers };
    return httpRequest({ host: '127.0.0.1', port: server.port, agent: false, ...more, path: `/projects/${project.id}/${path}`, headers });
  };
  const isAlive = async () => (await browser.get('/projects')).status === 200 && !server.log().includes(FORGOTTEN);

  it.each([
    ['a file', 'files/large.bin'],
    ['an archive', 'zip'],
  ])(
    'when readers of %s hang up, at whatever moment',
    async (_what, path) => {
      const file = join(web.database.config.filesRoot, project.ownerId, project.id, 'large.bin');
      writeFileSync(file, '');
      truncateSync(file, 64 * MEGABYTE);
      for (let number = 0; number < DOWNLOADS; number += 1) {
        const asked = open(path).end();
        const [answer] = (await once(asked, 'response')) as [IncomingMessage];
        answer.on('error', () => undefined);
        let taken = 0;
        const enough = new Promise<void>((resolve) => {
          answer.on('data', (piece: Buffer) => (taken += piece.length) > number * 100_000 && resolve());
          answer.on('end', () => resolve());
        });
        await enough;
        asked.destroy();
      }
      await sleep(200);
      expect(await isAlive()).toBe(true);
    },
    60_000,
  );

  it('when a form has a wrong value and stands still', async () => {
    const { body, contentType } = multipart([
      { name: '_csrf', content: await browser.token('/projects') },
      { name: 'onConflict', content: 'whatever' },
      { name: 'files', fileName: 'a.txt', content: 'a' },
    ]);
    const cut = body.indexOf('name="files"');
    const asked = open('files', {
      method: 'POST',
      headers: { 'content-type': contentType, 'content-length': String(body.length), origin: browser.origin },
    });
    const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
    answered.catch(() => undefined);
    asked.write(body.subarray(0, cut));
    await sleep(300);
    asked.end(body.subarray(cut));
    const [answer] = await answered;
    expect(answer.statusCode).toBe(422);
    answer.resume();
    expect(await isAlive()).toBe(true);
  });

  it('when something else fails that nobody waits for, and its log tells', async () => {
    const [script, sign] = ['forgotten.js', 'now'].map((name) => join(web.database.folder, name));
    const look = `if (require('fs').existsSync('${sign}')) { clearInterval(clock); Promise.reject(new Error('forgotten')); }`;
    writeFileSync(script, `const clock = setInterval(() => { ${look} }, 50);`);
    const other = await startWebProcess(product, web.database, { NODE_OPTIONS: `--require ${script}` });
    writeFileSync(sign, '');
    try {
      await until(() => other.log().includes('forgotten'), 20_000);
      await sleep(200);
      expect(other.log()).toContain(FORGOTTEN);
      expect((await other.browserOf(browser).get('/projects')).status).toBe(200);
    } finally {
      await other.stop();
    }
  }, 40_000);
});
