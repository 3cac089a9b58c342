import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProject, upload } from '../../project-steps';
import type { Project } from '../../../src/common/projects/project.entity';
import { folderOf } from '../../archive-steps';
import { TusClient } from '../../tus';
import { startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

const SECRET = 'words-of-somebody-else';

/** As they stand in an address, decoded once by the server. */
const BAD_ADDRESSES = [
  '..',
  '../x',
  '..%2f',
  '..%2f..%2fx',
  '%2e%2e/',
  '%2e%2e%2fx',
  '%252e%252e%252f',
  '..%c0%af',
  '..%5c',
  '%2fetc%2fpasswd',
  '//etc',
  'a/./b',
  'a//b',
  '%5c%5c%3f%5c',
  'file:%2f%2f%2fetc%2fpasswd',
  'a%00.png',
  '%00',
  '.',
  '%20',
  'x'.repeat(256),
  `${'d/'.repeat(2049)}x`,
  '%E2%80%AEgnp.x',
  '%0a',
  '%1b[31m',
  '%ed%a0%80',
  '%',
  '%ff',
  '~b64~Li4',
  '~b64~',
  '~b64~L2V0Yy9wYXNzd2Q',
];

/** As fields of forms. */
const BAD_PATHS = [
  '..',
  '../x',
  '..%2f',
  '%2e%2e/',
  '..\\',
  '/etc/passwd',
  '//etc',
  'a/./b',
  'a//b',
  '\\\\?\\',
  'file:///etc',
  'a\0.png',
  '.',
  ' ',
  'x'.repeat(256),
  'd/'.repeat(2049),
  '\u202egnp.x',
  '\n',
  '\u001b[31m',
  '\ud800',
  '~b64~Li4',
  '~b64~',
  '~b64~L2V0Yy9wYXNzd2Q',
  '{{constructor}}/..',
  '/',
];

/** What no new file or folder may be called. */
const BAD_NEW_NAMES = [
  '..',
  '../x',
  '..\\',
  '/etc/passwd',
  'C:x',
  '\\\\?\\',
  'file:///',
  'a\0.png',
  '',
  '.',
  ' ',
  ' x',
  'x ',
  'x.',
  'x'.repeat(256),
  'CON.txt',
  'nul',
  '<img src=x onerror=alert(1)>',
  '\u202egnp.x',
  'a\nb',
  '\u001b[31m',
  '\ud800',
  '~b64~YQ',
  '\u200b',
  'a*b',
  'a?b',
];

/** Strange, and nobody's harm: taken literally. */
const HARMLESS_NAMES = ['-rf', '$(id)', ';id', '{{constructor}}', '__proto__', '%2e%2e%2f', '..x', "' OR 1=1 --"];

type Fields = [string, string][];
type Ask = (value: string) => Promise<TestAnswer>;

describe('bad names', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let pipelines: string;
  let token: string;

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'pipelines-'));
    writeFileSync(join(pipelines, 'read.sh'), '#!/bin/sh\n##~~ input - the file\n');
    chmodSync(join(pipelines, 'read.sh'), 0o755);
    web = await startTestWebApp({ PIPELINES_DIR: pipelines });
    browser = web.browser();
    await browser.signUp();
    project = await createProject(web, browser, 'Names');
    token = await browser.token('/projects');
    mkdirSync(join(folderOf(web, project), 'sub'));
    writeFileSync(join(folderOf(web, project), 'a.txt'), 'a');
    writeFileSync(join(folderOf(web, project), '..', 'x'), SECRET);
    writeFileSync(join(web.database.config.filesRoot, 'x'), SECRET);
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const address = () => `/projects/${project.id}`;
  const get = (path: string) => browser.get(`${address()}${path}`);
  const post = (path: string, fields: Fields) =>
    browser.postBody(`${address()}/${path}`, new URLSearchParams([['_csrf', token], ...fields]).toString());
  const tree = () =>
    readdirSync(join(folderOf(web, project), '..'), { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('.staging'))
      .sort();

  /** A page, or a sentence for a script, that says what is wrong. */
  function requireRefusal(what: unknown[], { status, body }: TestAnswer): void {
    expect([...what, status >= 400 && status < 500, body.includes(SECRET)]).toEqual([...what, true, false]);
    expect([...what, /\bat .*\.(ts|js):\d+/.test(body)]).toEqual([...what, false]);
  }

  const ADDRESSED: Record<string, Ask> = {
    'GET files/*path': (value) => get(`/files/${value}`),
    'GET view/*path': (value) => get(`/view/${value}`),
    'GET documents/*path': (value) => get(`/documents/${value}`),
    'GET thumbnails/*path': (value) => get(`/thumbnails/${value}`),
    'GET checksum/*path': (value) => get(`/checksum/${value}`),
    'GET ?path': (value) => get(`?path=${value}`),
    'GET checksums.txt?path': (value) => get(`/checksums.txt?path=${value}`),
    'GET zip?path': (value) => get(`/zip?path=${value}`),
    'GET zip?name': (value) => get(`/zip?name=${value}`),
  };

  it.each(Object.keys(ADDRESSED))('%s are refused', async (route) => {
    for (const value of BAD_ADDRESSES) requireRefusal([route, value.slice(0, 40)], await ADDRESSED[route](value));
  });

  const inFolder = (path: string, name: string, ...more: Fields): Fields => [['path', path], ['name', name], ...more];
  const FIELDS: Record<string, Ask> = {
    'rename, from': (value) => post('files/rename', inFolder('', value, ['newName', 'y'])),
    'rename, in': (value) => post('files/rename', inFolder(value, 'a.txt', ['newName', 'y'])),
    'move, what': (value) => post('files/move', inFolder('', value, ['to', 'sub'])),
    'move, to': (value) => post('files/move', inFolder('', 'a.txt', ['to', value])),
    'move, choosing in': (value) => post('files/move', inFolder('', 'a.txt', ['in', value])),
    'copy, what': (value) => post('files/copy', inFolder('', value, ['to', 'sub'])),
    'copy, to': (value) => post('files/copy', inFolder('', 'a.txt', ['to', value])),
    'delete, what': (value) => post('files/delete', inFolder('', value)),
    'delete, in': (value) => post('files/delete', inFolder(value, 'a.txt')),
    restore: (value) => post('files/restore', [['undo', value]]),
    'trash, restore': (value) => post('trash/restore', [['deletion', value]]),
    'new folder, in': (value) =>
      post('files/folder', [
        ['path', value],
        ['newName', 'y'],
      ]),
    'extract, what': (value) => post('files/extract', inFolder('', value)),
    'extract, in': (value) => post('files/extract', inFolder(value, 'a.zip')),
    'zip, what': (value) => post('zip', inFolder('', value)).then((answer) => (answer.location ? browser.get(answer.location) : answer)),
    checksum: (value) => post('files/checksum', [['path', value]]),
    'folders, in': (value) =>
      post('uploads/folders', [
        ['folder', value],
        ['path', 'y'],
      ]),
    'form upload, in': (value) => upload(browser, project.id, { y: 'y' }, { path: value.toWellFormed(), token }),
    'tus, in': (value) => new TusClient(browser, project.id).create('y', 1, { metadata: { folder: value }, content: 'y' }),
    'run form': (value) => post('run/read', [['p.input', `project:${value}`]]),
    'run form, whole': (value) => post('run/read', [['p.input', value]]),
  };

  it.each(Object.keys(FIELDS))('%s: what is no path is refused, and changes nothing', async (route) => {
    const before = tree();
    for (const value of BAD_PATHS) {
      requireRefusal([route, value.slice(0, 40)], await FIELDS[route](value));
    }
    expect(tree()).toEqual(before);
  });

  const NEW: Record<string, Ask> = {
    'new folder': (value) => post('files/folder', [['newName', value]]),
    'rename, to': (value) => post('files/rename', inFolder('', 'a.txt', ['newName', value])),
    folders: (value) =>
      post('uploads/folders', [
        ['folder', ''],
        ['path', value],
      ]),
    tus: (value) => new TusClient(browser, project.id).create(value, 1, { content: 'y' }),
  };

  it.each(Object.keys(NEW))('%s: what no file may be called is refused, and makes nothing', async (route) => {
    const before = tree();
    for (const value of BAD_NEW_NAMES) requireRefusal([route, value.slice(0, 40)], await NEW[route](value));
    expect(tree()).toEqual(before);
  });

  it.each(Object.keys(NEW))('%s: strange names are taken as they are', async (route) => {
    for (const value of HARMLESS_NAMES) {
      const { status } = await NEW[route](value);
      expect([route, value, status < 400]).toEqual([route, value, true]);
      expect(tree()).toContain(`${project.id}/${value}`);
      if (route === 'rename, to')
        await post('files/rename', [
          ['name', value],
          ['newName', 'a.txt'],
        ]);
      else rmSync(join(folderOf(web, project), value), { recursive: true });
    }
  });

  it.each([
    '?path=a&path=b',
    '?path[]=a',
    '?path[__proto__]=x',
    '?path[toString]=x',
    '?filter[]=a',
    '?sort[a]=b&order[]=c&page[]=d',
    '?page=-1',
    '?page=1e99',
    '?at[]=x',
    '?undo[]=x',
    '/zip?path[]=a',
    '/zip?name[__proto__]=x',
    '/checksums.txt?path=a&path=b',
    '/view/a.txt?sort[]=x&expected[]=y',
    '/thumbnails/a.txt?size[]=x',
    '/files/a.txt?view[]=1',
    '/checksum/a.txt?expected[__proto__]=x',
    '/run/read?from[]=x',
    '/run/..%2fread',
    '/run/%00',
    '/trash?page[]=x',
  ])('%s is no fault of the server', async (query) => {
    const { status, body } = await get(query);
    expect([query, status < 500, body.includes(SECRET)]).toEqual([query, true, false]);
  });

  it('fields that come twice or as objects are no fault of the server', async () => {
    for (const path of [
      'files/rename',
      'files/move',
      'files/copy',
      'files/delete',
      'files/folder',
      'files/extract',
      'files/restore',
      'files/layout',
      'files/checksum',
      'zip',
      'uploads/folders',
      'trash/restore',
      'trash/empty',
      'run/read',
      'run/read/preview',
    ]) {
      for (const field of ['path', 'name', 'only', 'newName', 'to', 'in', 'undo', 'folder', 'p.input', 'submission', 'onConflict']) {
        for (const suffix of ['', '[]', '[__proto__]', '[a][b]']) {
          const { status } = await post(path, [
            [`${field}${suffix}`, 'a.txt'],
            [`${field}${suffix}`, 'b.txt'],
          ]);
          expect([path, field, suffix, status < 500]).toEqual([path, field, suffix, true]);
        }
      }
    }
  });
});
