import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsersRepository } from '../../../src/common/users/users.repository';
import type { Project } from '../../../src/common/projects/project.entity';
import { createProject, upload } from '../../project-steps';
import { startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

/** Every address of a project, asked for by everybody who is not its owner. */
describe('projects of others', () => {
  let web: TestWebApp;
  let owner: TestBrowser;
  let project: Project;
  let folder: string;

  beforeAll(async () => {
    web = await startTestWebApp();
    owner = web.browser();
    await owner.signUp();
    project = await createProject(web, owner, 'Private slides');
    await upload(owner, project.id, { 'private.txt': 'very private' });
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
  });
  afterAll(() => web.close());

  const reads = [
    '',
    '?path=',
    '/show',
    '/files/private.txt',
    '/files/private.txt?view=1',
    '/trash',
    '/view/private.txt',
    '/documents/private.txt',
    '/thumbnails/private.txt',
  ];
  const ownersPages = ['/settings'];
  const changes: [string, Record<string, string>][] = [
    ['/rename', { name: 'Mine now' }],
    ['/delete', { typed: 'Private slides' }],
    ['/files/delete', { path: '', only: 'private.txt' }],
    ['/files/restore', { path: '', undo: randomUUID() }],
    ['/files/folder', { path: '', newName: 'planted' }],
    ['/files/rename', { path: '', only: 'private.txt', newName: 'mine.txt' }],
    ['/files/move', { path: '', only: 'private.txt' }],
    ['/files/copy', { path: '', only: 'private.txt', to: '' }],
    ['/trash/restore', { id: randomUUID() }],
    ['/trash/empty', {}],
  ];

  const unharmed = () => {
    expect(readdirSync(folder)).toEqual(['private.txt']);
    expect(readFileSync(join(folder, 'private.txt'), 'utf8')).toBe('very private');
  };
  const tellsNothing = (answer: TestAnswer) => {
    expect(answer.body).not.toContain('very private');
    expect(answer.body).not.toContain('Private slides');
  };

  it.each([['another account'], ['a guest']])('are not there for %s', async (who) => {
    const browser = web.browser();
    await (who === 'a guest' ? browser.enterAsGuest() : browser.signUp());
    for (const path of [...reads, ...ownersPages]) {
      const answer = await browser.get(`/projects/${project.id}${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      tellsNothing(answer);
    }
    for (const [path, fields] of changes) {
      const answer = await browser.postForm(`/projects/${project.id}${path}`, fields, { page: '/projects' });
      expect([path, answer.status]).toEqual([path, 404]);
      tellsNothing(answer);
    }
    expect((await upload(browser, project.id, { 'planted.txt': 'x' })).status).toBe(404);
    unharmed();
  });

  it('lead people without a session to the log-in', async () => {
    const browser = web.browser();
    for (const path of [...reads, ...ownersPages]) {
      const answer = await browser.get(`/projects/${project.id}${path}`);
      expect(answer.location).toMatch(/^\/login\?next=/);
      tellsNothing(answer);
    }
    for (const [path, fields] of changes) {
      expect((await browser.postForm(`/projects/${project.id}${path}`, fields)).status).toBe(401);
    }
    expect((await upload(browser, project.id, { 'planted.txt': 'x' }, { token: await browser.token() })).status).toBe(401);
    unharmed();
  });

  it('can be read by administrators and changed by nobody else', async () => {
    const browser = web.browser();
    const { email } = await browser.signUp();
    const users = web.app.get(UsersRepository, { strict: false });
    await users.setAdmin((await users.findByEmail(email))!.id, true);
    const page = await browser.get(`/projects/${project.id}`);
    expect(page.status).toBe(200);
    expect(page.body).not.toContain('data-upload');
    expect(page.body).not.toContain('files/delete');
    expect((await browser.get(`/projects/${project.id}/files/private.txt`)).body).toBe('very private');
    for (const [path, fields] of changes) {
      expect((await browser.postForm(`/projects/${project.id}${path}`, fields, { page: '/projects' })).status).toBe(404);
    }
    expect((await upload(browser, project.id, { 'planted.txt': 'x' })).status).toBe(404);
    unharmed();
  });

  it('cannot be reached through a project of one’s own', async () => {
    const browser = web.browser();
    await browser.signUp();
    const own = await createProject(web, browser, 'Own');
    const ownFolder = join(web.database.config.filesRoot, own.ownerId, own.id);
    mkdirSync(join(ownFolder, 'sub'));
    const deleted = await owner.postForm(`/projects/${project.id}/files/delete`, { path: '', only: 'private.txt' }, { page: '/projects' });
    const undo = new URL(deleted.location!, 'http://x').searchParams.get('undo')!;
    const stolen = await browser.postForm(`/projects/${own.id}/files/restore`, { path: '', undo }, { page: '/projects' });
    expect(stolen.status).toBe(404);
    for (const path of ['restore', 'empty']) {
      expect((await browser.postForm(`/projects/${own.id}/trash/${path}`, { id: undo }, { page: '/projects' })).status).toBe(404);
    }
    const restored = await owner.postForm(`/projects/${project.id}/files/restore`, { path: '', undo }, { page: '/projects' });
    expect(restored.status).toBe(303);
    unharmed();
    for (const way of [
      '..',
      `../${project.id}`,
      `..%2f${project.id}%2fprivate.txt`,
      `../../${project.ownerId}/${project.id}/private.txt`,
    ]) {
      for (const address of [`/projects/${own.id}?path=${way}`, `/projects/${own.id}/files/${way}`]) {
        const answer = await browser.get(address);
        expect([address, answer.status >= 400 && answer.status < 500]).toEqual([address, true]);
        tellsNothing(answer);
      }
    }
  });

  it('and projects that never were get the same answer', async () => {
    const browser = web.browser();
    await browser.signUp();
    for (const id of [
      randomUUID(),
      project.id.toUpperCase(),
      `${project.id}x`,
      '1',
      '..',
      '%00',
      "' OR 1=1 --",
      'x'.repeat(5000),
      '__proto__',
    ]) {
      const answer = await browser.get(`/projects/${encodeURIComponent(id)}`);
      expect([id.slice(0, 50), answer.status]).toEqual([id.slice(0, 50), 404]);
    }
  });
});

describe('bad names', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let folder: string;
  let token: string;

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp();
    token = await browser.token('/projects');
    project = await createProject(web, browser, 'Bad names');
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    writeFileSync(join(folder, 'stays.txt'), 'stays');
  });
  afterAll(() => web.close());

  const NAMES = [
    ['..', '../x', '../../..', 'a/../../x', '..\\', '..\\..\\x', '/etc/passwd', '//etc', 'a/./b', 'a//b', 'a/', '.', ' ', ''],
    ['C:x', '\\\\?\\x', 'file:///etc/passwd', 'a\0.png', '\0', 'x'.repeat(256), 'x/'.repeat(2049), 'y'.repeat(9000)],
    ['CON.txt', '-rf', '$(id)', ';id', '{{constructor}}', '<img src=x onerror=alert(1)>', 'x\u202ey', 'a\nb', 'a\rb', '\u001b[31m'],
    ['~b64~', '~b64~Li4', '~b64~Li4vLi4', '~b64~AA', '__proto__', 'constructor', 'Mu\u0308ller', '%2e%2e', '%2e%2e/%2e%2e'],
  ].flat();
  /** Odd, but names that any computer can store. */
  const GOOD_NAMES = ['-rf', '$(id)', ';id', '{{constructor}}', '__proto__', 'constructor', 'M\u00fcller', '%2e%2e'];
  const RAW = [
    '..%2f',
    '%2e%2e/',
    '%252e%252e%252f',
    '..%c0%af',
    '%c0%ae%c0%ae/',
    'a%00.png',
    '%ff',
    '%',
    '%zz',
    '..;/x',
    '.%2e/.%2e/etc/passwd',
  ];

  const isRefused = (what: string, { status, body }: TestAnswer) => {
    expect([what, status >= 400 && status < 500]).toEqual([what, true]);
    expect(body).not.toContain('root:');
    expect(body).not.toMatch(/ENOENT|node_modules| at \w+ \(/);
  };

  it.each(NAMES.map((name) => [name]))('are refused in addresses and forms: %j', async (name) => {
    const encoded = encodeURIComponent(name);
    isRefused('download', await browser.get(`/projects/${project.id}/files/${encoded}`));
    isRefused(
      'download of a path',
      await browser.get(`/projects/${project.id}/files/${name.split('/').map(encodeURIComponent).join('/')}`),
    );
    if (name !== '') isRefused('browse', await browser.get(`/projects/${project.id}?path=${encoded}`));
    const form = (path: string, fields: Record<string, string>) =>
      browser.postBody(`/projects/${project.id}${path}`, new URLSearchParams({ _csrf: token, ...fields }).toString());
    if (name !== '') isRefused('delete', await form('/files/delete', { path: '', only: name }));
    if (name !== '') isRefused('delete in', await form('/files/delete', { path: name, only: 'stays.txt' }));
    isRefused('delete named', await form('/files/delete', { path: '', name }));
    isRefused('restore', await form('/files/restore', { path: '', undo: name }));
    for (const page of ['view', 'thumbnails', 'documents']) {
      isRefused(page, await browser.get(`/projects/${project.id}/${page}/${name.split('/').map(encodeURIComponent).join('/')}`));
    }
    isRefused('empty', await form('/trash/empty', { id: name }));
    isRefused('back', await form('/trash/restore', { id: name }));
    if (name !== '') {
      isRefused('new folder in', await form('/files/folder', { path: name, newName: 'x' }));
      isRefused('rename in', await form('/files/rename', { path: name, only: 'stays.txt', newName: 'x' }));
      isRefused('rename', await form('/files/rename', { only: name, newName: 'x' }));
      for (const verb of ['move', 'copy']) {
        isRefused(`${verb} into`, await form(`/files/${verb}`, { name: 'stays.txt', to: name }));
        isRefused(`${verb} what`, await form(`/files/${verb}`, { name, to: 'x' }));
        isRefused(`${verb} from`, await form(`/files/${verb}`, { path: name, name: 'stays.txt', to: '' }));
        isRefused(`choose for ${verb}`, await form(`/files/${verb}`, { name: 'stays.txt', in: name }));
      }
    }
    if (name !== '') isRefused('upload into', await upload(browser, project.id, { 'x.txt': 'x' }, { path: name, token }));
    expect(readdirSync(folder)).toEqual(['stays.txt']);
    // As a new name it is refused too, unless it is one that every computer can store.
    const made = await form('/files/folder', { newName: name });
    const renamed = await form('/files/rename', { only: readdirSync(folder).includes('stays.txt') ? 'stays.txt' : '', newName: name });
    expect([made.status < 500, renamed.status < 500]).toEqual([true, true]);
    const left = readdirSync(folder).filter((one) => one !== 'stays.txt');
    for (const one of left) {
      expect([one, GOOD_NAMES.includes(one)]).toEqual([one, true]);
      rmSync(join(folder, one), { recursive: true });
    }
    writeFileSync(join(folder, 'stays.txt'), 'stays');
  });

  it.each(RAW.map((name) => [name]))('are refused however they are encoded: %s', async (name) => {
    for (const page of ['files', 'view', 'thumbnails', 'documents']) {
      isRefused(page, await browser.get(`/projects/${project.id}/${page}/${name}`));
    }
    isRefused('browse', await browser.get(`/projects/${project.id}?path=${name}`));
  });

  it('are refused as lists and objects too', async () => {
    for (const query of ['path=a&path=b', 'path[]=a', 'path[__proto__]=x', 'path[a]=b']) {
      isRefused(query, await browser.get(`/projects/${project.id}?${query}`));
    }
    const fields = (body: string) => browser.postBody(`/projects/${project.id}/files/delete`, `_csrf=${token}&${body}`);
    for (const verb of ['rename', 'move', 'copy', 'folder']) {
      const odd = [
        'name[a]=stays.txt&to=',
        'path[]=a&name=stays.txt&newName=x',
        'path=&path=&name=stays.txt&newName=x',
        'name=stays.txt&to[]=a',
      ];
      for (const body of odd) {
        const answer = await browser.postBody(`/projects/${project.id}/files/${verb}`, `_csrf=${token}&${body}`);
        expect([verb, body, answer.status < 500]).toEqual([verb, body, true]);
      }
    }
    rmSync(join(folder, 'x'), { recursive: true, force: true });
    for (const body of ['name[a]=stays.txt', 'name[__proto__]=stays.txt', 'name[0][x]=stays.txt']) isRefused(body, await fields(body));
    expect(readdirSync(folder)).toEqual(['stays.txt']);
  });
});
