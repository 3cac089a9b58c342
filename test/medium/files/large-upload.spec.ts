import { readdirSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { createProject } from '../../project-steps';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

/** TEST_UPLOAD_MB=2048 sends two gigabytes. */
const MEGABYTES = Number(process.env['TEST_UPLOAD_MB'] ?? 512);
const MOST_GROWTH = 100 * 1024 * 1024;
const PIECE = Buffer.alloc(1024 * 1024, 'tissue');

describe('an upload of many megabytes', () => {
  let web: TestWebApp;
  let browser: TestBrowser;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());

  it(
    `of ${MEGABYTES} MB needs no memory to speak of, for the server and this client together`,
    async () => {
      const project = await createProject(web, browser, 'Large');
      const before = process.memoryUsage().rss;
      let most = before;
      const look = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
      const begin = Date.now();
      const status = await send(`/projects/${project.id}/files`, await browser.token('/projects'));
      const seconds = (Date.now() - begin) / 1000;
      clearInterval(look);
      process.stdout.write(
        `upload: ${MEGABYTES} MB in ${seconds.toFixed(1)} s, memory grew by ${Math.round((most - before) / 1024 / 1024)} MB at most\n`,
      );
      expect(status).toBe(303);
      const folder = join(web.database.config.filesRoot, project.ownerId, project.id);
      expect(statSync(join(folder, 'large.bin')).size).toBe(MEGABYTES * PIECE.length);
      expect(readdirSync(join(web.database.config.filesRoot, project.ownerId, '.staging'))).toEqual([]);
      expect(most - before).toBeLessThan(MOST_GROWTH);
    },
    40_000 + MEGABYTES * 50,
  );

  /** Writes the form piece by piece, no faster than the server takes it. */
  function send(path: string, token: string): Promise<number> {
    const head = Buffer.from(
      `--edge\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n${token}\r\n` +
        '--edge\r\nContent-Disposition: form-data; name="files"; filename="large.bin"\r\n\r\n',
    );
    const tail = Buffer.from('\r\n--edge--\r\n');
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      host: `localhost:${web.port}`,
      origin: browser.origin,
      cookie,
      'content-type': 'multipart/form-data; boundary=edge',
      'content-length': head.length + MEGABYTES * PIECE.length + tail.length,
    };
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: web.port, path, method: 'POST', headers }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      request.on('error', reject);
      request.write(head);
      let sent = 0;
      const pump = () => {
        while (sent < MEGABYTES) {
          sent += 1;
          if (!request.write(PIECE)) return void request.once('drain', pump);
        }
        request.end(tail);
      };
      pump();
    });
  }
});
