import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ProjectMembersRepository } from '../../../src/common/members/project-members.repository';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { ApiClient, programOf, type ApiAnswer } from '../../api-client';
import { until } from '../../until';
import { writeZip } from '../../zip-writer';
import type { ShowStage } from '../show/show-stage';
import { openApiWorld } from './api-world';

const TUS = { 'tus-resumable': '1.0.0' };

describe('projects and files of programs', () => {
  let stage: ShowStage;
  let email: string;
  let close: () => Promise<void>;
  let inbox: string;
  let program: ApiClient;

  beforeAll(async () => {
    inbox = mkdtempSync(join(tmpdir(), 'showrunner-inbox-'));
    ({ stage, email, close } = await openApiWorld({ ADMIN_EMAILS: 'administrator@example.org', TOKEN_DAYS: '60', INBOX_DIR: inbox }));
    program = await programOf(stage.web, email);
  });
  afterAll(async () => {
    await close?.();
    rmSync(inbox, { recursive: true, force: true });
  });

  const of = () => `/projects/${stage.project.id}`;
  const folder = () => join(stage.web.database.config.filesRoot, stage.project.ownerId, stage.project.id);
  const put = (path: string, content: string | Buffer) => {
    mkdirSync(join(folder(), path, '..'), { recursive: true });
    writeFileSync(join(folder(), path), content);
  };
  const names = ({ json }: ApiAnswer) => (json as { items: { path: string }[] }).items.map(({ path }) => path);

  it('begin with an address and a password, under the limits and with the words of the log-in', async () => {
    const nobody = new ApiClient(stage.web.port, null);
    const order = { email: 'ada@example.org', password: 'a few good words', name: 'Notebook' };
    await stage.web.browser().signUp(order.email, order.password);
    const made = await nobody.post('/tokens', order);
    expect([made.status, made.json]).toEqual([201, expect.objectContaining({ key: expect.stringMatching(/^srn_/) as string })]);
    const { key, token } = made.json as { key: string; token: { expiresAt: string; createdAt: string; scopes: string[] } };
    expect([token.scopes, Date.parse(token.expiresAt) - Date.parse(token.createdAt)]).toEqual([['read', 'files', 'run'], 60 * 86_400_000]);
    const ada = new ApiClient(stage.web.port, key);
    expect((await ada.get('/account')).json).toMatchObject({
      email: order.email,
      isAdministrator: false,
      token: { name: 'Notebook', isCurrent: true },
    });
    await stage.web.app.get(AuditTrail).settled();
    const [deed] = await stage.web.app.get(AuditRepository).list({}, null, 1);
    expect(deed).toMatchObject({ action: 'token.make', outcome: 'done', actorId: (await userOf(order.email)).id });
    expect((await nobody.post('/tokens', { ...order, scopes: ['admin'] })).json).toMatchObject({
      status: 422,
      errors: [{ field: 'scopes' }],
    });
    expect((await nobody.post('/tokens', { ...order, days: 61 })).json).toMatchObject({
      errors: [{ field: 'days', message: expect.stringContaining('1 to 60') as string }],
    });
    const wrong = { ...order, password: 'quite other words' };
    const tries = [];
    for (let n = 0; n < 6; n += 1) tries.push((await nobody.post('/tokens', wrong)).status);
    expect(tries).toEqual([422, 422, 422, 422, 422, 429]);
    expect((await ada.ask('DELETE', '/tokens/current')).status).toBe(204);
    expect((await ada.get('/account')).status).toBe(401);
  });

  const userOf = async (address: string) => (await stage.web.app.get(UsersRepository).findByEmail(address))!;

  it('change what their person is called and hears of, and give nobody a way in', async () => {
    const person = await stage.web.browser().signUp();
    const ana = await programOf(stage.web, person.email);
    const change = (body: object) => ana.ask('PATCH', '/account', { body });
    const changed = await change({ displayName: ' Ana Ruiz  ', deletionMails: false });
    expect([changed.status, changed.json]).toMatchObject([200, { displayName: 'Ana Ruiz', deletionMails: false, email: person.email }]);
    expect((await ana.get('/account')).json).toMatchObject({ displayName: 'Ana Ruiz', deletionMails: false });
    expect((await change({ deletionMails: true })).json).toMatchObject({ displayName: 'Ana Ruiz', deletionMails: true });
    const refused = await change({ displayName: ' ', deletionMails: false });
    expect([refused.status, refused.json]).toMatchObject([422, { errors: [{ field: 'displayName' }] }]);
    expect((await change({})).json).toMatchObject({ status: 400, code: 'api.nothingToChange' });
    expect((await change({ email: 'eve@example.org' })).status).toBe(422);
    expect((await change({ password: 'a few good words' })).status).toBe(422);
    // What was refused has left all as it was.
    expect((await ana.get('/account')).json).toMatchObject({ displayName: 'Ana Ruiz', deletionMails: true, email: person.email });
    const { id } = (await stage.web.app.get(UsersRepository).findByEmail(person.email))!;
    await stage.web.app.get(AuditTrail).settled();
    const entries = await stage.web.app.get(AuditRepository).list({ actor: { id } }, null, 50);
    const deeds = entries.map(({ action }) => action).filter((action) => /rename|mails|account\.change/.test(action));
    expect(deeds).toEqual(['account.choose-mails', 'account.choose-mails', 'account.rename']);
  });

  it('are told what uses the space of their person, and have it measured', async () => {
    put('large.bin', Buffer.alloc(70_000));
    const measured = await program.post('/account/space/measure');
    expect(measured.status).toBe(200);
    const { used, projects, measuredAt } = measured.json as {
      used: { bytes: number; files: number };
      projects: { id: string; bytes: number; files: { bytes: number } }[];
      measuredAt: string;
    };
    expect(used.bytes).toBeGreaterThanOrEqual(70_000);
    expect(projects.find(({ id }) => id === stage.project.id)!.files.bytes).toBeGreaterThanOrEqual(70_000);
    expect(Date.parse(measuredAt)).toBeGreaterThan(0);
    expect((await program.get('/account/space')).json).toMatchObject({ used, runs: [] });
    expect((await program.get(`${of()}/space`)).json).toMatchObject({ used });
    const stranger = await programOf(stage.web, (await stage.web.browser().signUp()).email);
    expect((await stranger.get('/account/space')).json).toMatchObject({ projects: [], used: { bytes: 0 } });
    rmSync(join(folder(), 'large.bin'));
  });

  it('make, find, rename and delete projects', async () => {
    const made = await program.post('/projects', { name: ' Spleen ' });
    const { id } = made.json as { id: string };
    expect([made.status, made.headers.location, made.json]).toEqual([
      201,
      `/api/v1/projects/${id}`,
      expect.objectContaining({ name: 'Spleen', role: 'owner' }),
    ]);
    expect((await program.post('/projects', { name: 'Spleen' })).json).toMatchObject({ status: 422, errors: [{ field: 'name' }] });
    expect((await program.post('/projects', { name: 'x', color: 'red' })).status).toBe(422);
    const first = (await program.get('/projects?limit=1')).json as { items: { id: string }[]; next: string };
    const second = (await program.get(`/projects?limit=1&after=${first.next}`)).json as { items: { id: string }[]; next: null };
    expect(new Set([first.items[0].id, second.items[0].id])).toEqual(new Set([id, stage.project.id]));
    expect(second.next).toBeNull();
    expect((await program.get('/projects?name=SPLEEN')).json).toMatchObject({ items: [{ id }] });
    expect((await program.ask('PATCH', `/projects/${id}`, { body: { name: 'Spleen 2' } })).json).toMatchObject({ name: 'Spleen 2' });
    expect((await program.ask('DELETE', `/projects/${id}?typed=Spleen`)).json).toMatchObject({ errors: [{ field: 'typed' }] });
    expect((await program.ask('DELETE', `/projects/${id}?typed=Spleen%202`)).status).toBe(204);
    expect((await program.get(`/projects/${id}`)).status).toBe(404);
    const guest = await stage.web.browser().signUp();
    const theirs = await programOf(stage.web, guest.email);
    const member = { id: 'm-1', projectId: stage.project.id, kind: 'person' as const, label: guest.email, role: 'read' as const };
    await stage.web.app.get(ProjectMembersRepository, { strict: false }).add({ ...member, subject: (await userOf(guest.email)).id });
    expect((await theirs.get('/projects')).json).toMatchObject({ items: [{ id: stage.project.id, role: 'read' }], next: null });
    const { id: own } = (await theirs.post('/projects', { name: 'Of my own' })).json as { id: string };
    const parts: object[] = [];
    for (let after = ''; after !== 'end';) {
      const part = (await theirs.get(`/projects?limit=1${after}`)).json as { items: object[]; next: string | null };
      parts.push(part.items);
      after = part.next === null ? 'end' : `&after=${part.next}`;
    }
    expect(parts).toMatchObject([[{ id: own, role: 'owner' }], [{ id: stage.project.id, role: 'read' }]]);
    expect((await theirs.get('/projects?name=of%20MY')).json).toMatchObject({ items: [{ id: own }], next: null });
    expect((await theirs.get(of())).json).toMatchObject({ role: 'read' });
  });

  it('list folders part by part, and read files whole and in parts', async () => {
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'inner/d.txt']) put(`slides/${name}`, `content of ${name}`);
    expect(names(await program.get(`${of()}/files`))).toEqual(expect.arrayContaining(['slides', 'cells.txt']));
    const first = await program.get(`${of()}/files?path=slides&limit=2`);
    expect([names(first), first.headers.link]).toEqual([['slides/inner', 'slides/a.txt'], expect.stringContaining('rel="next"')]);
    const { next } = first.json as { next: string };
    expect(names(await program.get(`${of()}/files?path=slides&limit=2&after=${next}`))).toEqual(['slides/b.txt', 'slides/c.txt']);
    expect((await program.get(`${of()}/files?path=none`)).status).toBe(404);
    expect((await program.get(`${of()}/files?path=../x`)).status).toBe(422);
    const whole = await program.get(`${of()}/content/slides/a.txt`);
    expect([whole.status, whole.text]).toEqual([200, 'content of a.txt']);
    const { etag = '' } = whole.headers;
    expect((await program.get(`${of()}/content/slides/a.txt`, { 'if-none-match': etag })).status).toBe(304);
    const part = await program.get(`${of()}/content/slides/a.txt`, { range: 'bytes=11-', 'if-range': etag });
    expect([part.status, part.text]).toEqual([206, 'a.txt']);
    expect((await program.ask('HEAD', `${of()}/content/slides/a.txt`)).headers['content-length']).toBe('16');
    for (const path of ['%2e%2e/x', '..%2fx', 'slides', 'none'])
      expect((await program.get(`${of()}/content/${path}`)).status).toBeGreaterThanOrEqual(400);
  });

  it('look into the inbox, and bring files of it into a project as copies, moves and links', async () => {
    mkdirSync(join(inbox, 'plate-9'));
    for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(inbox, 'plate-9', name), `scan ${name}`);
    const listed = await program.get(`${of()}/inbox?path=plate-9&limit=2`);
    expect([names(listed), listed.json]).toEqual([
      ['plate-9/a.txt', 'plate-9/b.txt'],
      expect.objectContaining({ from: 'inbox', parts: ['inbox'], total: 3, next: expect.any(String) as string }),
    ]);
    await program.post(`${of()}/folders`, { path: 'brought' });
    const linked = await program.post(`${of()}/inbox`, { paths: ['plate-9/a.txt'], to: 'brought', how: 'link' });
    expect([linked.status, linked.json]).toEqual([200, { linked: 1, leftOut: 0 }]);
    expect((await program.get(`${of()}/content/brought/a.txt`)).text).toBe('scan a.txt');
    for (const [how, name] of [
      ['copy', 'b.txt'],
      ['move', 'c.txt'],
    ]) {
      const begun = await program.post(`${of()}/inbox`, { paths: [`plate-9/${name}`], to: 'brought', how });
      expect([begun.status, begun.json]).toEqual([202, expect.objectContaining({ kind: 'import' })]);
      const { id } = begun.json as { id: string };
      await until(async () => ((await program.get(`${of()}/tasks/${id}`)).json as { state: string }).state === 'done');
      expect((await program.get(`${of()}/content/brought/${name}`)).text).toBe(`scan ${name}`);
    }
    expect(names(await program.get(`${of()}/inbox?path=plate-9`))).toEqual(['plate-9/a.txt', 'plate-9/b.txt']);
    expect((await program.post(`${of()}/inbox`, { paths: ['plate-9/none.txt'] })).status).toBe(404);
    expect((await program.post(`${of()}/inbox`, { paths: ['plate-9/a.txt'], how: 'move' })).status).toBe(409);
    expect((await program.get(`${of()}/inbox?path=../x`)).status).toBe(422);
  });

  it('make folders, rename, move, copy, delete and bring back, with the checks of the pages', async () => {
    put('in/one.txt', '1');
    put('in/two.txt', '2');
    expect((await program.post(`${of()}/folders`, { path: 'out/deep' })).json).toMatchObject({ path: 'out/deep', type: 'folder' });
    expect((await program.post(`${of()}/folders`, { path: 'out/deep' })).status).toBe(201);
    expect((await program.post(`${of()}/folders`, { path: 'out/a:b' })).status).toBe(422);
    expect((await program.post(`${of()}/folders`, { path: 'runs/x' })).status).toBe(422);
    expect((await program.post(`${of()}/files/rename`, { path: 'in/one.txt', newName: 'uno.txt' })).json).toMatchObject({
      path: 'in/uno.txt',
    });
    expect((await program.post(`${of()}/files/rename`, { path: 'in/uno.txt', newName: 'two.txt' })).json).toMatchObject({
      errors: [{ field: 'newName' }],
    });
    expect((await program.post(`${of()}/files/move`, { paths: ['in/uno.txt', 'out/deep'], to: 'in' })).json).toMatchObject({
      errors: [{ field: 'paths' }],
    });
    expect((await program.post(`${of()}/files/move`, { paths: ['in/uno.txt'], to: 'out' })).json).toEqual({
      placed: ['out/uno.txt'],
      leftOut: 0,
    });
    put('in/uno.txt', 'another');
    const taken = await program.post(`${of()}/files/copy`, { paths: ['in/uno.txt', 'in/two.txt'], to: 'out' });
    expect([taken.status, taken.json]).toEqual([
      409,
      expect.objectContaining({ code: 'apiFiles.namesTaken', detail: expect.stringContaining('uno.txt') as string }),
    ]);
    expect((await program.post(`${of()}/files/copy`, { paths: ['in/uno.txt', 'in/two.txt'], to: 'out', onConflict: 'skip' })).json).toEqual(
      { placed: ['out/two.txt'], leftOut: 0 },
    );
    expect((await program.post(`${of()}/files/move`, { paths: ['in/uno.txt'], to: 'out', onConflict: 'keepBoth' })).json).toEqual({
      placed: ['out/uno (2).txt'],
      leftOut: 0,
    });
    const gone = await program.post(`${of()}/files/delete`, { paths: ['out'] });
    expect(gone.json).toMatchObject({ count: 1 });
    expect((await program.get(`${of()}/files?path=out`)).status).toBe(404);
    const { deletion } = gone.json as { deletion: string };
    expect((await program.post(`${of()}/files/restore`, { deletion })).json).toEqual({ folder: '', names: ['out'] });
    expect(names(await program.get(`${of()}/files?path=out`))).toHaveLength(4);
  });

  it('upload by the protocol of the pages: announced, sent in parts, gone on with, and stored', async () => {
    const content = randomBytes(5000);
    const metadata = `filename ${Buffer.from('large.bin').toString('base64')},folder ${Buffer.from('slides').toString('base64')}`;
    const begun = await program.ask('POST', `${of()}/uploads`, {
      headers: { ...TUS, 'upload-length': '5000', 'upload-metadata': metadata },
    });
    expect([begun.status, begun.headers.location]).toEqual([201, expect.stringContaining(`/api/v1/projects/${stage.project.id}/uploads/`)]);
    const address = begun.headers.location!.replace('/api/v1', '');
    const send = (from: number, to: number) =>
      program.ask('PATCH', address, {
        raw: content.subarray(from, to),
        headers: { ...TUS, 'upload-offset': String(from), 'content-type': 'application/offset+octet-stream' },
      });
    expect((await send(0, 2000)).headers['upload-offset']).toBe('2000');
    expect((await send(1000, 2000)).json).toMatchObject({ status: 409 });
    expect((await program.get(`${of()}/uploads`)).json).toMatchObject({
      items: [{ path: 'slides/large.bin', size: 5000, received: 2000 }],
    });
    expect((await program.ask('HEAD', address, { headers: TUS })).headers['upload-offset']).toBe('2000');
    expect((await (await programOf(stage.web, email, ['read'])).ask('HEAD', address, { headers: TUS })).status).toBe(403);
    const last = await send(2000, 5000);
    expect([last.status, last.headers['upload-stored-as']]).toEqual([204, encodeURIComponent('slides/large.bin')]);
    expect(readFileSync(join(folder(), 'slides/large.bin')).equals(content)).toBe(true);
    const plain = await program.ask('POST', `${of()}/uploads`, { headers: { 'upload-length': '1' } });
    expect([plain.status, plain.headers['content-type']]).toEqual([412, 'application/problem+json; charset=utf-8']);
    const again = await program.ask('POST', `${of()}/uploads`, {
      headers: { ...TUS, 'upload-length': '5000', 'upload-metadata': metadata },
    });
    expect(again.json).toMatchObject({ status: 409, code: 'uploads.exists' });
  });

  it('do what administrators do, with a token that is made for it', async () => {
    await stage.web.browser().signUp('administrator@example.org');
    const admin = await programOf(stage.web, 'administrator@example.org', ['admin']);
    const person = (await userOf((await stage.web.browser().signUp()).email)).id;
    expect((await admin.get('/admin/people?limit=1')).json).toMatchObject({
      items: [expect.any(Object)],
      next: expect.any(String) as string,
    });
    const kept = await admin.ask('PATCH', `/admin/people/${person}`, { body: { suspended: { why: 'a test' } } });
    expect(kept.json).toMatchObject({ id: person, suspendedWhy: 'a test', isAdministrator: false });
    expect((await admin.ask('PATCH', `/admin/people/${person}`, { body: { suspended: { why: ' ' } } })).json).toMatchObject({
      errors: [{ field: 'suspended.why' }],
    });
    expect((await admin.ask('PATCH', `/admin/people/${person}`, { body: { suspended: false, isAdministrator: true } })).json).toMatchObject(
      {
        suspendedAt: null,
        isAdministrator: true,
      },
    );
    const self = (await userOf('administrator@example.org')).id;
    expect((await admin.ask('PATCH', `/admin/people/${self}`, { body: { isAdministrator: false } })).status).toBe(409);
    const run = await stage.queued({ pipelineId: 'blur' });
    expect((await admin.post('/admin/queue/steer', { steering: 'hold', runs: [run, 999_999] })).json).toMatchObject({
      done: [run],
      left: [{ runId: 999_999 }],
    });
    expect((await admin.post('/admin/queue/hold', { reason: 'backup' })).json).toEqual({ isChanged: true });
    expect((await admin.post('/admin/queue/release')).json).toEqual({ isChanged: true });
    expect((await admin.post('/admin/queue/place', { run, side: 'before', other: 999_999 })).status).toBe(409);
    expect((await admin.ask('PATCH', '/admin/pipelines/blur', { body: { isOff: true, note: 'soon' } })).status).toBe(204);
    expect((await program.get('/pipelines/blur')).json).toMatchObject({ isOn: false, offNote: 'soon' });
    expect((await admin.ask('PATCH', '/admin/pipelines/blur', { body: { isOff: false, access: ['nobody here'] } })).status).toBe(422);
    expect((await admin.ask('PATCH', '/admin/runners/none', { body: { mode: 'paused' } })).status).toBe(404);
    await stage.web.app.get(AuditTrail).settled();
    const { items } = (await admin.get('/admin/audit?action=queue.hold')).json as { items: object[] };
    expect(items).toMatchObject([
      { action: 'queue.hold', outcome: 'done', details: { reason: 'backup', token: expect.stringMatching(/^srn_/) as string } },
    ]);
  });

  it('lie in a trash that is looked at and emptied', async () => {
    for (const name of ['one.txt', 'two.txt', 'three.txt']) {
      put(`gone/${name}`, name);
      expect((await program.post(`${of()}/files/delete`, { paths: [`gone/${name}`] })).status).toBe(200);
    }
    type Trash = { items: { id: string; names: string[] }[]; next: string | null };
    const first = (await program.get(`${of()}/trash?limit=2`)).json as Trash;
    expect(first.items).toMatchObject([
      { folder: 'gone', names: [expect.stringMatching(/txt$/)], count: 1, files: 1, isComplete: true },
      { folder: 'gone' },
    ]);
    const { id } = first.items[0];
    expect((await program.ask('DELETE', `${of()}/trash/${id}`)).status).toBe(204);
    expect((await program.ask('DELETE', `${of()}/trash/${id}`)).json).toMatchObject({ status: 404, code: 'projects.undoTooLate' });
    expect((await program.post(`${of()}/files/restore`, { deletion: id })).status).toBe(404);
    const { items } = (await program.get(`${of()}/trash?sort=size`)).json as Trash;
    expect(items.map((one) => one.id)).not.toContain(id);
    expect((await program.ask('DELETE', `${of()}/trash`)).json).toEqual({ count: items.length });
    expect((await program.get(`${of()}/trash`)).json).toEqual({ items: [], next: null });
  });

  it('are packed into archives while they are sent, and archives are unpacked by jobs that can be looked at', async () => {
    put('plate/a.txt', 'one');
    put('plate/b.txt', 'two');
    const whole = await program.get(`${of()}/zip?path=plate`);
    expect([whole.status, whole.headers['content-type'], whole.text.slice(0, 2)]).toEqual([200, 'application/zip', 'PK']);
    expect(whole.text).toContain('plate/b.txt');
    const some = await program.post(`${of()}/zip`, { paths: ['plate/a.txt'] });
    expect([some.status, some.text.includes('a.txt'), some.text.includes('b.txt')]).toEqual([200, true, false]);
    expect((await program.get(`${of()}/zip?path=nowhere`)).status).toBe(404);
    expect((await program.post(`${of()}/zip`, { paths: ['plate/a.txt', 'cells.txt'] })).status).toBe(422);
    // The checksums are not known yet: the archive says that it does not come part by part, and comes whole.
    const asked = await program.get(`${of()}/zip?path=plate`, { range: 'bytes=0-1' });
    expect([asked.status, asked.headers['accept-ranges'], asked.headers.etag, asked.text]).toEqual([200, 'none', undefined, whole.text]);
    const sums: { sha256: string; crc32: string }[] = [];
    for (const path of ['plate/a.txt', 'plate/b.txt']) sums.push((await program.post(`${of()}/files/checksum`, { path })).json);
    expect(sums[0]).toMatchObject({
      sha256: createHash('sha256').update('one').digest('hex'),
      crc32: crc32('one').toString(16).padStart(8, '0'),
      isUnderWay: false,
    });
    expect((await program.get(`${of()}/checksums/plate/a.txt`)).json).toEqual(sums[0]);
    expect((await program.get(`${of()}/checksums/cells.txt`)).json).toMatchObject({ sha256: null, isUnderWay: false, failure: '' });
    expect((await program.get(`${of()}/checksums?path=plate&limit=1`)).json).toMatchObject({
      items: [{ path: 'plate/a.txt', sha256: sums[0].sha256, crc32: sums[0].crc32 }],
    });
    expect((await program.get(`${of()}/checksums/plate`)).status).toBe(404);
    const { headers, text } = await program.get(`${of()}/zip?path=plate`);
    const etag = String(headers.etag);
    const rest = await program.get(`${of()}/zip?path=plate`, { range: 'bytes=2-', 'if-range': etag });
    expect([rest.status, rest.headers['accept-ranges'], rest.text]).toEqual([206, 'bytes', text.slice(2)]);
    const beyond = await program.get(`${of()}/zip?path=plate`, { range: 'bytes=999999-' });
    const same = await program.get(`${of()}/zip?path=plate`, { 'if-none-match': etag });
    const other = await program.get(`${of()}/zip?path=plate`, { 'if-match': '"other"' });
    expect([beyond.status, same.status, other.status]).toEqual([416, 304, 412]);
    put('plate.zip', writeZip([{ name: 'a.txt', content: 'one' }]));
    const started = await program.post(`${of()}/files/extract`, { path: 'plate.zip' });
    expect([started.status, started.json]).toEqual([202, expect.objectContaining({ kind: 'extract', what: 'Unpack plate.zip' })]);
    const { id } = started.json as { id: string };
    const task = async () => (await program.get(`${of()}/tasks/${id}`)).json as { state: string; sentence: string; result: string | null };
    await until(async () => (await task()).state === 'done');
    const { result } = await task();
    expect(names(await program.get(`${of()}/files?path=${encodeURIComponent(result!)}`))).toEqual([`${result}/a.txt`]);
    expect((await program.get(`${of()}/tasks`)).json).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id, state: 'done', mayCancel: false })]) as unknown,
    });
    expect((await program.post(`${of()}/tasks/${id}/cancel`)).json).toMatchObject({ code: 'tasks.tooLate' });
    expect((await program.ask('DELETE', `${of()}/tasks/${id}`)).status).toBe(204);
    expect((await program.get(`${of()}/tasks/${id}`)).json).toMatchObject({ status: 404, code: 'tasks.gone' });
    expect((await program.post(`${of()}/files/extract`, { path: 'cells.txt' })).json).toMatchObject({ code: 'archives.notByName' });
  });
});
