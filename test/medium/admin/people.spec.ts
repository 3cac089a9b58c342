import { DataSource } from 'typeorm';
import { AuditTrail } from '../../../src/common/audit/audit-trail';
import { AuditRepository } from '../../../src/common/audit/audit.repository';
import { GroupsRepository } from '../../../src/common/groups/groups.repository';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { Quotas } from '../../../src/common/quotas/quotas';
import { Space } from '../../../src/common/space/space';
import { User } from '../../../src/common/users/user.entity';
import { aNewRun } from '../../factories';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { aRunner } from '../queue/queue-stage';

describe('people, as administrators see them', () => {
  let web: TestWebApp;
  let admin: TestBrowser;
  let mira: TestBrowser;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    web = await startTestWebApp({ ADMIN_EMAILS: 'root@example.org', USER_SPACE: '20 GB', RUNS_PER_PERSON: '5' });
    admin = web.browser();
    await admin.signUp('root@example.org');
    mira = web.browser();
    await mira.signUp('mira@example.org');
    await web.browser().signUp('otto_100%@example.org');
    await web.browser().enterAsGuest();
    for (const { id, email } of await users().find()) ids.set(email ?? 'guest', id);
  });
  afterAll(() => web?.close());

  const users = () => web.app.get(DataSource).getRepository(User);
  const user = (email: string) => users().findOneByOrFail({ email });
  const of = (email: string) => `/admin/people/${ids.get(email)}`;
  const words = (html: string) =>
    html
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  const look = async (path: string) => words(mainOf(await admin.get(path)));
  const press = (email: string, what: string, form: Record<string, string> = {}) =>
    admin.postForm(`${of(email)}/${what}`, form, { page: of(email) });
  const latest = async () => {
    await web.app.get(AuditTrail).settled();
    return (await web.app.get(AuditRepository).list({}, null, 1))[0];
  };

  it('are found by words, as they are typed, and by what they are', async () => {
    expect(await look('/admin/people')).toContain('3 people');
    expect(await look('/admin/people?q=MIRA')).toMatch(/1 person.*mira@example\.org/);
    expect(await look('/admin/people?q=100%25')).toContain('otto_100%@example.org');
    expect(await look('/admin/people?q=%25%25')).toContain('Nobody is found here');
    // Letters of every language, small or capital, composed or not.
    await users().update({ email: 'mira@example.org' }, { displayName: 'Änne ÖKONOM Ёлка' });
    for (const word of ['änne', 'ÄNNE', 'A\u0308nne', 'ökonom', 'ёлк'])
      expect([word, await look(`/admin/people?q=${encodeURIComponent(word)}`)]).toEqual([
        word,
        expect.stringMatching(/1 person.*mira@example\.org/),
      ]);
    await users().update({ email: 'mira@example.org' }, { displayName: 'mira' });
    expect(await look('/admin/people?who=administrators')).toMatch(/1 person.*root@example\.org Administrator/);
    expect(await look('/admin/people?who=guests&sort=space')).toMatch(/1 person .*Guest/);
    for (const who of ['unconfirmed', 'suspended', 'leaving', 'demo', 'external'])
      for (const sort of ['seen', 'created', 'name', 'space'])
        expect((await admin.get(`/admin/people?who=${who}&sort=${sort}`)).status).toBe(200);
    expect((await admin.get('/admin/people/nobody')).status).toBe(404);
  });

  it('become administrators and ordinary people again, never the last one, nor oneself', async () => {
    expect((await press('mira@example.org', 'administrator')).status).toBe(303);
    expect((await user('mira@example.org')).isAdmin).toBe(true);
    expect((await mira.get('/admin')).status).toBe(200);
    expect((await press('root@example.org', 'no-administrator')).status).toBe(409);
    expect((await press('mira@example.org', 'no-administrator')).status).toBe(303);
    expect((await mira.get('/admin')).status).toBe(403);
    expect(await latest()).toMatchObject({ action: 'person.unmake-administrator', objectName: 'mira', outcome: 'done' });
    for (const what of ['suspend', 'delete', 'sessions/end'])
      expect([what, (await press('root@example.org', what, { why: 'x', sure: 'yes' })).status]).toEqual([what, 409]);
  });

  it('are kept out with a reason: sessions end, waiting runs are cancelled, others go on, and the log-in says why', async () => {
    const store = web.app.get(QueueStore);
    const ownerId = ids.get('mira@example.org')!;
    const project = await web.app.get(ProjectCreation).create(ownerId, 'Spleen');
    const run = { ownerId, projectId: project.id };
    const { runId: first } = await store.enqueue(aNewRun(run));
    const runner = aRunner('dgx');
    await store.registerRunner(runner);
    await store.claim(runner, 1);
    const { runId: second } = await store.enqueue(aNewRun(run));
    const shares = `/projects/${project.id}/shares`;
    const shared = await mira.postForm(shares, { days: '7', note: '' }, { page: shares });
    const link = /\/shared\/[\w-]{43}/.exec(shared.body)?.[0] ?? 'none';
    const reader = web.browser();
    const opened = (await reader.get(link)).location ?? 'none';
    expect((await reader.get(opened)).status).toBe(200);
    const unsaid = await press('mira@example.org', 'suspend', { why: ' ' });
    expect([unsaid.status, words(mainOf(unsaid))]).toEqual([422, expect.stringContaining('Write down why')]);
    expect((await press('mira@example.org', 'suspend', { why: 'Left the institute.' })).status).toBe(303);
    expect(await look(of('mira@example.org'))).toMatch(/1 waiting run cancelled, 1 goes on.*Suspended just now \. Left the institute\./);
    expect((await web.app.get(RunsRepository).find(second))?.state).toBe('cancelled');
    expect((await mira.get('/projects')).location).toMatch(/^\/login/);
    expect((await reader.get(opened)).status).not.toBe(200);
    expect((await web.browser().get(link)).status).toBe(404);
    const refused = await web.browser().postForm('/login', { email: 'mira@example.org', password: 'a few good words' });
    expect([refused.status, mainOf(refused)]).toEqual([422, expect.stringContaining('This account is suspended: Left the institute.')]);
    expect((await press('mira@example.org', 'administrator')).status).toBe(409);
    expect((await press('mira@example.org', 'unsuspend')).status).toBe(303);
    expect((await reader.get(opened)).status).toBe(200);
    expect((await web.browser().postForm('/login', { email: 'mira@example.org', password: 'a few good words' })).status).toBe(303);
    await store.requestCancel(first, 'Tidy.');
  });

  it('have limits of their own, written as people write them, above those of their groups and of the site', async () => {
    const space = web.app.get(Space);
    const quotas = web.app.get(Quotas);
    const person = await user('mira@example.org');
    const groups = web.app.get(GroupsRepository, { strict: false });
    for (const [id, bytes] of [
      ['11111111-1111-4111-8111-111111111111', '50 GB'],
      ['22222222-2222-4222-8222-222222222222', '80 GB'],
    ]) {
      await groups.add({ id, name: `Group ${bytes}`, description: '', source: 'local' });
      await groups.addMember(id, person.id);
      expect((await admin.postForm(`/admin/groups/${id}/limits`, { bytes, runsAtOnce: '3' }, { page: '/admin/people' })).status).toBe(303);
    }
    expect((await space.allowanceOf(person)).bytes).toBe(80e9);
    const wrong = await press('mira@example.org', 'quotas', { bytes: 'much', projects: '7' });
    expect([wrong.status, wrong.body]).toEqual([422, expect.stringMatching(/value="much"[^]*Write a size[^]*value="7"/)]);
    const nothing = await press('mira@example.org', 'quotas', { bytes: '0 GB', runsAtOnce: '0' });
    expect([nothing.status, nothing.body.split('Write 1 or more, or “none”').length - 1]).toEqual([422, 2]);
    expect((await space.allowanceOf(person)).bytes).toBe(80e9);
    expect((await press('mira@example.org', 'quotas', { bytes: '1.5 TB', files: 'none', runsAtOnce: '1' })).status).toBe(303);
    expect(await space.allowanceOf(person)).toMatchObject({ bytes: 1.5e12, files: null });
    expect((await quotas.runLimits()).ofOwners?.get(person.id)).toBe(1);
    expect((await admin.get(of('mira@example.org'))).body).toMatch(/value="1.5 TB"[^]*?If empty: 80(\.0)? GB/);
    expect(await latest()).toMatchObject({
      action: 'person.set-limits',
      details: expect.stringContaining('"bytes":1500000000000') as string,
    });
    expect((await press('mira@example.org', 'quotas', {})).status).toBe(303);
    expect((await space.allowanceOf(person)).bytes).toBe(80e9);
    expect((await space.allowanceOf(await user('root@example.org'))).bytes).toBeNull();
  });

  it('get links, are confirmed, deleted with the usual days, and kept', async () => {
    const reset = await press('otto_100%@example.org', 'reset-link');
    expect([reset.status, reset.body]).toEqual([200, expect.stringMatching(/value="http[^"]*\/link\/[\w-]+"/)]);
    expect((await press('otto_100%@example.org', 'confirm')).status).toBe(303);
    expect((await user('otto_100%@example.org')).confirmedMs).not.toBeNull();
    expect((await press('otto_100%@example.org', 'delete')).status).toBe(422);
    expect((await press('otto_100%@example.org', 'delete', { sure: 'yes' })).status).toBe(303);
    expect(await look(of('otto_100%@example.org'))).toMatch(/is deleted with all that is in it within 7 days/);
    expect((await press('otto_100%@example.org', 'keep')).status).toBe(303);
    expect((await user('otto_100%@example.org')).leavingMs).toBeNull();
    expect((await press('guest', 'delete', { sure: 'yes' })).status).toBe(409);
  });

  it('and what they did and use is read on pages, and leaves as files that no spreadsheet takes for formulas', async () => {
    mira = web.browser();
    await mira.postForm('/login', { email: 'mira@example.org', password: 'a few good words' });
    await mira.postForm('/projects', { name: '=1+1' }, { page: '/projects' });
    await web.app.get(AuditTrail).settled();
    const page = await look('/admin/audit?person=mira%40example.org&action=project.');
    expect(page).toMatch(/Created a project &#x3D;1\+1 project/);
    expect(page).not.toContain('Logged in');
    const csv = await admin.get('/admin/audit/export?format=csv&action=project.create');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.body).toMatch(/^time,actor,.*\r\n[^\r]*,mira,[^\r]*,project\.create,done,project,[^\r]*,'=1\+1,/);
    const lines = (await admin.get('/admin/audit/export?format=jsonl')).body.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { action: string }).action)).toContain('person.suspend');
    await web.app.get(Space).measure(ids.get('mira@example.org')!);
    expect(await look('/admin/disk')).toMatch(/Disks .* used, .* free .*\d owners?/);
    expect((await admin.get('/admin/disk/export')).body).toMatch(/^owner_id,name,email,bytes,files,measured\r\n/);
  });
});
