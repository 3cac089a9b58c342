import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { parseEntryPath } from '../../../src/common/files/entry-name';
import { ProjectFiles } from '../../../src/common/files/project-files';
import type { Project } from '../../../src/common/projects/project.entity';
import { endedTask, everythingOf, extract, fetchBytes, folderOf, putFile } from '../../archive-steps';
import { createProject } from '../../project-steps';
import { until } from '../../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const LARGE = Buffer.alloc(3_000_000, 'a longer text that repeats itself. ');

interface Unpacked {
  name: string;
  content: string;
  mode: number;
  mtimeMs: number;
  later: boolean;
}

/** Reads an archive as strictly as there is a reader. */
async function unpack(bytes: Buffer): Promise<Unpacked[]> {
  const options = { strictness: 'strict', checkCrc32: true, checkOverlappingEntry: true, useWebWorkers: false } as const;
  const entries = await new ZipReader(new Uint8ArrayReader(bytes), options).getEntries();
  const all: Unpacked[] = [];
  for (const entry of entries) {
    const content = entry.directory ? '' : Buffer.from(await entry.getData(new Uint8ArrayWriter())).toString();
    const { filename: name, unixMode: mode = 0, lastModDate, bitFlag } = entry;
    all.push({ name, content, mode, mtimeMs: lastModDate.getTime(), later: bitFlag?.dataDescriptor ?? false });
  }
  return all;
}

