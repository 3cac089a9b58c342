import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { Space } from '../../../src/common/space/space';
import { multipart } from '../../multipart';
import { createProject, upload } from '../../project-steps';
import { until } from '../../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const disk = mountSmallDisk();
if (!disk) console.warn('full-disk.spec.ts is skipped: a small disk (tmpfs) can be mounted by root only.');

(disk ? describe : describe.skip)('a disk of 10 MB', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let count = 0;

  beforeAll(async () => {
    web = await startTestWebApp({ FILES_ROOT: join(disk!, 'files'), FREE_SPACE_RESERVE: '2 MB' });
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(async () => {
    await web?.close();
    execFileSync('umount', [disk!]);
    rmSync(disk!, { recursive: true });
  });
  beforeEach(async () => {
    rmSync(join(disk!, 'filler'), { force: true });
    project = await createProject(web, browser, `Project ${(count += 1)}`);
    await web.app.get(Space).measure(project.ownerId);
  });
  afterEach(() => rmSync(join(web.database.config.filesRoot, project.ownerId), { recursive: true }));

  const folder = () => join(web.database.config.filesRoot, project.ownerId, project.id);
  const staging = () => join(web.database.config.filesRoot, project.ownerId, '.staging');
  const left = () => (existsSync(staging()) ? readdirSync(staging()) : []);
  const MB = 1e6;
  const asScript = { accept: 'application/json' };
  const reserve = (bytes: number) =>
    web.app.get(Space).reserve(project.ownerId, { bytes, files: 1 }, { projectId: project.id, what: 'upload', forMs: 60_000 });

  /** The rest of what is free, as another program might take it. */
  function fillUp(): void {
    const filler = randomBytes(MB);
    for (;;) {
      try {
        writeFileSync(join(disk!, 'filler'), filler, { flag: 'a' });
      } catch {
        return;
      }
    }
  }

  it('keeps its reserve: what would eat into it is refused before a byte is written', async () => {
    const answer = await upload(browser, project.id, { 'a.bin': randomBytes(8.5 * MB) }, { headers: asScript });
    expect(answer.status).toBe(413);
    expect(answer.body).toContain('The disk of the server has too little space left for this upload.');
    expect([readdirSync(folder()), left()]).toEqual([[], []]);
    const fits = await upload(browser, project.id, { 'a.bin': randomBytes(7 * MB) }, { headers: asScript });
    expect(fits.status).toBe(200);
  });

  it('is promised once: others count with what they have still to write', async () => {
    const first = await reserve(5 * MB);
    await expect(reserve(5 * MB)).rejects.toThrow('too little space');
    const second = await reserve(2 * MB);
    await web.app.get(Space).release(second);
    // 4 of the 5 MB are written; the disk has 6.4 MB left, of which 2 are its reserve and 1 is promised.
    mkdirSync(staging(), { recursive: true });
    writeFileSync(join(staging(), `${project.id}.${first}.part`), randomBytes(4 * MB));
    const third = await reserve(3 * MB);
    await expect(reserve(1 * MB)).rejects.toThrow('too little space');
    for (const id of [first, third]) await web.app.get(Space).release(id);
  });

  it('lets an upload go on whose rest still fits, and keeps its place where it does not fit just now', async () => {
    const terms = { projectId: project.id, what: 'upload', forMs: 60_000 } as const;
    const id = await reserve(5 * MB);
    mkdirSync(staging(), { recursive: true });
    writeFileSync(join(staging(), `${project.id}.${id}.part`), randomBytes(4 * MB));
    writeFileSync(join(disk!, 'filler'), randomBytes(3 * MB));
    const renew = (bytes: number) => web.app.get(Space).reserve(project.ownerId, { bytes, files: 1 }, { ...terms, id });
    await renew(5 * MB);
    writeFileSync(join(disk!, 'filler'), randomBytes(4.2 * MB));
    await expect(renew(5.5 * MB)).rejects.toThrow('too little space');
    await expect(renew(5 * MB)).rejects.toThrow('too little space');
    expect((await web.app.get(Space).useFor(project.ownerId)).reserved.bytes).toBe(5 * MB);
    rmSync(join(disk!, 'filler'));
    await renew(5.5 * MB);
    await web.app.get(Space).release(id);
  });

  it('that fills up while a file is written gives a clear sentence and leaves nothing half-written', async () => {
    const token = await browser.token('/projects');
    const { body, contentType } = multipart([
      { name: '_csrf', content: token },
      { name: 'files', fileName: 'small.txt', content: 'whole' },
      { name: 'files', fileName: 'large.bin', content: randomBytes(6 * MB) },
    ]);
    const { request, answer } = open(body.length, contentType);
    const half = Math.floor(body.length / 2);
    request.write(body.subarray(0, half));
    await until(() => existsSync(join(folder(), 'small.txt')) && left().length === 1);
    fillUp();
    request.end(body.subarray(half));
    const { status, text } = await answer;
    expect(status).toBe(200);
    // Told by whichever comes first: the write that fails, or the reservation that is renewed along the way.
    expect(JSON.parse(text)).toMatchObject({
      stored: [{ asked: 'small.txt', name: 'small.txt' }],
      refused: [
        {
          asked: 'large.bin',
          message: expect.stringMatching(
            /^The disk of the server (is full\. (Nothing was stored|Uploads and new runs are refused)|has too little space left for this upload)\./,
          ) as string,
        },
      ],
    });
    expect([readdirSync(folder()), left()]).toEqual([['small.txt'], []]);
    const { used, reserved } = await web.app.get(Space).useFor(project.ownerId);
    expect([used, reserved.bytes]).toEqual([{ bytes: 5, files: 1 }, 0]);
  });

  it('that is full refuses uploads, and takes them again when there is room', async () => {
    fillUp();
    const refused = await upload(browser, project.id, { 'a.txt': randomUUID() }, { headers: asScript });
    expect(refused.status).toBe(413);
    rmSync(join(disk!, 'filler'));
    expect((await upload(browser, project.id, { 'a.txt': randomUUID() }, { headers: asScript })).status).toBe(200);
  });

  function open(length: number, contentType: string): { request: ClientRequest; answer: Promise<{ status: number; text: string }> } {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      host: `localhost:${web.port}`,
      origin: browser.origin,
      cookie,
      'content-type': contentType,
      'content-length': length,
    };
    const request = httpRequest({
      host: '127.0.0.1',
      port: web.port,
      method: 'POST',
      path: `/projects/${project.id}/files`,
      headers: { ...headers, ...asScript },
    });
    const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
    });
    return { request, answer };
  }
});

/** Null where that is not allowed. */
function mountSmallDisk(): string | null {
  const place = mkdtempSync(join(tmpdir(), 'showrunner-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=10m', 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    rmSync(place, { recursive: true });
    return null;
  }
}
