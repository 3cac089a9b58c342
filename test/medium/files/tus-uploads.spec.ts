import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { identityKey } from '../../../src/common/files/file-identity';
import type { Project } from '../../../src/common/projects/project.entity';
import { Space } from '../../../src/common/space/space';
import { createProject } from '../../project-steps';
import { encodeMetadata, refusal, TusClient } from '../../tus';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

describe('resumable uploads', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let project: Project;
  let client: TusClient;
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
    project = await createProject(web, browser, `Resumable ${(count += 1)}`);
    client = new TusClient(browser, project.id);
    folder = join(web.database.config.filesRoot, project.ownerId, project.id);
    staging = join(web.database.config.filesRoot, project.ownerId, '.staging');
  });

  const left = () =>
    existsSync(staging) ? readdirSync(staging).filter((name) => name.startsWith(project.id) && name.endsWith('.part')) : [];
  const space = () => web.app.get(Space, { strict: false });
  const used = async () => {
    await space().measure(project.ownerId);
    return space().useOf({ id: project.ownerId, kind: 'account', isAdmin: false });
  };

  it('arrive in pieces, byte for byte, with their checksums', async () => {
    const content = randomBytes(2_500_000);
    const address = await client.begin('a.tif', content.length);
    expect(address).toMatch(new RegExp(`^/projects/${project.id}/uploads/[0-9a-f-]{36}$`));
    expect((await client.look(address)).headers).toMatchObject({
      'upload-offset': '0',
      'upload-length': '2500000',
      'cache-control': 'no-store',
    });
    const first = await client.append(address, 0, content.subarray(0, 1_000_000));
    expect(first.status).toBe(204);
    expect(first.headers['upload-offset']).toBe('1000000');
    expect(Date.parse(String(first.headers['upload-expires']))).toBeGreaterThan(Date.now() + 86_400_000);
    expect((await client.look(address)).headers['upload-offset']).toBe('1000000');
    expect(readdirSync(folder)).toEqual([]);
    const last = await client.append(address, 1_000_000, content.subarray(1_000_000));
    expect(last.status).toBe(204);
    expect(last.headers).toMatchObject({ 'upload-offset': '2500000', 'upload-outcome': 'stored', 'upload-stored-as': 'a.tif' });
    expect(readFileSync(join(folder, 'a.tif')).equals(content)).toBe(true);
    expect(statSync(join(folder, 'a.tif')).mode & 0o777).toBe(0o640);
    expect(left()).toEqual([]);
    const identity = (await web.app
      .get(ProjectFiles, { strict: false })
      .of(project)
      .identify([Buffer.from('a.tif')]))!;
    const known = await web.app.get(FileDigests, { strict: false }).find(project.id, [identity]);
    expect(known.get(identityKey(identity))?.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  });

  it('may come with their creation, and may be empty', async () => {
    const small = await client.create('small.txt', 5, { content: 'hello' });
    expect(small.status).toBe(201);
    expect(small.headers).toMatchObject({ 'upload-offset': '5', 'upload-outcome': 'stored' });
    expect(readFileSync(join(folder, 'small.txt'), 'utf8')).toBe('hello');
    const empty = await client.create('empty.txt', 0);
    expect(empty.headers['upload-outcome']).toBe('stored');
    expect(statSync(join(folder, 'empty.txt')).size).toBe(0);
    const part = await client.create('part.txt', 10, { content: 'hello' });
    expect(part.headers['upload-offset']).toBe('5');
    expect((await client.append(part.location!, 5, 'world')).headers['upload-outcome']).toBe('stored');
    expect(readFileSync(join(folder, 'part.txt'), 'utf8')).toBe('helloworld');
  });

  it('tell a client that did not hear the answer what became of them', async () => {
    const address = await client.begin('a.txt', 5);
    await client.append(address, 0, 'hello');
    const again = await client.look(address);
    expect(again.status).toBe(200);
    expect(again.headers).toMatchObject({
      'upload-offset': '5',
      'upload-length': '5',
      'upload-outcome': 'stored',
      'upload-stored-as': 'a.txt',
    });
    const metadata = { key: 'a-key-of-one-file' };
    const first = await client.create('b.txt', 5, { content: 'hello', metadata });
    const second = await client.create('b.txt', 5, { content: 'hello', metadata });
    expect(second.status).toBe(201);
    expect(second.location).toBe(first.location);
    expect(second.headers).toMatchObject({ 'upload-offset': '5', 'upload-outcome': 'stored' });
    expect(readdirSync(folder).sort()).toEqual(['a.txt', 'b.txt']);
  });

  it('begin anew when a client that was cut off asks again with its key', async () => {
    const metadata = { key: 'key-of-another-file' };
    const first = await client.create('b.txt', 10, { content: 'hel', metadata });
    const second = await client.create('b.txt', 10, { metadata });
    expect(second.location).not.toBe(first.location);
    expect((await client.look(first.location!)).status).toBe(404);
    expect(left()).toHaveLength(1);
    await client.end(second.location!);
    expect(left()).toEqual([]);
  });

  it('go where their metadata says: into the open folder, below the folders of a dropped one', async () => {
    mkdirSync(join(folder, 'day 1'));
    const metadata = { folder: 'day 1', relativePath: 'scans/Mu\u0308ller.tif' };
    const answer = await client.create('Müller.tif', 1, { content: 'x', metadata });
    expect(decodeURIComponent(String(answer.headers['upload-stored-as']))).toBe('day 1/scans/M\u00fcller.tif');
    expect(existsSync(join(folder, 'day 1', 'scans', 'M\u00fcller.tif'))).toBe(true);
    expect((await client.create('x', 1, { metadata: { folder: 'nowhere' } })).status).toBe(404);
    writeFileSync(join(folder, 'file'), 'x');
    const inFile = await client.create('x', 1, { metadata: { relativePath: 'file/x' } });
    expect([inFile.status, refusal(inFile)]).toEqual([409, 'uploads.notAFolder']);
  });

  it.each([
    '../../../etc/cron.d/x',
    '..',
    '.',
    'a/../../x',
    '..\\x',
    '/etc/passwd',
    '//etc',
    'a/./b',
    'a//b',
    'C:x',
    '\\\\?\\x',
    'file:///x',
    'a\u0000.png',
    '',
    ' ',
    'ä'.repeat(128),
    `${'d/'.repeat(2100)}x`,
    'CON.txt',
    'x.',
    'a\u202eb',
    'a\nb',
    'a\u001bb',
    '\ufffd',
    '~b64~QQ',
    `${'deep/'.repeat(64)}a.txt`,
  ])('refuse the name %j before anything is stored', async (name) => {
    const places: Record<string, string>[] = [{ filename: name }, { filename: 'good.txt', relativePath: name || ' ' }];
    for (const metadata of places) {
      const answer = await client.create('', 1, { metadata });
      expect(answer.status).toBe(422);
    }
    expect(readdirSync(folder)).toEqual([]);
    expect(left()).toEqual([]);
  });

  it.each(['-rf', '$(id)', ';id', '{{constructor}}', '.env', 'a b.txt'])('store a file named %j under that very name', async (name) => {
    expect((await client.create(name, 1, { content: 'x' })).status).toBe(201);
    expect(readdirSync(folder)).toEqual([name]);
  });

  it.each([
    [{ folder: '../x' }, 422],
    [{ folder: '..%2f' }, 404],
    [{ folder: '/etc' }, 422],
    [{ folder: 'a\u0000' }, 422],
    [{ onConflict: 'overwrite' }, 422],
    [{ sha256: 'abc' }, 422],
    [{ modified: 'yesterday' }, 422],
    [{ key: '../../x/y/z' }, 422],
    [{ relativePath: 'runs/12/faked.png' }, 422],
    [{ folder: 'runs' }, 422],
  ])('refuse the metadata %j', async (metadata: Record<string, string>, status) => {
    expect((await client.create('good.txt', 1, { metadata })).status).toBe(status);
    expect(left()).toEqual([]);
  });

  it.each(['filename !!!', 'filename Zm9v,filename Zm9v', 'filename', '', ' ', 'filename Zm9v bar', 'filename Zm9'])(
    'refuse the malformed metadata %j',
    async (raw) => {
      const answer = await client.create('x', 1, { headers: { 'upload-metadata': raw } });
      expect([400, 422]).toContain(answer.status);
      expect(left()).toEqual([]);
    },
  );

  it.each([
    ['-5', 400],
    ['5abc', 400],
    ['1e3', 400],
    ['', 400],
    ['99999999999999999', 400],
    ['9007199254740991', 413],
    ['3000001', 413],
  ])('refuse the length %j', async (length, status) => {
    const answer = await client.create('x.bin', length);
    expect(answer.status).toBe(status);
    expect(left()).toEqual([]);
    expect((await client.create('x.bin', 3_000_000)).status).toBe(201);
  });

  it('refuse a length that is to follow later, and joined uploads', async () => {
    const later = { 'upload-length': '', 'upload-defer-length': '1' };
    expect((await client.create('x', '', { headers: later })).status).toBe(501);
    expect((await client.create('x', 1, { headers: { 'upload-concat': 'partial' } })).status).toBe(501);
    expect(left()).toEqual([]);
  });

  it('refuse a wrong offset, a longer body and a wrong type, and keep what they have', async () => {
    const address = await client.begin('a.txt', 10);
    await client.append(address, 0, 'hello');
    for (const [offset, content, status] of [
      [0, 'hello', 409],
      [6, 'rld', 409],
      [10, '', 409],
      ['-1', 'x', 400],
      ['5x', 'world', 400],
      [5, 'world and more', 413],
    ] as const) {
      expect([offset, content, (await client.append(address, offset, content)).status]).toEqual([offset, content, status]);
    }
    expect((await client.append(address, 5, 'world', { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await client.append(address, 5, 'world', { 'upload-offset': '' })).status).toBe(403);
    expect((await client.append(address, 5, 'world', { 'tus-resumable': '' })).status).toBe(412);
    expect((await client.append(address, 5, 'world', { 'tus-resumable': '0.2.2' })).status).toBe(400);
    expect((await client.look(address)).headers['upload-offset']).toBe('5');
    await client.append(address, 5, 'world');
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('helloworld');
  });

  it('store nothing of a body that is longer than was announced, told or not', async () => {
    const told = await client.create('a.txt', 3, { content: 'hello' });
    expect(told.status).toBe(413);
    const untold = await client.create('b.txt', 3, { content: 'hello', headers: { 'transfer-encoding': 'chunked' } });
    expect(untold.status).toBe(413);
    expect(left()).toEqual([]);
    const address = await client.begin('c.txt', 3);
    expect((await client.append(address, 0, 'hello', { 'transfer-encoding': 'chunked' })).status).toBe(413);
    expect((await client.look(address)).headers['upload-offset']).toBe('0');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('never parse a part of a file as a form', async () => {
    const address = await client.begin('a.json', 9);
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await client.append(address, 0, '{"a": 1', { 'content-type': type })).status).toBe(400);
    }
    const answer = await client.create('b.txt', 7, { content: '{"a": 1', headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(201);
    expect((await client.look(answer.location!)).headers['upload-offset']).toBe('0');
  });

  it('are refused when they are not what the client announced', async () => {
    const before = (await used()).reserved;
    const right = createHash('sha256').update('hello').digest('hex');
    const good = await client.create('good.txt', 5, { content: 'hello', metadata: { sha256: right } });
    expect(good.headers['upload-outcome']).toBe('stored');
    const bad = await client.create('bad.txt', 5, { content: 'hallo', metadata: { checksum: right } });
    expect([bad.status, refusal(bad)]).toEqual([422, 'uploads.checksumWrong']);
    expect(readdirSync(folder)).toEqual(['good.txt']);
    expect(left()).toEqual([]);
    expect((await used()).reserved).toEqual(before);
  });

  it('end when their client says so, and give their room back', async () => {
    const before = await used();
    const address = await client.begin('a.txt', 1000);
    await client.append(address, 0, 'hello');
    const { bytes, files } = before.reserved;
    expect((await used()).reserved).toEqual({ bytes: bytes + 1000, files: files + 1 });
    expect((await client.end(address)).status).toBe(204);
    expect((await client.look(address)).status).toBe(404);
    expect((await client.append(address, 5, 'x')).status).toBe(404);
    expect((await client.end(address)).status).toBe(404);
    expect(left()).toEqual([]);
    expect(await used()).toMatchObject({ reserved: before.reserved, used: before.used });
  });

  it('keep their file when a client ends them after it has arrived', async () => {
    const before = await used();
    const { location } = await client.create('a.txt', 5, { content: 'hello' });
    expect((await client.end(location!)).status).toBe(409);
    expect(readdirSync(folder)).toEqual(['a.txt']);
    const after = await used();
    expect(after.used).toEqual({ bytes: before.used.bytes + 5, files: before.used.files + 1 });
    expect(after.reserved).toEqual(before.reserved);
  });

  it.each(['..%2f..%2fx', '%00', '%2e%2e', 'x.json', '..', 'x%5cy', '%', 'not-an-id', '00000000-0000-0000-0000-000000000000', '%c0%af'])(
    'have no upload named %j',
    async (id) => {
      for (const method of ['HEAD', 'PATCH', 'DELETE', 'GET']) {
        const headers = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
        const { status } = await client.ask(`${client.endpoint}/${id}`, method, undefined, headers);
        expect([400, 404]).toContain(status);
      }
    },
  );

  it('are nobody else\u2019s: not another person\u2019s, not an administrator\u2019s, not another project\u2019s, not a download', async () => {
    const address = await client.begin('a.txt', 10);
    await client.append(address, 0, 'hello');
    const id = address.split('/').at(-1)!;
    const stranger = web.browser();
    await stranger.signUp();
    const own = await createProject(web, stranger, 'Own');
    const second = await createProject(web, browser, `Second ${count}`);
    const theirs = new TusClient(stranger, project.id);
    const attempts: [TusClient, string][] = [
      [theirs, address],
      [new TusClient(stranger, own.id), `/projects/${own.id}/uploads/${id}`],
      [new TusClient(browser, second.id), `/projects/${second.id}/uploads/${id}`],
    ];
    for (const [other, place] of attempts) {
      expect((await other.look(place)).status).toBe(404);
      expect((await other.append(place, 5, 'world')).status).toBe(404);
      expect((await other.end(place)).status).toBe(404);
      expect((await other.ask(place, 'GET')).status).toBe(404);
    }
    expect((await theirs.create('x', 1)).status).toBe(404);
    expect((await client.ask(address, 'GET')).status).toBe(404);
    expect((await client.look(address)).headers['upload-offset']).toBe('5');
  });

  it('want the token of our pages and their origin, and say nothing to other sites', async () => {
    const wrong: Record<string, string>[] = [
      { 'x-csrf-token': 'wrong' },
      { 'x-csrf-token': '' },
      { origin: 'http://evil.test' },
      { origin: 'null' },
    ];
    for (const headers of wrong) {
      expect((await client.create('a.txt', 1, { headers })).status).toBe(403);
    }
    const evil = { origin: 'http://evil.test', 'access-control-request-method': 'POST' };
    const asked = await browser.send(client.endpoint, { method: 'OPTIONS', headers: evil });
    const answers = [asked, await client.create('a.txt', 1), await client.create('a.txt', '-1')];
    for (const { headers } of answers) expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(asked.headers['tus-extension']).toBe('creation,creation-with-upload,expiration,termination');
    const nobody = new TusClient(web.browser(), project.id);
    expect((await web.browser().send(client.endpoint, { method: 'POST', headers: { 'tus-resumable': '1.0.0' } })).status).toBe(401);
    expect(nobody.endpoint).toBe(client.endpoint);
  });

  it('never write through a link', async () => {
    symlinkSync(web.database.folder, join(folder, 'out'));
    symlinkSync(join(web.database.folder, 'planted'), join(folder, 'link.txt'));
    const into = await client.create('x.txt', 1, { content: 'x', metadata: { relativePath: 'out/x.txt' } });
    expect(into.status).toBe(409);
    const onto = await client.create('link.txt', 1, { content: 'x', metadata: { onConflict: 'keepBoth' } });
    expect(onto.headers['upload-stored-as']).toBe(encodeURIComponent('link (2).txt'));
    expect(existsSync(join(web.database.folder, 'planted'))).toBe(false);
    expect(existsSync(join(web.database.folder, 'x.txt'))).toBe(false);
  });

  it('know no names of fields but their own', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const raw = `${encodeMetadata({ filename: `${name}.txt` })},${name} ${Buffer.from('x').toString('base64')}`;
      expect([201, 400]).toContain((await client.create('', 1, { content: 'x', headers: { 'upload-metadata': raw } })).status);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