describe('a download of many files as one archive', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
  });
  afterAll(() => web.close());
  beforeEach(async () => (project = await createProject(web, browser, `Zip ${expect.getState().currentTestName!.slice(-150)}`)));

  const on = (path: string) => join(folderOf(web, project), path);
  const address = (query: Record<string, string> | [string, string][] = {}) =>
    `/projects/${project.id}/zip?${new URLSearchParams(query).toString()}`;
  const handles = () => readdirSync('/proc/self/fd').length;

  function fill(): void {
    mkdirSync(on('sub/empty'), { recursive: true });
    putFile(web, project, 'a.txt', 'aaa');
    putFile(web, project, 'empty.txt', '');
    putFile(web, project, 'sub/\u00fcber.txt', 'umlaut');
    putFile(web, project, 'sub/large.txt', LARGE);
    chmodSync(on('a.txt'), 0o750);
    utimesSync(on('a.txt'), 1_600_000_000, 1_600_000_000);
  }

  /** Lets the checksums of all files be known. */
  async function compute(...paths: string[]): Promise<void> {
    const directory = web.app.get(ProjectFiles, { strict: false }).of(project);
    for (const path of paths) await web.app.get(FileDigests, { strict: false }).compute(project.id, directory, parseEntryPath(path));
  }

  it('holds the whole project in a folder of its name, with the exact length', async () => {
    fill();
    const { status, headers, bytes } = await fetchBytes(browser, address());
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/zip', 'content-length': String(bytes.length), 'accept-ranges': 'none' });
    expect(headers['content-disposition']).toContain('attachment; filename="Zip');
    const all = await unpack(bytes);
    const top = all[0].name;
    expect(all.map(({ name }) => name.slice(top.length))).toEqual([
      '',
      'a.txt',
      'empty.txt',
      'sub/',
      'sub/large.txt',
      'sub/\u00fcber.txt',
      'sub/empty/',
    ]);
    expect(all[1]).toMatchObject({ content: 'aaa', mode: 0o100750, mtimeMs: 1_600_000_000_000, later: false });
    expect(all[4]).toMatchObject({ content: LARGE.toString(), later: true });
    expect(top).toMatch(/^Zip.*\/$/);
  });

  it('can be unpacked here again', async () => {
    fill();
    const { bytes } = await fetchBytes(browser, address({ path: 'sub' }));
    putFile(web, project, 'again.zip', bytes);
    await extract(browser, project, 'again.zip');
    expect(await endedTask(web, project, 'again.zip')).toMatchObject({ state: 'done', resultPath: 'sub (2)' });
    const below = (name: string) =>
      everythingOf(web, project).flatMap((line) =>
        line.startsWith(`${project.id}/${name}/`) ? [line.slice(project.id.length + name.length + 2)] : [],
      );
    expect(below('sub (2)')).toEqual(below('sub'));
  });

  it('holds one folder, or what was selected in one', async () => {
    fill();
    const names = async (query: Record<string, string> | [string, string][]) =>
      (await unpack((await fetchBytes(browser, address(query))).bytes)).map(({ name }) => name);
    expect(await names({ path: 'sub' })).toEqual(['sub/', 'sub/large.txt', 'sub/\u00fcber.txt', 'sub/empty/']);
    expect(
      await names([
        ['name', 'a.txt'],
        ['name', 'sub'],
      ]),
    ).toEqual(['a.txt', 'sub/', 'sub/large.txt', 'sub/\u00fcber.txt', 'sub/empty/']);
    expect(await names({ path: 'sub', name: 'large.txt' })).toEqual(['large.txt']);
    expect((await fetchBytes(browser, address({ name: 'gone.txt' }))).status).toBe(404);
    expect((await fetchBytes(browser, address({ path: 'gone' }))).status).toBe(404);
    for (const name of ['..', '../x', 'a/b', '.', '', 'a\0b', '/etc', '..\\x', 'x'.repeat(300)]) {
      expect([name, (await fetchBytes(browser, address({ name }))).status]).toEqual([name, 422]);
      expect([name, (await fetchBytes(browser, address({ path: name }))).status]).toEqual([
        name,
        name === '' ? 200 : name === 'a/b' ? 404 : 422,
      ]);
    }
  });

  it('is asked for by a form too, of a hundred names and of very many', async () => {
    fill();
    const post = (names: string[], more: [string, string][] = []) =>
      browser.postForm(address(), [...more, ...names.map((name): [string, string] => ['name', name])], { page: `/projects/${project.id}` });
    const answer = await post(['a.txt', 'sub']);
    expect(answer).toMatchObject({ status: 303, location: `/projects/${project.id}/zip?name=a.txt&name=sub` });
    expect((await post([])).status).toBe(422);
    expect((await post([], [['only', 'a.txt']])).location).toContain('zip?name=a.txt');
    const many = Array.from({ length: 300 }, (_, index) => `one of very many files, number ${index}.txt`);
    for (const name of many) putFile(web, project, name, '');
    const direct = await post(many);
    expect(direct.status).toBe(200);
    expect(direct.headers['content-type']).toBe('application/zip');
    const query = many.slice(0, 60).map((name): [string, string] => ['name', name]);
    expect(await unpack((await fetchBytes(browser, address(query))).bytes)).toHaveLength(60);
  });

  it('leaves out what is no file of this place alone, and says so in a note', async () => {
    putFile(web, project, 'a.txt', 'aaa');
    symlinkSync('/etc/passwd', on('link'));
    symlinkSync('/etc', on('folder link'));
    execFileSync('mkfifo', [on('pipe')]);
    writeFileSync(join(web.database.folder, 'elsewhere'), 'secret');
    linkSync(join(web.database.folder, 'elsewhere'), on('second name'));
    putFile(web, project, '_left-out.txt', 'mine');
    const all = await unpack((await fetchBytes(browser, address())).bytes);
    const top = all[0].name;
    expect(all.map(({ name }) => name.slice(top.length))).toEqual(['', '_left-out.txt', 'a.txt', '__left-out.txt']);
    const note = all[3].content;
    for (const name of ['link (link)', 'folder link (link)', 'pipe (special file)', 'second name (stored under another name'])
      expect(note).toContain(name);
    expect(all.map(({ content }) => content).join()).not.toContain('secret');
  });

  it('gives names that are no text, or no name elsewhere, one that does no harm', async () => {
    const raw = (name: Buffer) => Buffer.concat([Buffer.from(`${folderOf(web, project)}/`), name]);
    writeFileSync(raw(Buffer.from([0x66, 0xff, 0xfe])), 'bytes');
    writeFileSync(raw(Buffer.from('..\\..\\evil.txt')), 'slashes');
    writeFileSync(raw(Buffer.from('.._.._evil.txt')), 'taken');
    writeFileSync(raw(Buffer.from('a\nb')), 'line');
    const { bytes } = await fetchBytes(browser, address());
    const entries = await new ZipReader(new Uint8ArrayReader(bytes), { strictness: 'strict', useWebWorkers: false }).getEntries();
    const names = entries.slice(1).map(({ rawFilename }) => Buffer.from(rawFilename).toString('latin1').split('/')[1]);
    expect(names).toEqual(['.._.._evil.txt_', '.._.._evil.txt', 'a_b', 'f\u00ff\u00fe']);
    expect(entries.at(-1)?.filenameUTF8).toBe(false);
  });

  describe('whose checksums are all known', () => {
    it('goes on from any byte', async () => {
      fill();
      symlinkSync('/etc', on('sub/link'));
      await compute('a.txt', 'sub/\u00fcber.txt', 'sub/large.txt');
      const whole = await fetchBytes(browser, address());
      expect(whole.headers).toMatchObject({ 'accept-ranges': 'bytes', etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) as string });
      expect((await unpack(whole.bytes)).some(({ later }) => later)).toBe(false);
      const { length } = whole.bytes;
      const etag = whole.headers.etag!;
      for (const from of [0, 1, 60, 500, 1_000_000, length - 3_000, length - 400, length - 22]) {
        for (const to of [Math.min(length - 1, from + 90), length - 1]) {
          const part = await fetchBytes(browser, address(), { range: `bytes=${from}-${to}`, 'if-range': etag });
          expect([from, to, part.status, part.headers['content-range']]).toEqual([from, to, 206, `bytes ${from}-${to}/${length}`]);
          expect([from, to, part.bytes.equals(whole.bytes.subarray(from, to + 1))]).toEqual([from, to, true]);
        }
      }
      const end = await fetchBytes(browser, address(), { range: 'bytes=-100' });
      expect(end.bytes.equals(whole.bytes.subarray(-100))).toBe(true);
      expect((await fetchBytes(browser, address(), { range: `bytes=${length}-` })).status).toBe(416);
      expect((await fetchBytes(browser, address(), { 'if-none-match': etag })).status).toBe(304);
      expect((await fetchBytes(browser, address(), { range: 'bytes=5-9', 'if-range': '"another"' })).status).toBe(200);
      const head = await browser.send(address(), { method: 'HEAD' });
      expect(head.headers).toMatchObject({ 'content-length': String(length), etag });
    });

    it('begins anew when anything has changed', async () => {
      fill();
      await compute('a.txt', 'sub/\u00fcber.txt', 'sub/large.txt');
      const before = await fetchBytes(browser, address());
      utimesSync(on('a.txt'), 1_600_000_001, 1_600_000_001);
      await compute('a.txt');
      const after = await fetchBytes(browser, address(), { range: 'bytes=5-9', 'if-range': before.headers.etag! });
      expect(after.status).toBe(200);
      expect(after.headers.etag).not.toBe(before.headers.etag);
    });

    it('breaks off rather than send a content that has changed meanwhile', async () => {
      fill();
      putFile(web, project, 'z.txt', Buffer.alloc(40_000_000, 'z'));
      await compute('a.txt', 'sub/\u00fcber.txt', 'sub/large.txt', 'z.txt');
      const { broken } = await fetchBytes(browser, address(), {}, async () => {
        writeFileSync(on('z.txt'), Buffer.alloc(40_000_000, 'y'));
      });
      expect(broken).toBe(true);
    });
  });

  it('keeps its length when a file grows meanwhile, and breaks off when one shrinks or goes', async () => {
    putFile(web, project, 'a.txt', Buffer.alloc(40_000_000, 'a'));
    putFile(web, project, 'log.txt', Buffer.alloc(2_000_000, 'l'));
    const grown = await fetchBytes(browser, address(), {}, () => appendFileSync(on('log.txt'), 'more and more'));
    expect(grown.broken).toBe(false);
    expect((await unpack(grown.bytes)).at(-1)!.content).toHaveLength(2_000_000);
    const shrunk = await fetchBytes(browser, address(), {}, () => truncateSync(on('log.txt'), 1000));
    expect(shrunk.broken).toBe(true);
    const gone = await fetchBytes(browser, address(), {}, () => rmSync(on('log.txt')));
    expect(gone.broken).toBe(true);
  });

  it('closes what it had open when the reader goes, and lets a person have two at a time', async () => {
    putFile(web, project, 'a.txt', Buffer.alloc(60_000_000, 'a'));
    const before = handles();
    const hold = (): Promise<{ leave: () => void; status: number }> =>
      new Promise((resolve) => {
        void fetchBytes(browser, address(), {}, async (answer) => {
          answer.pause();
          resolve({ leave: () => answer.destroy(), status: answer.statusCode ?? 0 });
          await new Promise(() => undefined);
        });
      });
    const [one, two] = [await hold(), await hold()];
    expect([one.status, two.status]).toEqual([200, 200]);
    expect((await fetchBytes(browser, address())).status).toBe(429);
    one.leave();
    await until(async () => (await browser.send(address(), { method: 'HEAD' })).status === 200);
    two.leave();
    await until(() => handles() <= before + 2);
    expect(readdirSync(join(web.database.config.filesRoot, project.ownerId, '.staging'))).toEqual([]);
  });

  it('is for those who may read the project', async () => {
    fill();
    const other = web.browser();
    await other.signUp();
    expect((await other.get(address())).status).toBe(404);
    expect((await web.browser().get(address())).location).toMatch(/^\/login/);
  });
});
